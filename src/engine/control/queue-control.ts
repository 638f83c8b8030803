import type { Broker } from "../../broker/broker.ts";
import type { Signals } from "../../broker/signals.ts";
import { UnavailableError } from "../../errors.ts";
import type { QueueLimits, QueueStore } from "../../store/queues/queue-store.ts";
import type { TaskControlStore } from "../../store/tasks/task-control-store.ts";
import type { Publisher } from "../events/publisher.ts";
import type { Repair } from "../maintenance/repair.ts";

const BATCH = 1_000;

/** Pause, resume and purge of queues. */
export class QueueControl {
  constructor(
    private readonly parts: {
      readonly queues: Pick<QueueStore, "setPaused" | "setLimits">;
      readonly taskControl: Pick<TaskControlStore, "purgeQueue">;
      readonly broker: Pick<Broker, "purge">;
      readonly repair: Pick<Repair, "resend">;
      readonly publisher: Publisher;
      readonly signals: Pick<Signals, "publish">;
      readonly keepMs: number;
    },
  ) {}

  /** Pauses a queue: no task is claimed after the commit. Running tasks go on. */
  async pause(name: string): Promise<void> {
    await this.parts.queues.setPaused(name, true);
    this.parts.signals.publish({ type: "queues" });
  }

  async resume(name: string): Promise<void> {
    await this.parts.queues.setPaused(name, false);
    this.parts.signals.publish({ type: "queues" });
  }

  /**
   * Sets the limits of a queue: they apply to claims after the commit. Running tasks go on. Null removes a
   * limit.
   */
  async setLimits(name: string, limits: QueueLimits): Promise<void> {
    await this.parts.queues.setLimits(name, limits);
    this.parts.signals.publish({ type: "queues" });
    // Tasks of a limited queue share the hint of their partition. A queue that was limited needs
    // hints for its tasks, and one that is limited now needs those of its partitions.
    await this.parts.repair.resend(name, 0);
  }

  /**
   * Revokes all QUEUED tasks of a queue and returns their number. Needs only PostgreSQL: a hint of a
   * revoked task starts nothing.
   */
  async purge(name: string): Promise<number> {
    let purged = 0;
    for (;;) {
      const tasks = await this.parts.taskControl.purgeQueue(name, BATCH, this.parts.keepMs);
      purged += tasks.length;
      const at = new Date();
      this.parts.publisher.publish(tasks.map((task) => ({ kind: "task", type: "REVOKED", at, task })));
      if (tasks.length < BATCH) break;
    }
    await this.#dropHints(name);
    return purged;
  }
  /** Deletes the hints of the queue, then sends those of QUEUED tasks again. */
  async #dropHints(name: string): Promise<void> {
    try {
      await this.parts.broker.purge(name);
      await this.parts.repair.resend(name, 0);
    } catch (error) {
      // Without the broker they stay, and are dropped when a worker finds their tasks revoked.
      if (!(error instanceof UnavailableError)) throw error;
    }
  }
}
