import { type Clock, MINUTE, systemClock } from "../clock.ts";
import type { Logger } from "./log.ts";
import { LogLimit } from "./log-limit.ts";

/**
 * Logs the beginning and the end of an outage: one line each, however many calls fail in between.
 * Where outage follows outage, as when a connection breaks again and again, a minute has one of
 * each, too.
 */
export class OutageLog {
  readonly #limit: LogLimit;
  #failures = 0;
  #isLogged = false;

  constructor(
    private readonly log: Logger,
    private readonly message: string,
    clock: Pick<Clock, "monotonic"> = systemClock,
  ) {
    this.#limit = new LogLimit(MINUTE, clock);
  }

  note(error: unknown): void {
    this.#failures += 1;
    if (this.#isLogged) return;
    this.#limit.pass(() => {
      this.#isLogged = true;
      this.log.warn(this.message, { err: error });
    });
  }

  over(): void {
    if (this.#isLogged) this.log.info("Outage ended", { outage: this.message, failures: this.#failures });
    this.#isLogged = false;
    this.#failures = 0;
  }
}
