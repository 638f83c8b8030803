import { MINUTE } from "../clock.ts";

/** A part with its own life cycle: a loop, a connection, a server. */
export interface Service {
  /** Resolves when the part is ready. */
  start(): Promise<void>;
  /**
   * Resolves when all work is done and all resources are released. May be called twice, or before
   * `start`.
   */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  /** Its loops, for health checks. */
  readonly loops?: readonly Loop[];
}

/** A loop as a health check sees it. */
export interface Loop {
  readonly name: string;
  /**
   * For how long it has hung, in milliseconds; null while it turns. A loop whose ticks fail, and
   * that backs off, turns.
   */
  readonly hungMs: number | null;
}

/** Detects a hung loop: no step within `hangsAfterMs`. */
export class LoopWatch implements Loop {
  #expectedAt = Infinity;

  constructor(
    readonly name: string,
    /** A step that takes longer has hung. Well above the time limits of the slowest step. */
    private readonly hangsAfterMs = MINUTE,
  ) {}

  get hungMs(): number | null {
    const ms = performance.now() - this.#expectedAt;
    return ms > this.hangsAfterMs ? Math.round(ms) : null;
  }

  /** Records the start of a step. */
  step = (): void => {
    this.#expectedAt = performance.now();
  };

  /** Records that the next step is due after some milliseconds; without a number, at the next `step`. */
  rest(ms = Infinity): void {
    this.#expectedAt = performance.now() + ms;
  }
}
