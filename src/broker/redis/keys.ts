import { DAY } from "../../lib/clock.ts";
import { isWorkerQueue } from "../../task/definition/names.ts";
import { PRIORITIES } from "../../task/definition/priority.ts";

/** The only consumer group of each stream. */
export const GROUP = "workers";

/**
 * Keys of one queue. They share one hash tag, so that a script may use them together on a cluster.
 */
export interface QueueKeys {
  /** Streams by rank, lowest first: one per priority, then the one of the partitions. */
  readonly streams: readonly [string, string, string, string, string];
  /**
   * Sorted set of the partitions that have a hint, or whose hint rests: see `partitions.ts`.
   */
  readonly partitions: string;
  /** Bounded list of entries that could not be parsed, newest first. */
  readonly quarantine: string;
  /** Streams expire when no hint was added for this long, in milliseconds; 0 for never. */
  readonly lifetimeMs: number;
}

/**
 * Workers start under new names, and each leaves a queue behind. When a worker was only idle, its
 * next read creates the group again. Hints that expired with the streams are repaired like lost
 * ones.
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

/** Returns the key of a mark that a flushed or replaced Redis does not have. */
export function epochKey(prefix: string): string {
  return `{${prefix}}:epoch`;
}
