import type { Broker } from "../../broker/broker.ts";
import type { RateLimiter } from "../../broker/rate-limiter.ts";
import type { Logger } from "../../lib/log.ts";
import type { ClaimedTask, Outcome } from "../../store/tasks/task-store.ts";
import type { CurrentLimits } from "./current-limits.ts";
import { scopeOf } from "./partition-permits.ts";

/** Opens partitions that wait for tasks to end, and closes those whose tasks were told elsewhere that there are too many of them. */
export class PartitionGates {
  /** To be woken, per queue. Tasks that end in one turn of the event loop wake them once. */
  readonly #partitions = new Map<string, Set<string> | "all">();

  constructor(
    private readonly parts: {
      readonly broker: Pick<Broker, "wakePartitions">;
      readonly limiter: Pick<RateLimiter, "close">;
      readonly limits: CurrentLimits;
      readonly log: Logger;
    },
  ) {}

  /** A task runs no more, and its row says so. */
  ended({ summary: { name, queue } }: ClaimedTask): void {
    const { limits } = this.parts;
    const inQueue = (limits.ofQueue(queue)?.max ?? null) !== null;
    if (!inQueue && !limits.ofTask(name)?.concurrency.length) return;
    if (this.#partitions.size === 0) setImmediate(this.#wake);
    const before = this.#partitions.get(queue);
    if (inQueue || before === "all") this.#partitions.set(queue, "all");
    else this.#partitions.set(queue, (before ?? new Set<string>()).add(name));
  }

  /** Before an outcome is recorded: so that no other task of its partition begins because this one has ended. */
  async closeFor(outcome: Extract<Outcome, { kind: "snoozed" }>, name: string): Promise<void> {
    if (!outcome.closesPartition || !this.parts.limits.ofTask(name)) return;
    try {
      await this.parts.limiter.close(scopeOf(name), outcome.delayMs);
    } catch (error) {
      this.parts.log.warn("The tasks of a definition were to be held back, and could not be", {
        task: name,
        err: error,
      });
    }
  }

  #wake = (): void => {
    for (const [queue, partitions] of this.#partitions)
      this.parts.broker.wakePartitions(queue, partitions === "all" ? "all" : [...partitions]);
    this.#partitions.clear();
  };
}
