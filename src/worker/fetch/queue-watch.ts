import { changedKeys } from "../../lib/changed-keys.ts";
import { Interval } from "../../lib/interval.ts";
import type { Loop } from "../../lib/loop-watch.ts";
import type { QueueSettings, QueueStore } from "../../store/queues/queue-store.ts";
import { parseRate } from "../../task/limits/rate.ts";
import type { LimitsOfQueue } from "../partitions/current-limits.ts";

const EVERY_MS = 5_000;

/** Knows which queues are paused or limited: by a look now and then, and at once when somebody says that something has changed. */
export class QueueWatch {
  readonly #watch: Interval;
  #paused: ReadonlySet<string> = new Set();
  #limits: ReadonlyMap<string, LimitsOfQueue> = new Map();

  constructor(
    private readonly store: Pick<QueueStore, "settings">,
    /** Told that a queue has other limits now. */
    private readonly onLimits: (queue: string) => void,
    onError: (error: unknown) => void,
  ) {
    this.#watch = new Interval(() => this.#read(), { name: "queueSettings", everyMs: EVERY_MS, onError });
  }

  get loop(): Loop {
    return this.#watch;
  }

  isPaused(queue: string): boolean {
    return this.#paused.has(queue);
  }

  /** Null for a queue without limits. */
  limitsOf(queue: string): LimitsOfQueue | null {
    return this.#limits.get(queue) ?? null;
  }

  /** @throws when the database does not answer: nothing should be taken on without having asked once */
  async start(): Promise<void> {
    await this.#read();
    await this.#watch.start();
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }

  /** Looks again, at once. */
  look(): void {
    this.#watch.wake();
  }

  async #read(): Promise<void> {
    const settings = await this.store.settings();
    this.#paused = new Set(settings.filter(({ paused }) => paused).map(({ name }) => name));
    const before = this.#limits;
    this.#limits = new Map(settings.filter(isLimited).map((one) => [one.name, toLimits(one)]));
    for (const queue of changedKeys(before, this.#limits)) this.onLimits(queue);
  }
}

function isLimited({ concurrencyLimit, rateLimit }: QueueSettings): boolean {
  return concurrencyLimit !== null || rateLimit !== null;
}

/** A rate that was written by hand and cannot be read limits nothing. */
function toLimits({ concurrencyLimit, rateLimit }: QueueSettings): LimitsOfQueue {
  return { max: concurrencyLimit, rate: parseRate(rateLimit) };
}
