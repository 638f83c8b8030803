import type { Service } from "./service.ts";

export interface IntervalOptions {
  /** Pause between ticks, in milliseconds, when the tick does not say otherwise. */
  readonly everyMs: number;
  /** Longest pause after repeated errors. @default 30_000 */
  readonly maxBackoffMs?: number;
  /** Told of every error of a tick; the loop goes on. */
  readonly onError: (error: unknown) => void;
}

/**
 * Calls a tick again and again, one at a time, with a pause between. The timer holds no logic: tests call the tick directly.
 * A tick may return the pause before the next one. Errors back off with jitter and never end the loop.
 */
export class Interval implements Service {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #stopped = true;
  #ending = false;
  #failures = 0;
  #wakeAt = Infinity;

  constructor(
    private readonly tick: () => Promise<number | void>,
    private readonly options: IntervalOptions,
  ) {}

  start = async (): Promise<void> => {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#ending = false;
    this.#schedule(0);
  };

  stop = async (): Promise<void> => {
    this.#stopped = true;
    this.#ending = true;
    clearTimeout(this.#timer);
    this.#wakeAt = Infinity;
    await this.#running;
  };

  /** Whether `stop` waits for the tick under way: one that goes through many batches should leave the rest. */
  get ending(): boolean {
    return this.#ending;
  }

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** Ticks within `delayMs` (at once by default), unless a tick is due sooner anyway. */
  wake = (delayMs = 0): void => {
    if (this.#stopped) return;
    const at = performance.now() + delayMs;
    if (at < this.#wakeAt) this.#schedule(delayMs);
  };

  #schedule(delayMs: number): void {
    if (this.#stopped) return;
    this.#wakeAt = performance.now() + delayMs;
    if (this.#running) return; // The end of the running tick looks at #wakeAt.
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void (this.#running = this.#run()), Math.min(delayMs, 2 ** 31 - 1));
  }

  async #run(): Promise<void> {
    this.#wakeAt = Infinity;
    let pause = this.options.everyMs;
    try {
      pause = (await this.tick()) ?? this.options.everyMs;
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      pause = this.#backoff();
      this.options.onError(error);
    }
    this.#running = null;
    const wanted = this.#wakeAt - performance.now();
    this.#schedule(Math.max(0, Math.min(pause, wanted)));
  }

  #backoff(): number {
    const ceiling = Math.min(this.options.everyMs * 2 ** this.#failures, this.options.maxBackoffMs ?? 30_000);
    return ceiling / 2 + (Math.random() * ceiling) / 2;
  }
}
