import type { Publisher } from "../engine/events/publisher.ts";
import { Interval } from "../lib/interval.ts";
import type { Loop } from "../lib/loop-watch.ts";
import type { Service } from "../lib/service.ts";
import type { StartedTask, TaskStore } from "../store/tasks/task-store.ts";
import type { WorkerStore } from "../store/workers/worker-store.ts";
import type { WorkerState } from "./worker-state.ts";

export interface HeartbeatOptions {
  /** Pause between writes to the database, in milliseconds. */
  readonly everyMs: number;
  /** Pause between the heartbeats that subscribers see. */
  readonly liveEveryMs: number;
}

/** Keeps the worker's row alive, compares the worker's tasks with their rows, and tells subscribers how the worker does. */
export class Heartbeat implements Service {
  readonly #beats: Interval;
  readonly #live: Interval;

  constructor(
    private readonly parts: {
      readonly self: WorkerState;
      readonly workers: Pick<WorkerStore, "heartbeat">;
      readonly tasks: Pick<TaskStore, "startedBy">;
      readonly publisher: Publisher;
      /** The row is LOST or gone: others run our tasks by now. */
      readonly onGivenUp: () => Promise<void>;
      /** Told what the worker has, by the rows. */
      readonly onStarted: (tasks: readonly StartedTask[]) => void;
    },
    options: HeartbeatOptions,
    onError: (error: unknown) => void,
  ) {
    // A missed beat is made up for soon: the pause after an error stays below the pause between beats.
    this.#beats = new Interval(() => this.beat(), {
      name: "heartbeat",
      everyMs: options.everyMs,
      maxBackoffMs: options.everyMs / 2,
      onError,
    });
    this.#live = new Interval(() => this.show(), {
      name: "liveHeartbeat",
      everyMs: options.liveEveryMs,
      onError,
    });
  }

  get loops(): readonly Loop[] {
    return [this.#beats, this.#live];
  }

  start = async (): Promise<void> => {
    this.parts.self.watch();
    await Promise.all([this.#beats.start(), this.#live.start()]);
  };

  stop = async (): Promise<void> => {
    await Promise.all([this.#beats.stop(), this.#live.stop()]);
    this.parts.self.unwatch();
  };

  [Symbol.asyncDispose] = (): Promise<void> => this.stop();

  /** One beat in the database. */
  async beat(): Promise<void> {
    const { self, workers, tasks } = this.parts;
    if (!(await workers.heartbeat(self.record()))) return this.parts.onGivenUp();
    this.parts.onStarted(await tasks.startedBy(self.id));
  }

  /** One heartbeat for subscribers. */
  async show(): Promise<void> {
    this.parts.publisher.publish([
      { kind: "worker", change: "HEARTBEAT", at: new Date(), worker: this.parts.self.record() },
    ]);
  }
}
