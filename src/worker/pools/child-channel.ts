import type { ChildMessage } from "./protocol.ts";

/** A child's way to its worker. */
export class ChildChannel {
  #pending = 0;

  /** Messages that the system has not taken yet: they are held in this process's memory. */
  get pending(): number {
    return this.#pending;
  }

  send(message: ChildMessage): void {
    if (!process.connected) return; // The worker is gone, and this process about to end.
    this.#pending += 1;
    process.send!(message, undefined, undefined, () => {
      this.#pending -= 1;
    });
  }
}
