import type { Broker } from "../broker/broker.ts";
import type { ClaimedTask } from "../store/task-store.ts";
import type { TaskLimits } from "../task/limits.ts";
import type { LimitsOfQueue } from "./queue-watch.ts";

/** Wakes the lanes that wait for tasks to end. Those that end in one turn of the event loop wake them once. */
export class LaneReleases {
  /** Per queue. */
  readonly #lanes = new Map<string, Set<string> | "all">();

  constructor(
    private readonly broker: Pick<Broker, "wakeLanes">,
    private readonly limitsOf: (name: string) => TaskLimits | null,
    private readonly limitsOfQueue: (queue: string) => LimitsOfQueue | null,
  ) {}

  /** A task runs no more, and its row says so. */
  ended({ summary: { name, queue } }: ClaimedTask): void {
    const inQueue = (this.limitsOfQueue(queue)?.max ?? null) !== null;
    if (!inQueue && !this.limitsOf(name)?.concurrency.length) return;
    if (this.#lanes.size === 0) setImmediate(this.#wake);
    const before = this.#lanes.get(queue);
    if (inQueue || before === "all") this.#lanes.set(queue, "all");
    else this.#lanes.set(queue, (before ?? new Set<string>()).add(name));
  }

  #wake = (): void => {
    for (const [queue, lanes] of this.#lanes)
      this.broker.wakeLanes(queue, lanes === "all" ? "all" : [...lanes]);
    this.#lanes.clear();
  };
}
