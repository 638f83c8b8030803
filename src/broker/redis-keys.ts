import { PRIORITIES } from "../task/priority.ts";

/** The one consumer group of each stream of hints. */
export const GROUP = "workers";

/** Keys of one queue. All share one hash tag, so that a script may touch them together on a cluster. */
export interface QueueKeys {
  /** Streams by rank, lowest first: those of the priorities, then that of the lanes. */
  readonly streams: readonly [string, string, string, string, string];
  /** The lanes that have a hint or wait for theirs: see `redis-lanes`. */
  readonly lanes: string;
  /** A bounded list of entries that could not be read, newest first. */
  readonly quarantine: string;
}

export function queueKeys(prefix: string, queue: string): QueueKeys {
  const tag = `{${prefix}:${queue}}`;
  const streams = [
    ...PRIORITIES.map((_, rank) => `${tag}:p${rank}`),
    `${tag}:limited`,
  ] as unknown as QueueKeys["streams"];
  return { streams, lanes: `${tag}:lanes`, quarantine: `${tag}:quarantine` };
}

/** The mark that a flushed or swapped Redis lacks. */
export function epochKey(prefix: string): string {
  return `{${prefix}}:epoch`;
}
