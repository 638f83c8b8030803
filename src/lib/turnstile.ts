import { setTimeout as pause } from "node:timers/promises";

/** Longest rest of a place, in milliseconds. */
const MAX_REST_MS = 500;

/** Frees a place; a second call does nothing. */
export type Leave = () => void;

/** Lets in a few at once, first come first served. While others wait, a place rests for as long as it was taken. */
export class Turnstile {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(places: number) {
    this.#free = places;
  }

  async enter(): Promise<Leave> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const began = performance.now();
    let left = false;
    return () => {
      if (left) return;
      left = true;
      void this.#leave(performance.now() - began);
    };
  }

  async #leave(takenMs: number): Promise<void> {
    if (this.#waiting.length > 0) await pause(Math.min(MAX_REST_MS, takenMs));
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
