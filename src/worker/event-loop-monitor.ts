import type { Logger } from "../lib/log.ts";

export interface EventLoopMonitorOptions {
  /** A process that did nothing for longer than this is told of, in milliseconds. @default 1_000 */
  readonly limitMs?: number;
  /** How often it looks, in milliseconds. @default 250 */
  readonly everyMs?: number;
}

interface Running {
  readonly id: string;
  readonly name: string;
}

const MAX_SHOWN = 5;

/**
 * Notices that this process did nothing else for a while, and names the tasks that may be the reason: those that ran when it was last seen
 * alive. JavaScript runs one thing at a time: a task that computes without ever waiting holds up all others, and the heartbeat, until
 * the worker counts as lost.
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

  /** Told of a task whose first turn alone took long: then nobody has to guess. */
  blame({ id, name }: Running): void {
    this.#culprit = { id, name };
  }

  #look(everyMs: number): void {
    const now = performance.now();
    const goneMs = now - this.#lastSeen - everyMs;
    this.#lastSeen = now;
    if (goneMs > (this.options.limitMs ?? 1_000)) this.#tell(Math.round(goneMs));
    this.#culprit = null;
    this.#running = [...this.running()].slice(0, MAX_SHOWN).map(({ id, name }) => ({ id, name }));
  }

  #tell(ms: number): void {
    if (this.#culprit) {
      const { id, name } = this.#culprit;
      this.log.warn("A task kept this process busy: nothing else ran meanwhile", {
        taskId: id,
        task: name,
        ms,
      });
      return;
    }
    const running = this.#running.map(({ name, id }) => `${name} ${id}`);
    this.log.warn("Something kept this process busy, or the system halted it: nothing else ran meanwhile", {
      ms,
      running,
    });
  }
}
