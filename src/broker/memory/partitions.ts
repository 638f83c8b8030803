import { MAX_TIMEOUT_MS } from "../../lib/clock.ts";
import { Fifo } from "../../lib/async/fifo.ts";
import type { Hint } from "../../task/records/hint.ts";

/** The state of the one hint of a partition. */
type HintState =
  /**
   * Waiting or taken. `asked`: the partition was sent again since. `woken`: it is checked again, whatever
   * its current consumer reports.
   */
  | { readonly kind: "out"; asked: boolean; woken: boolean }
  /** Returned, until its time comes. */
  | { readonly kind: "resting"; readonly timer: NodeJS.Timeout; readonly hint: Hint };

/** The hints of one queue's partitions: no more than one for each. */
export class MemoryPartitions {
  readonly #ready = new Fifo<Hint>();
  readonly #states = new Map<string, HintState>();

  /** @param onReady called when there is something to take */
  constructor(private readonly onReady: () => void) {}

  get size(): number {
    return this.#ready.size;
  }

  send(hint: Hint): void {
    const state = this.#states.get(hint.partition!);
    if (!state) this.#add(hint);
    else if (hint.wakes) this.wake([hint.partition!]);
    else if (state.kind === "out") state.asked = true;
  }

  take(): Hint | undefined {
    return this.#ready.shift();
  }

  /** The partition was looked at, and no task of it waits. */
  done(hint: Hint): void {
    const state = this.#states.get(hint.partition!);
    this.#states.delete(hint.partition!);
    if (state?.kind === "out" && (state.asked || state.woken)) this.#add(hint);
  }

  rest(hint: Hint, delayMs: number): void {
    const state = this.#states.get(hint.partition!);
    if (!(delayMs > 0) || (state?.kind === "out" && state.woken)) return this.#add(hint);
    const timer = setTimeout(() => this.#add(hint), Math.min(delayMs, MAX_TIMEOUT_MS));
    this.#states.set(hint.partition!, { kind: "resting", timer, hint });
  }

  /** Ends the delay of some. */
  wake(partitions: readonly string[] | "all"): void {
    for (const partition of partitions === "all" ? [...this.#states.keys()] : partitions) {
      const state = this.#states.get(partition);
      if (state?.kind === "out") state.woken = true;
      if (state?.kind !== "resting") continue;
      clearTimeout(state.timer);
      this.#add(state.hint);
    }
  }

  close(): void {
    for (const state of this.#states.values()) if (state.kind === "resting") clearTimeout(state.timer);
  }

  #add(hint: Hint): void {
    this.#states.set(hint.partition!, { kind: "out", asked: false, woken: false });
    this.#ready.push(hint);
    this.onReady();
  }
}
