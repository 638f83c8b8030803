import { MemoryLimitExceeded } from "../../../errors.ts";
import type { PoolChild } from "./pool-child.ts";
import type { ChildKind } from "./process-handle.ts";

export interface ChildMemoryOptions {
  readonly noun: ChildKind["noun"];
  /** A busy child that uses more memory is killed, in bytes. */
  readonly limitBytes: number;
  /** Pause between two measurements, in milliseconds. @default 100 */
  readonly everyMs?: number;
}

/**
 * A child that uses more than this part of its limit after an attempt is replaced: the next attempt
 * must not be killed for it.
 */
const REPLACED_ABOVE = 0.75;
const LEAST_PAUSE_MS = 20;

/**
 * Kills children that use too much memory. It measures from outside: V8's own limit does not count
 * memory beside its heap, such as buffers, and code that never waits receives no message.
 */
export class ChildMemory {
  readonly #measuring = new WeakSet<PoolChild>();
  readonly #measuredAt = new WeakMap<PoolChild, number>();
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

  /** Measures all busy children, except those whose last measurement has not ended. */
  look(): void {
    for (const child of this.busy()) if (!this.#measuring.has(child)) void this.#measure(child);
  }

  async #measure(child: PoolChild): Promise<void> {
    this.#measuring.add(child);
    const { limitBytes, noun } = this.options;
    const bytes = (await child.memoryBytes()) ?? 0;
    this.#measuring.delete(child);
    if (bytes > limitBytes && child.busy) child.kill(new MemoryLimitExceeded(noun, limitBytes, bytes));
  }

  /**
   * Whether to measure a child that became idle. Not after each of many short attempts: memory
   * takes time to fill.
   */
  isDue(child: PoolChild): boolean {
    const now = performance.now();
    if (now - (this.#measuredAt.get(child) ?? -Infinity) < LEAST_PAUSE_MS) return false;
    this.#measuredAt.set(child, now);
    return true;
  }

  /** Whether an idle child uses so much memory that it should be replaced. */
  async usesTooMuch(child: PoolChild): Promise<boolean> {
    return ((await child.memoryBytes()) ?? 0) > this.options.limitBytes * REPLACED_ABOVE;
  }
}
