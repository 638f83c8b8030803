import type { Broker } from "../../broker/broker.ts";
import type { RateLimiter } from "../../broker/rate-limiter.ts";
import type { Logger } from "../../lib/log/log.ts";
import type { ClaimedTask, Outcome } from "../../store/tasks/task-store.ts";
import type { CurrentLimits } from "./current-limits.ts";
import { scopeOf } from "./partition-room.ts";

/**
 * Opens partitions that wait for a task to end. Closes partitions whose tasks are rate-limited by a
 * service that they call.
 */
export class PartitionGates {
  /** Partitions to wake, by queue. Tasks that end in one turn of the event loop wake them once. */
  readonly #toWake = new Map<string, Set<string> | "all">();

  constructor(
    private readonly parts: {
      readonly broker: Pick<Broker, "wakePartitions">;
      readonly limiter: Pick<RateLimiter, "close">;
      readonly limits: Pick<CurrentLimits, "ofTask" | "ofQueue">;
      readonly log: Logger;
    },
  ) {}

  /** Wakes the partition of a task that is not STARTED any more, according to its row. */
  ended({ summary: { name, queue } }: ClaimedTask): void {
    const { limits } = this.parts;
    const inQueue = (limits.ofQueue(queue)?.max ?? null) !== null;
    if (!inQueue && !limits.ofTask(name)?.concurrency.length) return;
    if (this.#toWake.size === 0) setImmediate(this.#wake);
    const before = this.#toWake.get(queue);
    if (inQueue || before === "all") this.#toWake.set(queue, "all");
    else this.#toWake.set(queue, (before ?? new Set<string>()).add(name));
  }

  /**
   * Closes the partition of a snoozed task, before its outcome is recorded: no other task may start
   * because this one has ended.
   */
  async closeFor(outcome: Extract<Outcome, { kind: "snoozed" }>, name: string): Promise<void> {
    if (!outcome.closesPartition || !this.parts.limits.ofTask(name)) return;
    try {
      await this.parts.limiter.close(scopeOf(name), outcome.delayMs);
    } catch (error) {
      this.parts.log.warn("Closing a partition failed; its tasks may start too soon", {
        task: name,
        err: error,
      });
    }
  }

  #wake = (): void => {
    for (const [queue, partitions] of this.#toWake)
      this.parts.broker.wakePartitions(queue, partitions === "all" ? "all" : [...partitions]);
    this.#toWake.clear();
  };
}
