import type { Broker } from "../../broker/broker.ts";
import type { RateLimiter } from "../../broker/rate-limiter.ts";
import type { Logger } from "../../lib/log.ts";
import type { ClaimedTask, Outcome } from "../../store/tasks/task-store.ts";
import type { CurrentLimits } from "./current-limits.ts";
import { scopeOf } from "./partition-permits.ts";

/** Opens lanes that wait for tasks to end, and closes those whose tasks were told elsewhere that there are too many of them. */
export class LaneGates {
  /** To be woken, per queue. Tasks that end in one turn of the event loop wake them once. */
  readonly #lanes = new Map<string, Set<string> | "all">();

  constructor(
    private readonly parts: {
      readonly broker: Pick<Broker, "wakeLanes">;
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
    if (this.#lanes.size === 0) setImmediate(this.#wake);
    const before = this.#lanes.get(queue);
    if (inQueue || before === "all") this.#lanes.set(queue, "all");
    else this.#lanes.set(queue, (before ?? new Set<string>()).add(name));
  }

  /** Before an outcome is recorded: so that no other task of its lane begins because this one has ended. */
  async closeFor(outcome: Extract<Outcome, { kind: "snoozed" }>, name: string): Promise<void> {
    if (!outcome.closesLane || !this.parts.limits.ofTask(name)) return;
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
    for (const [queue, lanes] of this.#lanes)
      this.parts.broker.wakeLanes(queue, lanes === "all" ? "all" : [...lanes]);
    this.#lanes.clear();
  };
}
