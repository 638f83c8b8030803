import { changedKeys } from "../../lib/changed-keys.ts";
import { Interval } from "../../lib/async/interval.ts";
import type { Loop } from "../../lib/async/service.ts";
import type { QueueSettings, QueueStore } from "../../store/queues/queue-store.ts";
import { parseRate, type Rate } from "../../task/limits/rate.ts";

const EVERY_MS = 5_000;

/** The limits of all tasks of a queue together. */
export interface ParsedQueueLimits {
  /** How many may be STARTED at once; null for any number. */
  readonly max: number | null;
  readonly rate: Rate | null;
}

/** The paused and the limited queues. Reads them every few seconds, and at once on a signal. */
export class QueueWatch {
  readonly #watch: Interval;
  #paused: ReadonlySet<string> = new Set();
  #limits: ReadonlyMap<string, ParsedQueueLimits> = new Map();

  constructor(
    private readonly store: Pick<QueueStore, "settings">,
    /** The limits of a queue have changed. */
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

  /** Returns null for a queue without limits. */
  limitsOf(queue: string): ParsedQueueLimits | null {
    return this.#limits.get(queue) ?? null;
  }

  /**
   * @throws UnavailableError when the database does not answer: no task may be fetched before the
   * first read
   */
  async start(): Promise<void> {
    await this.#read();
    await this.#watch.start();
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }

  /** Reads the settings again, at once. */
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

/** A rate that was written by hand and does not parse limits nothing. */
function toLimits({ concurrencyLimit, rateLimit }: QueueSettings): ParsedQueueLimits {
  return { max: concurrencyLimit, rate: parseRate(rateLimit) };
}
