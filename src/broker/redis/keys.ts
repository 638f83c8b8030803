import { DAY } from "../../lib/clock.ts";
import { isWorkerQueue } from "../../task/definition/names.ts";
import { PRIORITIES } from "../../task/definition/priority.ts";

/** The one consumer group of each stream of hints. */
export const GROUP = "workers";

/** Keys of one queue. All share one hash tag, so that a script may touch them together on a cluster. */
export interface QueueKeys {
  /** Streams by rank, lowest first: those of the priorities, then that of the partitions. */
  readonly streams: readonly [string, string, string, string, string];
  /** The partitions that have a hint or wait for theirs: see `redis-partitions`. */
  readonly partitions: string;
  /** A bounded list of entries that could not be read, newest first. */
  readonly quarantine: string;
  /** Streams go when nothing came for so many milliseconds; 0 for never. */
  readonly lifetimeMs: number;
}

/**
 * Workers come and go under ever new names, and each leaves a queue behind. Where one was only idle, its group is made again at its next
 * read; hints that went with the streams are repaired like lost ones.
 */
const WORKER_QUEUE_LIFETIME_MS = DAY;

export function queueKeys(prefix: string, queue: string): QueueKeys {
  const tag = `{${prefix}:${queue}}`;
  const streams = [
    ...PRIORITIES.map((_, rank) => `${tag}:p${rank}`),
    `${tag}:limited`,
  ] as unknown as QueueKeys["streams"];
  const lifetimeMs = isWorkerQueue(queue) ? WORKER_QUEUE_LIFETIME_MS : 0;
  return { streams, partitions: `${tag}:partitions`, quarantine: `${tag}:quarantine`, lifetimeMs };
}

/** The mark that a flushed or swapped Redis lacks. */
export function epochKey(prefix: string): string {
  return `{${prefix}}:epoch`;
}
