import { toError } from "../errors.ts";
import type { Logger } from "../lib/log/log.ts";
import type { Signal } from "./signals.ts";

/** The listeners of one process. A listener that throws harms neither the others nor whoever publishes. */
export class SignalListeners {
  readonly #listeners = new Set<(signal: Signal) => void>();

  constructor(private readonly log: Logger) {}

  add(listener: (signal: Signal) => void): () => void {
    // Its own function, so that a listener that was added twice is told twice and leaves once.
    const own = (signal: Signal): void => listener(signal);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Tells all who listen now, after the present turn. */
  tell(signal: Signal): void {
    queueMicrotask(() => {
      for (const listener of this.#listeners) {
        try {
          listener(signal);
        } catch (error) {
          this.log.error("A listener to signals failed", { signal: signal.type, err: toError(error) });
        }
      }
    });
  }
}
