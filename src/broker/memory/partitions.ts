import { Fifo } from "../../lib/fifo.ts";
import type { Hint } from "../../task/records/hint.ts";

/** Where the one hint of a lane is. */
type Place =
  /** To be taken, or taken. `asked`: the lane was sent again since. `woken`: it is to be looked at again, whatever whoever has it finds. */
  | { readonly kind: "out"; asked: boolean; woken: boolean }
  /** Handed back, until its time comes. */
  | { readonly kind: "resting"; readonly timer: NodeJS.Timeout; readonly hint: Hint };

/** A longer timer would fire at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** The hints of one queue's lanes: no more than one for each. */
export class MemoryLanes {
  readonly #ready = new Fifo<Hint>();
  readonly #places = new Map<string, Place>();

  /** @param onReady called when there is something to take */
  constructor(private readonly onReady: () => void) {}

  get size(): number {
    return this.#ready.size;
  }

  send(hint: Hint): void {
    const place = this.#places.get(hint.lane!);
    if (!place) this.#add(hint);
    else if (hint.wakes) this.wake([hint.lane!]);
    else if (place.kind === "out") place.asked = true;
  }

  take(): Hint | undefined {
    return this.#ready.shift();
  }

  /** The lane was looked at, and no task of it waits. */
  done(hint: Hint): void {
    const place = this.#places.get(hint.lane!);
    this.#places.delete(hint.lane!);
    if (place?.kind === "out" && (place.asked || place.woken)) this.#add(hint);
  }

  rest(hint: Hint, delayMs: number): void {
    const place = this.#places.get(hint.lane!);
    if (!(delayMs > 0) || (place?.kind === "out" && place.woken)) return this.#add(hint);
    const timer = setTimeout(() => this.#add(hint), Math.min(delayMs, MAX_TIMEOUT_MS));
    this.#places.set(hint.lane!, { kind: "resting", timer, hint });
  }

  /** Ends the delay of some. */
  wake(lanes: readonly string[] | "all"): void {
    for (const lane of lanes === "all" ? [...this.#places.keys()] : lanes) {
      const place = this.#places.get(lane);
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
    this.#places.set(hint.lane!, { kind: "out", asked: false, woken: false });
    this.#ready.push(hint);
    this.onReady();
  }
}
