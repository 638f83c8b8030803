import { MemoryLimitExceeded } from "../../errors.ts";
import type { PoolChild } from "./pool-child.ts";
import type { ChildKind } from "./child-place.ts";

export interface ChildMemoryOptions {
  readonly kind: Pick<ChildKind, "noun" | "held">;
  /** A busy child that holds more is killed, in bytes. */
  readonly limitBytes: number;
  /** Pause between two looks, in milliseconds. @default 100 */
  readonly everyMs?: number;
}

/** A child that keeps more than this part of its limit after an attempt is replaced: the next attempt must not be killed for it. */
const KEPT_PART = 0.75;

/**
 * Kills children that hold too much memory. From outside, since neither V8's own limit counts what lies beside its heap, such as buffers,
 * nor can code that never waits be told anything.
 */
export class ChildMemory {
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(
    private readonly busy: () => readonly PoolChild[],
    private readonly options: ChildMemoryOptions,
  ) {}

  start(): void {
    this.#timer = setInterval(() => void this.look(), this.options.everyMs ?? 100).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One look at all that are busy. */
  async look(): Promise<void> {
    const children = this.busy();
    if (this.#looking || children.length === 0) return;
    this.#looking = true;
    const { limitBytes, kind } = this.options;
    const held = await kind.held(children.map(({ id }) => id));
    for (const child of children) {
      const bytes = held.get(child.id) ?? 0;
      if (bytes > limitBytes && child.busy) child.kill(new MemoryLimitExceeded(kind.noun, limitBytes, bytes));
    }
    this.#looking = false;
  }

  /** Whether a child that is idle again holds so much that it should be replaced. */
  async holdsTooMuch({ id }: PoolChild): Promise<boolean> {
    const held = await this.options.kind.held([id]);
    return (held.get(id) ?? 0) > this.options.limitBytes * KEPT_PART;
  }
}
