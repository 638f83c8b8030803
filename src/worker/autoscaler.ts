import type { Broker } from "../broker/broker.ts";
import { SECOND } from "../lib/clock.ts";
import { Interval } from "../lib/async/interval.ts";
import type { Loop, Service } from "../lib/async/service.ts";
import type { Autoscale } from "../task/records/worker-settings.ts";
import type { Slots } from "./slots.ts";

export interface AutoscalerOptions {
  /** Pause between two looks, in milliseconds. @default 500 */
  readonly everyMs?: number;
  /**
   * How long some slot must have been free before the worker shrinks, in milliseconds.
   *
   * @default 30_000
   */
  readonly idleMs?: number;
}

/**
 * Moves a worker's concurrency between two bounds. It grows as soon as all slots are taken and
 * hints wait, by the number of these. It shrinks to the most slots that were taken at once in the
 * last while.
 */
export class Autoscaler implements Service {
  readonly #interval: Interval;
  #peak = 0;
  #notFullSince = performance.now();

  constructor(
    private readonly parts: {
      readonly slots: Slots;
      /** Null while the worker does not autoscale. */
      readonly bounds: () => Autoscale | null;
      /** Returns the number of hints in the worker's queues. */
      readonly waiting: () => Promise<number>;
      readonly resize: (concurrency: number) => void;
    },
    onError: (error: unknown) => void,
    private readonly options: AutoscalerOptions = {},
  ) {
    const { everyMs = 500 } = options;
    this.#interval = new Interval(() => this.look(), { name: "autoscaler", everyMs, onError });
  }

  get loops(): readonly Loop[] {
    return [this.#interval];
  }

  start = (): Promise<void> => this.#interval.start();
  stop = (): Promise<void> => this.#interval.stop();
  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** Looks at once: the bounds may have changed. */
  wake(): void {
    this.#interval.wake();
  }

  /** One look. Without bounds the next look waits for `wake`. */
  async look(): Promise<number | void> {
    const bounds = this.parts.bounds();
    if (!bounds) return Infinity;
    const { slots } = this.parts;
    const peak = slots.takePeak();
    if (peak < slots.total) return this.#shrink(bounds, peak);
    this.#restart();
    const waiting = slots.total < bounds.max ? await this.parts.waiting() : 0;
    // The bounds may have changed meanwhile: the current ones count.
    const now = this.parts.bounds();
    if (waiting > 0 && now) this.parts.resize(Math.min(now.max, slots.total + waiting));
  }

  #shrink({ min }: Autoscale, peak: number): void {
    const { idleMs = 30 * SECOND } = this.options;
    this.#peak = Math.max(this.#peak, peak);
    if (performance.now() - this.#notFullSince < idleMs) return;
    const needed = Math.max(min, this.#peak);
    if (needed < this.parts.slots.total) this.parts.resize(needed);
    this.#restart();
  }

  #restart(): void {
    this.#notFullSince = performance.now();
    this.#peak = 0;
  }
}

/** Returns the number of hints in some queues. */
export async function waitingIn(queues: readonly string[], broker: Pick<Broker, "depth">): Promise<number> {
  const depths = await Promise.all(queues.map((queue) => broker.depth(queue)));
  return depths.reduce((sum, depth) => sum + depth, 0);
}
