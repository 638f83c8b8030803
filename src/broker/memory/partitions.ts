import { MAX_TIMEOUT_MS } from "../../lib/clock.ts";
import { Fifo } from "../../lib/async/fifo.ts";
import type { Hint } from "../../task/records/hint.ts";

/** The state of the one hint of a partition. */
type Place =
  /**
   * Waiting or taken. `asked`: the partition was sent again since. `woken`: it is checked again, whatever
   * its current consumer reports.
   */
  | { readonly kind: "out"; asked: boolean; woken: boolean }
  /** Handed back, until its time comes. */
  | { readonly kind: "resting"; readonly timer: NodeJS.Timeout; readonly hint: Hint };

/** The hints of one queue's partitions: no more than one for each. */
export class MemoryPartitions {
  readonly #ready = new Fifo<Hint>();
  readonly #places = new Map<string, Place>();

  /** @param onReady called when there is something to take */
  constructor(private readonly onReady: () => void) {}

  get size(): number {
    return this.#ready.size;
  }

  send(hint: Hint): void {
    const place = this.#places.get(hint.partition!);
    if (!place) this.#add(hint);
    else if (hint.wakes) this.wake([hint.partition!]);
    else if (place.kind === "out") place.asked = true;
  }

  take(): Hint | undefined {
    return this.#ready.shift();
  }

  /** The partition was looked at, and no task of it waits. */
  done(hint: Hint): void {
    const place = this.#places.get(hint.partition!);
    this.#places.delete(hint.partition!);
    if (place?.kind === "out" && (place.asked || place.woken)) this.#add(hint);
  }

  rest(hint: Hint, delayMs: number): void {
    const place = this.#places.get(hint.partition!);
    if (!(delayMs > 0) || (place?.kind === "out" && place.woken)) return this.#add(hint);
    const timer = setTimeout(() => this.#add(hint), Math.min(delayMs, MAX_TIMEOUT_MS));
    this.#places.set(hint.partition!, { kind: "resting", timer, hint });
  }

  /** Ends the delay of some. */
  wake(partitions: readonly string[] | "all"): void {
    for (const partition of partitions === "all" ? [...this.#places.keys()] : partitions) {
      const place = this.#places.get(partition);
      if (place?.kind === "out") place.woken = true;
      if (place?.kind !== "resting") continue;
      clearTimeout(place.timer);
      this.#add(place.hint);
    }
  }

  close(): void {
    for (const place of this.#places.values()) if (place.kind === "resting") clearTimeout(place.timer);
  }

  #add(hint: Hint): void {
    this.#places.set(hint.partition!, { kind: "out", asked: false, woken: false });
    this.#ready.push(hint);
    this.onReady();
  }
}
