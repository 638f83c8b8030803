import { DAY } from "../../lib/clock.ts";
import { Interval } from "../../lib/async/interval.ts";
import type { Loop, Service } from "../../lib/async/service.ts";
import type { ControlStore } from "../../store/workers/control-store.ts";
import type { MaintenanceStore } from "../../store/maintenance/maintenance-store.ts";
import type { WorkerStore } from "../../store/workers/worker-store.ts";

export interface JanitorOptions {
  /** Pause between rounds, in milliseconds. @default 60_000 */
  readonly everyMs?: number;
  /** Rows per statement, so that none holds locks for long. @default 1_000 */
  readonly batchSize?: number;
  /** Rows of workers that were gone for so long are deleted, in milliseconds. @default 1 day */
  readonly keepWorkersMs?: number;
  /** Entries of the log of commands are deleted after so long, in milliseconds. @default 90 days */
  readonly keepLogMs?: number;
  /** And no more than so many of them are kept. @default 10_000 */
  readonly maxLog?: number;
}

export interface JanitorParts {
  readonly maintenance: Pick<MaintenanceStore, "deleteExpired">;
  readonly workers: Pick<WorkerStore, "deleteGone">;
  readonly control: Pick<ControlStore, "deleteOldLog">;
}

/**
 * Deletes finished tasks past their keeping, old rows of workers, and old entries of the log of
 * commands.
 */
export class Janitor implements Service {
  readonly #interval: Interval;

  constructor(
    private readonly parts: JanitorParts,
    onError: (error: unknown) => void,
    private readonly options: JanitorOptions = {},
  ) {
    this.#interval = new Interval(() => this.clean(), {
      name: "janitor",
      everyMs: options.everyMs ?? 60_000,
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
  async clean(): Promise<void> {
    const { maintenance, workers, control } = this.parts;
    const { batchSize = 1_000, keepWorkersMs = DAY, keepLogMs = 90 * DAY, maxLog = 10_000 } = this.options;
    await this.#inBatches(batchSize, () => maintenance.deleteExpired(batchSize));
    await workers.deleteGone(keepWorkersMs);
    await this.#inBatches(batchSize, () => control.deleteOldLog(keepLogMs, maxLog, batchSize));
  }

  async #inBatches(batchSize: number, deleteBatch: () => Promise<number>): Promise<void> {
    while (!this.#interval.ending && (await deleteBatch()) === batchSize) this.#interval.step();
  }
}
