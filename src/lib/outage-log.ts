import type { Logger } from "./log.ts";

/** Logs the beginning and the end of an outage: one line each, however many calls fail in between. */
export class OutageLog {
  #failures = 0;

  constructor(
    private readonly log: Logger,
    private readonly message: string,
  ) {}

  note(error: unknown): void {
    this.#failures += 1;
    if (this.#failures === 1) this.log.warn(this.message, { err: error });
  }

  over(): void {
    if (this.#failures === 0) return;
    this.log.info("Works again", { after: this.message, failures: this.#failures });
    this.#failures = 0;
  }
}
