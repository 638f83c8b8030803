import type { Clock } from "../../lib/clock.ts";
import { Interval } from "../../lib/async/interval.ts";
import type { Logger } from "../../lib/log/log.ts";
import type { Loop, Service } from "../../lib/async/service.ts";
import type { MaintenanceStore } from "../../store/maintenance/maintenance-store.ts";
import type { WorkerStore } from "../../store/workers/worker-store.ts";
import type { TaskEventType } from "../../task/records/event.ts";
import { type Keep, keepMsFor } from "../../task/records/results.ts";
import type { TaskSummary } from "../../task/records/task.ts";
import { hintOf, type HintSender } from "../enqueue/hint-sender.ts";
import type { Publisher } from "../events/publisher.ts";
import type { Repair } from "./repair.ts";

export interface SweeperOptions {
  /** Pause between sweeps, in milliseconds. */
  readonly everyMs: number;
  /** A worker silent for longer is LOST. */
  readonly workerLostAfterMs: number;
  /** A task whose worker died so often becomes FAILURE. */
  readonly maxCrashes: number;
  /** How long ended tasks are kept. */
  readonly keepMs: Keep;
  /** Pause between comparisons of hints and rows. @default 5_000 */
  readonly repairEveryMs?: number;
}

const BATCH = 1_000;
const MAX_BACKOFF_MS = 5_000;
/**
 * Short: until the repair comes round, tasks whose hints were lost with the broker wait, and asking
 * a broker whether it is back costs little.
 */
const MAX_REPAIR_BACKOFF_MS = 1_000;

/**
 * Rescues the tasks of workers that died, expires tasks that waited too long, and repairs lost
 * hints.
 */
export class Sweeper implements Service {
  readonly #sweeps: Interval;
  readonly #repairs: Interval;
  #lastSweep: number | null = null;
  #trustFrom = 0;
  #countAt = 0;

  constructor(
    private readonly parts: {
      readonly maintenance: MaintenanceStore;
      readonly workers: Pick<WorkerStore, "markLost">;
      readonly repair: Repair;
      readonly hints: HintSender;
      readonly publisher: Publisher;
      readonly clock: Clock;
      readonly log: Logger;
    },
    private readonly options: SweeperOptions,
    onError: (error: unknown) => void,
  ) {
    const timing = { everyMs: options.everyMs, onError };
    // Apart: while the broker is away the repair fails and backs off, and the sweep must go on at
    // its own pace.
    this.#sweeps = new Interval(() => this.sweep(), {
      ...timing,
      name: "sweeper",
      maxBackoffMs: MAX_BACKOFF_MS,
    });
    this.#repairs = new Interval(() => this.repair(), {
      ...timing,
      name: "repair",
      maxBackoffMs: MAX_REPAIR_BACKOFF_MS,
    });
  }

  get loops(): readonly Loop[] {
    return [this.#sweeps, this.#repairs];
  }

  start = async (): Promise<void> => {
    await this.parts.repair.markFirst().catch(() => undefined); // The loops meet the same failure, and log it.
    await Promise.all([this.#sweeps.start(), this.#repairs.start()]);
  };
  stop = async (): Promise<void> => {
    await Promise.all([this.#sweeps.stop(), this.#repairs.stop()]);
  };
  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** One sweep: the database only. */
  async sweep(): Promise<void> {
    await this.#markLost();
    await this.#rescue();
    await this.#expire();
    this.#lastSweep = this.parts.clock.monotonic();
  }

  /** One comparison of hints and rows. */
  async repair(): Promise<void> {
    try {
      await this.parts.repair.checkEpoch(this.#repairs.step);
    } catch (error) {
      // A broker that was away may have lost some hints and kept its mark: to be counted as soon as
      // it is back.
      this.#countAt = 0;
      throw error;
    } finally {
      // Whatever became of that: on a cluster the node with the mark may be away, and those with
      // the queues there.
      await this.#count();
    }
  }

  async #count(): Promise<void> {
    const now = this.parts.clock.monotonic();
    if (now < this.#countAt) return;
    await this.parts.repair.checkCounts(this.#repairs.step);
    this.#countAt = now + (this.options.repairEveryMs ?? 5_000);
  }

  /**
   * Heartbeats are rows: while the database was away nobody could write one, and the silence proves
   * nothing about the workers. So after a gap in its own sweeps the sweeper gives everyone the full
   * time again. At its start it knows of no gap, and gives half: in that time every worker that
   * lives writes one.
   */
  async #markLost(): Promise<void> {
    const { workerLostAfterMs } = this.options;
    const now = this.parts.clock.monotonic();
    if (this.#lastSweep === null) {
      this.#trustFrom = now + workerLostAfterMs / 2;
      this.#lastSweep = now;
    } else if (now - this.#lastSweep > Math.max(workerLostAfterMs / 2, 2 * this.options.everyMs)) {
      this.#trustFrom = now + workerLostAfterMs;
    }
    if (now < this.#trustFrom) return;
    const lost = await this.parts.workers.markLost(workerLostAfterMs);
    // Their last changes may be committed without an event.
    if (lost.length > 0) this.parts.publisher.markGap();
    // failpoint: sweep.lost when lost.length > 0
    for (const worker of lost) {
      this.parts.log.warn("Worker lost, its tasks are rescued", {
        worker: worker.name,
        workerId: worker.id,
      });
      this.parts.publisher.publish([{ kind: "worker", type: "LOST", at: new Date(), worker }]);
    }
  }

  async #rescue(): Promise<void> {
    const { maxCrashes, keepMs } = this.options;
    for (;;) {
      const { requeued, failed, revoked } = await this.parts.maintenance.rescue(BATCH, maxCrashes, keepMs);
      // failpoint: sweep.rescued when requeued.length > 0
      this.#publish("GIVEN_BACK", requeued);
      this.#publish("FAILED", failed);
      this.#publish("REVOKED", revoked);
      await this.parts.hints.send(requeued.map(hintOf));
      const taken = requeued.length + failed.length + revoked.length;
      if (taken > 0) this.parts.log.info("Tasks of workers that are gone were rescued", { tasks: taken });
      if (taken < BATCH || this.#sweeps.ending) return;
      this.#sweeps.step();
    }
  }

  async #expire(): Promise<void> {
    for (;;) {
      const expired = await this.parts.maintenance.expire(BATCH, keepMsFor(this.options.keepMs, "EXPIRED"));
      this.#publish("EXPIRED", expired);
      if (expired.length < BATCH || this.#sweeps.ending) return;
      this.#sweeps.step();
    }
  }

  #publish(type: TaskEventType, tasks: readonly TaskSummary[]): void {
    const at = new Date();
    this.parts.publisher.publish(tasks.map((task) => ({ kind: "task", type, at, task })));
  }
}
