import { type TaskLimits, withRate } from "../../task/limits/limits.ts";
import { parseRate } from "../../task/limits/rate.ts";
import type { Registry } from "../../task/definition/registry.ts";
import type { RuntimeOverrides } from "../../task/records/task-overrides.ts";
import type { ParsedQueueLimits, QueueWatch } from "../fetch/queue-watch.ts";

/** The limits in effect: of the definitions, with their runtime overrides, and of the queues. */
export class CurrentLimits {
  constructor(
    private readonly registry: Pick<Registry, "get">,
    private readonly overrides: Pick<RuntimeOverrides, "of">,
    private readonly queues: Pick<QueueWatch, "limitsOf">,
  ) {}

  /** Returns the limits of a definition; null where it has none. */
  ofTask(name: string): TaskLimits | null {
    return withRate(this.registry.get(name)?.limits ?? null, parseRate(this.overrides.of(name).rateLimit));
  }

  /** Whether an override pauses the tasks of a definition. */
  isPaused(name: string): boolean {
    return this.overrides.of(name).paused;
  }

  /** Returns the limits of a queue; null where it has none. */
  ofQueue(queue: string): ParsedQueueLimits | null {
    return this.queues.limitsOf(queue);
  }
}
