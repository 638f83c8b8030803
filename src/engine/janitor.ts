import { Interval } from "../lib/interval.ts";
import type { Loop } from "../lib/loop-watch.ts";
import type { Service } from "../lib/service.ts";
import type { UpkeepStore } from "../store/upkeep-store.ts";
import type { WorkerStore } from "../store/worker-store.ts";

export interface JanitorOptions {
  /** Pause between rounds, in milliseconds. @default 60_000 */
  readonly everyMs?: number;
  /** Rows per statement, so that none holds locks for long. @default 1_000 */
  readonly batchSize?: number;
  /** Rows of workers that were gone for so long are deleted, in milliseconds. @default 1 day */
  readonly keepWorkersMs?: number;
}

/** Deletes finished tasks past their keeping, and old rows of workers. */
export class Janitor implements Service {
  readonly #interval: Interval;

  constructor(
    private readonly upkeep: Pick<UpkeepStore, "deleteExpired">,
    private readonly workers: Pick<WorkerStore, "deleteGone">,
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
    const { batchSize = 1_000, keepWorkersMs = 24 * 60 * 60 * 1_000 } = this.options;
    while ((await this.upkeep.deleteExpired(batchSize)) === batchSize) {
      if (this.#interval.ending) return;
      this.#interval.step();
    }
    await this.workers.deleteGone(keepWorkersMs);
  }
}
