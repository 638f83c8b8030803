import { MemoryLimitExceeded } from "../../../errors.ts";
import type { PoolChild } from "./pool-child.ts";
import type { ChildKind } from "./process-handle.ts";

export interface ChildMemoryOptions {
  readonly noun: ChildKind["noun"];
  /** A busy child that holds more is killed, in bytes. */
  readonly limitBytes: number;
  /** Pause between two looks, in milliseconds. @default 100 */
  readonly everyMs?: number;
}

/** A child that keeps more than this part of its limit after an attempt is replaced: the next attempt must not be killed for it. */
const KEPT_PART = 0.75;
const AT_MOST_EVERY_MS = 20;

/**
 * Kills children that hold too much memory. From outside, since neither V8's own limit counts what lies beside its heap, such as buffers,
 * nor can code that never waits be told anything.
 */
export class ChildMemory {
  readonly #asked = new WeakSet<PoolChild>();
  readonly #lookedAt = new WeakMap<PoolChild, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly busy: () => readonly PoolChild[],
    private readonly options: ChildMemoryOptions,
  ) {}

  start(): void {
    this.#timer = setInterval(() => this.look(), this.options.everyMs ?? 100).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One look at all that are busy. Who has not answered the last question yet is not asked again. */
  look(): void {
    for (const child of this.busy()) if (!this.#asked.has(child)) void this.#judge(child);
  }

  async #judge(child: PoolChild): Promise<void> {
    this.#asked.add(child);
    const { limitBytes, noun } = this.options;
    const bytes = (await child.held()) ?? 0;
    this.#asked.delete(child);
    if (bytes > limitBytes && child.busy) child.kill(new MemoryLimitExceeded(noun, limitBytes, bytes));
  }

  /** Whether a child that is idle again should be looked at. Not after every attempt of many short ones: memory takes time to fill. */
  isDue(child: PoolChild): boolean {
    const now = performance.now();
    if (now - (this.#lookedAt.get(child) ?? -Infinity) < AT_MOST_EVERY_MS) return false;
    this.#lookedAt.set(child, now);
    return true;
  }

  /** Whether it holds so much that it should be replaced. */
  async holdsTooMuch(child: PoolChild): Promise<boolean> {
    return ((await child.held()) ?? 0) > this.options.limitBytes * KEPT_PART;
  }
}
