import { MAX_TIMEOUT_MS, MINUTE } from "../clock.ts";
import { LogLimit } from "../log/log-limit.ts";
import { type Loop, LoopWatch, type Service } from "./service.ts";

export interface IntervalOptions {
  /** Name for health checks. */
  readonly name: string;
  /** Pause between ticks in milliseconds, unless the tick returns another one. */
  readonly everyMs: number;
  /** Longest pause after repeated errors. @default 30_000 */
  readonly maxBackoffMs?: number;
  /**
   * Health checks report a tick that takes longer, in milliseconds, as hung. Nothing ends it.
   * @default 60_000
   */
  readonly hangsAfterMs?: number;
  /** Receives the error of a tick, at most once a minute. The loop goes on. */
  readonly onError: (error: unknown) => void;
}

/**
 * Calls a tick again and again, one at a time, with a pause between. The timer holds no logic:
 * tests call the tick directly. A tick may return the pause before the next one. Errors back off
 * with jitter and never end the loop.
 */
export class Interval implements Service, Loop {
  readonly name: string;
  readonly #watch: LoopWatch;
  readonly #complaints = new LogLimit(MINUTE);
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #stopped = true;
  #ending = false;
  #failures = 0;
  #wakeAt = Infinity;

  constructor(
    private readonly tick: () => Promise<number | void>,
    private readonly options: IntervalOptions,
  ) {
    this.name = options.name;
    this.#watch = new LoopWatch(options.name, options.hangsAfterMs);
  }

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
    this.#watch.rest();
  };

  get hungMs(): number | null {
    return this.#watch.hungMs;
  }

  /**
   * To be called between the batches of a tick that goes through many: it takes long, and does not
   * hang.
   */
  step = (): void => this.#watch.step();

  /**
   * Whether `stop` waits for the tick under way: one that goes through many batches should leave
   * the rest.
   */
  get ending(): boolean {
    return this.#ending;
  }

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /**
   * Ticks within `delayMs` (at once by default), unless a tick is due sooner anyway, or the last
   * one failed: a back-off is kept.
   */
  wake = (delayMs = 0): void => {
    if (this.#stopped || this.#failures > 0) return;
    const at = performance.now() + delayMs;
    if (at < this.#wakeAt) this.#schedule(delayMs);
  };

  #schedule(delayMs: number): void {
    if (this.#stopped) return;
    this.#wakeAt = performance.now() + delayMs;
    if (this.#running) return; // The end of the running tick looks at #wakeAt.
    clearTimeout(this.#timer);
    this.#watch.rest(delayMs);
    this.#timer = setTimeout(
      () => void (this.#running = this.#run()),
      Math.min(Math.max(0, delayMs), MAX_TIMEOUT_MS),
    );
  }

  async #run(): Promise<void> {
    this.#wakeAt = Infinity;
    this.#watch.step();
    let pause = this.options.everyMs;
    try {
      pause = (await this.tick()) ?? this.options.everyMs;
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      pause = this.#backoff();
      this.#complaints.pass(() => this.options.onError(error));
    }
    this.#running = null;
    const wanted = this.#failures > 0 ? Infinity : this.#wakeAt - performance.now();
    this.#schedule(Math.max(0, Math.min(pause, wanted)));
  }

  #backoff(): number {
    const ceiling = Math.min(this.options.everyMs * 2 ** this.#failures, this.options.maxBackoffMs ?? 30_000);
    return ceiling / 2 + (Math.random() * ceiling) / 2;
  }
}
