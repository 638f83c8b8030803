import type { Hint } from "../task/records/hint.ts";

/**
 * A hint that was delivered to one consumer: an object to be answered, exactly once, by `ack` or
 * `retry`.
 */
export interface Delivery extends Hint {
  /** How often this hint was returned before. */
  readonly bounces: number;
  /**
   * Removes the hint. Returns at once; answers of one turn travel together. A lost answer only
   * means a second delivery.
   */
  ack(): void;
  /**
   * Hands the hint back: it is delivered again, to any consumer, after `delayMs`. Never lost, even
   * if this process dies first. (That of a partition then comes when the partition is sent again:
   * the repair sends all that have waiting tasks.)
   */
  retry(delayMs: number): void;
}

export interface ConsumerOptions {
  /** The worker's incarnation. */
  readonly consumer: string;
  /**
   * Age at which unanswered hints of other consumers are claimed, in milliseconds.
   * @default 30_000
   */
  readonly claimIdleAfterMs?: number;
}

/** One reader of some queues. */
export interface Consumer {
  /**
   * Waits for hints and returns 1 to `max` of them, higher priorities first, but no priority waits
   * forever; returns an empty list when nothing came within the broker's block time (some seconds),
   * or once `signal` aborts. A missing queue or group is made again. Queues are named at each call,
   * so they may change. One fetch at a time.
   *
   * @throws UnavailableError when the broker does not answer; the caller backs off.
   */
  fetch(queues: readonly string[], max: number, signal: AbortSignal): Promise<Delivery[]>;
  /**
   * Hands unanswered hints back at once, sends what answers wait, leaves the group. May be called
   * twice.
   */
  close(): Promise<void>;
}

export interface BrokerHealth {
  /** `"redis"` or `"memory"`. */
  readonly kind: string;
  readonly version: string | null;
  /** Redis' `maxmemory_policy`; null where there is none. */
  readonly evictionPolicy: string | null;
  /** Null where the user of the connection may do everything that Lovage needs. */
  readonly denied: DeniedRights | null;
}

/** What a user may not do and Lovage needs, and how to allow it. */
export interface DeniedRights {
  readonly what: string;
  readonly remedy: string;
}

/**
 * Delivers hints. Holds nothing that matters: whatever it loses is sent again from the database.
 */
export interface Broker {
  connect(): Promise<void>;
  /**
   * Of each partition there is one hint, whatever is sent: where it has been delivered and not
   * answered it comes once more, and where it was returned it keeps its delay, unless one of the
   * hints wakes it.
   *
   * @throws UnavailableError soon (within about 2 s) when the broker does not answer.
   */
  send(hints: readonly Hint[]): Promise<void>;
  /**
   * Ends the delay of some partitions' hints; those that are just looked at come once more. Returns
   * at once; nothing depends on it.
   */
  wakePartitions(queue: string, partitions: readonly string[] | "all"): void;
  consumer(options: ConsumerOptions): Consumer;
  /**
   * Hints of a queue that are not yet acked, delivered ones included; without those of partitions.
   */
  depth(queue: string): Promise<number>;
  /** Forgets all undelivered hints of a queue but those of partitions. */
  purge(queue: string): Promise<void>;
  /** The mark left by `setEpoch`; null on a broker that is new, flushed or swapped. */
  epoch(): Promise<string | null>;
  setEpoch(epoch: string): Promise<void>;
  /** @throws UnavailableError */
  health(): Promise<BrokerHealth>;
  close(): Promise<void>;
}
