import { setImmediate } from "node:timers/promises";
import type { Json } from "../../../src/lib/json/json.ts";
import type { ClaimedTask } from "../../../src/store/tasks/task-store.ts";
import type { TaskError } from "../../../src/task/records/task.ts";
import type { WorkerRecord } from "../../../src/task/records/worker.ts";
import { newWorker } from "../../support/store-rows.ts";
import type { Api } from "./api.ts";

const DAY = 86_400_000;
export const BOOM: TaskError = {
  type: "Boom",
  message: "it broke",
  stack: null,
  retryable: true,
  fingerprint: "boom-1",
};

/** Plays the worker, step by step: each step is stored, then told. */
export class Lifecycle {
  private constructor(
    private readonly api: Api,
    readonly worker: WorkerRecord,
  ) {}

  static async begin(api: Api, part: Partial<WorkerRecord> = {}): Promise<Lifecycle> {
    const worker = newWorker({ name: `worker-${crypto.randomUUID()}@test`, ...part });
    await api.services.stores.workers.register(worker);
    return new Lifecycle(api, worker);
  }

  async start(id: string): Promise<ClaimedTask> {
    const { id: workerId, name: workerName } = this.worker;
    const names = this.api.services.registry.names();
    const [task] = await this.api.services.stores.tasks.claim({ taskIds: [id], workerId, workerName, names });
    if (!task) throw new Error(`Task ${id} could not be claimed.`);
    this.#tell("STARTED", task);
    return task;
  }

  async progress(
    task: ClaimedTask,
    current: number,
    total: number | null,
    message: string | null = null,
  ): Promise<void> {
    const progress = { current, total, message, updatedAt: new Date() };
    const { id: taskId, version } = task.summary;
    await this.api.services.stores.tasks.saveProgress([
      { taskId, workerId: this.worker.id, version, progress },
    ]);
    this.#tell("PROGRESS", { ...task, summary: { ...task.summary, progress } });
  }

  async emit(task: ClaimedTask, type: string, payload: Json): Promise<void> {
    const event = { kind: "task", type: "EMITTED", at: new Date(), task: task.summary } as const;
    this.api.services.publisher.publish([{ ...event, emitted: { type, payload } }]);
    await this.api.services.publisher.flush();
  }

  async succeed(task: ClaimedTask, output: Json): Promise<void> {
    await this.#record(task, { kind: "succeeded", output, keepMs: DAY });
  }

  async fail(task: ClaimedTask, error = BOOM): Promise<void> {
    await this.#record(task, { kind: "failed", error, keepMs: DAY });
  }

  async retry(task: ClaimedTask, delayMs: number, error = BOOM): Promise<void> {
    await this.#record(task, { kind: "retry", error, delayMs, keepMs: DAY });
  }

  async requeue(task: ClaimedTask): Promise<void> {
    await this.#record(task, { kind: "givenBack" });
  }

  async #record(
    task: ClaimedTask,
    how: { readonly kind: string; readonly [key: string]: unknown },
  ): Promise<void> {
    const { id: taskId, version } = task.summary;
    const outcome = { taskId, version, workerId: this.worker.id, progress: null, ...how };
    const recorder = this.api.services.recorder();
    const state = await new Promise((resolve) => recorder.record(task, outcome as never, resolve));
    if (state === null) throw new Error(`The outcome of ${taskId} was fenced.`);
    await setImmediate();
  }

  #tell(type: "STARTED" | "PROGRESS", task: ClaimedTask): void {
    this.api.services.publisher.publish([{ kind: "task", type, at: new Date(), task: task.summary }]);
  }
}
