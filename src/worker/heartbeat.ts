import type { Publisher } from "../engine/events/publisher.ts";
import { Interval } from "../lib/async/interval.ts";
import type { Loop, Service } from "../lib/async/service.ts";
import type { StartedTask, TaskStore } from "../store/tasks/task-store.ts";
import type { WorkerStore } from "../store/workers/worker-store.ts";
import type { WorkerState } from "./worker-state.ts";

export interface HeartbeatOptions {
  /** Pause between writes to the database, in milliseconds. */
  readonly everyMs: number;
  /** Pause between the heartbeats that subscribers receive, in milliseconds. */
  readonly liveEveryMs: number;
}

/**
 * Renews the worker's row, compares the worker's tasks with their rows, and publishes the worker's
 * figures.
 */
export class Heartbeat implements Service {
  readonly #writes: Interval;
  readonly #live: Interval;

  constructor(
    private readonly parts: {
      readonly state: WorkerState;
      readonly workers: Pick<WorkerStore, "heartbeat">;
      readonly tasks: Pick<TaskStore, "startedBy">;
      readonly publisher: Publisher;
      /** The row is LOST or deleted: others run our tasks by now. */
      readonly onLost: () => Promise<void>;
      /** Receives the tasks that are STARTED by this worker, according to their rows. */
      readonly onStarted: (tasks: readonly StartedTask[]) => void;
    },
    options: HeartbeatOptions,
    onError: (error: unknown) => void,
  ) {
    // A missed heartbeat is repeated soon: the pause after an error stays below `everyMs`.
    this.#writes = new Interval(() => this.write(), {
      name: "heartbeat",
      everyMs: options.everyMs,
      maxBackoffMs: options.everyMs / 2,
      onError,
    });
    this.#live = new Interval(() => this.publish(), {
      name: "liveHeartbeat",
      everyMs: options.liveEveryMs,
      onError,
    });
  }

  get loops(): readonly Loop[] {
    return [this.#writes, this.#live];
  }

  start = async (): Promise<void> => {
    this.parts.state.watch();
    await Promise.all([this.#writes.start(), this.#live.start()]);
  };

  stop = async (): Promise<void> => {
    await Promise.all([this.#writes.stop(), this.#live.stop()]);
    this.parts.state.unwatch();
  };

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** Writes one heartbeat to the database. */
  async write(): Promise<void> {
    const { state, workers, tasks } = this.parts;
    if (!(await workers.heartbeat(state.record()))) return this.parts.onLost();
    this.parts.onStarted(await tasks.startedBy(state.id));
  }

  /** Publishes one heartbeat. */
  async publish(): Promise<void> {
    this.parts.publisher.publish([
      { kind: "worker", type: "HEARTBEAT", at: new Date(), worker: this.parts.state.record() },
    ]);
  }
}
