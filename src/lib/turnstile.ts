import { setTimeout as pause } from "node:timers/promises";

/** Longest rest of a place, in milliseconds. */
const MAX_REST_MS = 500;

/** Frees a place; a second call does nothing. */
export type Leave = () => void;

/** Lets in a few at once, first come first served. While others wait, a place rests for as long as it was taken. */
export class Turnstile {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(places: number) {
    this.#free = places;
  }

  /** Resolves with null, and takes no place, when `signal` is aborted before a place is free. */
  async enter(signal?: AbortSignal): Promise<Leave | null> {
    if (signal?.aborted) return null;
    if (this.#free > 0) this.#free -= 1;
    else if (!(await this.#wait(signal))) return null;
    const began = performance.now();
    let left = false;
    return () => {
      if (left) return;
      left = true;
      void this.#leave(performance.now() - began);
    };
  }

  /** False when the signal was aborted first. */
  #wait(signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const onAbort = (): void => {
        this.#waiting.delete(enter);
        resolve(false);
      };
      const enter = (): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve(true);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.add(enter);
    });
  }

  async #leave(takenMs: number): Promise<void> {
    if (this.#waiting.size > 0) await pause(Math.min(MAX_REST_MS, takenMs));
    const [next] = this.#waiting;
    if (!next) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
