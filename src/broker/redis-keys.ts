import { PRIORITIES } from "../task/priority.ts";

/** The one consumer group of each stream of hints. */
export const GROUP = "workers";

/** Keys of one queue. All share one hash tag, so that a script may touch them together on a cluster. */
export interface QueueKeys {
  /** Streams by rank, lowest first. */
  readonly streams: readonly [string, string, string, string];
  /** A bounded list of entries that could not be read, newest first. */
  readonly quarantine: string;
}

export function queueKeys(prefix: string, queue: string): QueueKeys {
  const tag = `{${prefix}:${queue}}`;
  const streams = PRIORITIES.map((_, rank) => `${tag}:p${rank}`) as unknown as QueueKeys["streams"];
  return { streams, quarantine: `${tag}:quarantine` };
}

/** The mark that a flushed or swapped Redis lacks. */
export function epochKey(prefix: string): string {
  return `{${prefix}}:epoch`;
}
