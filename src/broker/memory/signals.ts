import type { Logger } from "../../lib/log/log.ts";
import { SignalListeners } from "../signals.ts";
import type { Signal, Signals } from "../signals.ts";

/** Signals inside one process. */
export class MemorySignals implements Signals {
  readonly #listeners: SignalListeners;

  constructor(options: { readonly log: Logger }) {
    this.#listeners = new SignalListeners(options.log);
  }

  publish = (signal: Signal): void => this.#listeners.notify(signal);
  subscribe = (listener: (signal: Signal) => void): (() => void) => this.#listeners.add(listener);
}
