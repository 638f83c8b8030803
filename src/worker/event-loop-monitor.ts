import type { Logger } from "../lib/log/log.ts";

export interface EventLoopMonitorOptions {
  /** A longer block of the event loop is logged, in milliseconds. @default 1_000 */
  readonly limitMs?: number;
  /** Pause between two looks, in milliseconds. @default 250 */
  readonly everyMs?: number;
}

interface Running {
  readonly id: string;
  readonly name: string;
}

const MAX_SHOWN = 5;

/**
 * Detects that the event loop was blocked, and logs the tasks that may be the cause: those that ran
 * at the last look. JavaScript runs one thing at a time. A task that computes without ever waiting
 * blocks all other tasks and the heartbeat, until the worker is declared LOST.
 */
export class EventLoopMonitor {
  #timer: NodeJS.Timeout | undefined;
  #lastSeen = 0;
  #running: readonly Running[] = [];
  #culprit: Running | null = null;

  constructor(
    private readonly running: () => Iterable<Running>,
    private readonly log: Logger,
    private readonly options: EventLoopMonitorOptions = {},
  ) {}

  start(): void {
    const { everyMs = 250 } = this.options;
    this.#lastSeen = performance.now();
    this.#timer = setInterval(() => this.#look(everyMs), everyMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Names the task whose synchronous start took long: it is the cause of the block. */
  blame({ id, name }: Running): void {
    this.#culprit = { id, name };
  }

  #look(everyMs: number): void {
    const now = performance.now();
    const goneMs = now - this.#lastSeen - everyMs;
    this.#lastSeen = now;
    if (goneMs > (this.options.limitMs ?? 1_000)) this.#log(Math.round(goneMs));
    this.#culprit = null;
    this.#running = [...this.running()].slice(0, MAX_SHOWN).map(({ id, name }) => ({ id, name }));
  }

  #log(ms: number): void {
    if (this.#culprit) {
      const { id, name } = this.#culprit;
      this.log.warn("A task blocked the event loop: nothing else ran meanwhile", {
        taskId: id,
        task: name,
        ms,
      });
      return;
    }
    const running = this.#running.map(({ name, id }) => `${name} ${id}`);
    this.log.warn(
      "Something blocked the event loop, or the system halted the process: nothing else ran meanwhile",
      {
        ms,
        running,
      },
    );
  }
}
