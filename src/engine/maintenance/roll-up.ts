import { SECOND } from "../../lib/clock.ts";
import { Interval } from "../../lib/async/interval.ts";
import type { Loop, Service } from "../../lib/async/service.ts";
import type { StatMaintenanceStore } from "../../store/stats/stat-store.ts";

export interface RollUpOptions {
  /** Pause between rounds, in milliseconds. @default 5_000 */
  readonly everyMs?: number;
  /** Rows per statement, so that none holds locks for long. @default 2_000 */
  readonly batchSize?: number;
}

/**
 * Keeps statistics small: what many statements counted becomes one row for each minute, later for
 * each hour, and is deleted in the end.
 */
export class RollUp implements Service {
  readonly #interval: Interval;

  constructor(
    private readonly stats: StatMaintenanceStore,
    onError: (error: unknown) => void,
    private readonly options: RollUpOptions = {},
  ) {
    this.#interval = new Interval(() => this.rollUp(), {
      name: "rollUp",
      everyMs: options.everyMs ?? 5 * SECOND,
      onError,
    });
  }

  get loops(): readonly Loop[] {
    return [this.#interval];
  }

  start = (): Promise<void> => this.#interval.start();
  stop = (): Promise<void> => this.#interval.stop();
  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** One round: batches until one comes back short. */
  async rollUp(): Promise<void> {
    const { batchSize = 2_000 } = this.options;
    while (await this.stats.rollUp(batchSize)) {
      if (this.#interval.ending) return;
      this.#interval.step();
    }
    while ((await this.stats.deleteOldStats(batchSize)) === batchSize) {
      if (this.#interval.ending) return;
      this.#interval.step();
    }
  }
}
