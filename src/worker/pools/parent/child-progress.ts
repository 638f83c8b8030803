import type { RunContext } from "../../attempt/run-context.ts";
import type { ChildChannel } from "./child-channel.ts";

const EVERY_MS = 100;

/** Sends the newest progress of a child's attempt to the worker, some times a second, also out of a loop that never waits. */
export class ChildProgress {
  #dirty: { readonly run: number; readonly context: RunContext } | null = null;
  #sentAt = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly channel: ChildChannel) {}

  report(run: number, context: RunContext): void {
    this.#dirty = { run, context };
    const wait = this.#sentAt + EVERY_MS - performance.now();
    if (wait <= 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), wait);
  }

  /** Sends what is new now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#dirty) return;
    const { run, context } = this.#dirty;
    this.#dirty = null;
    this.#sentAt = performance.now();
    const { current, total, message } = context.latestProgress!;
    this.channel.send({ type: "progress", run, current, total, message });
  }
}
