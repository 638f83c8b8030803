import type { TimeLimitChange } from "../engine/control/task-override-control.ts";
import type { WorkerAnswers } from "../engine/control/worker-commands.ts";
import type { WorkerSelection } from "../engine/control/worker-control.ts";
import type { LogLevelName } from "../lib/log/log.ts";
import type { ControlEntry } from "../task/records/control.ts";
import type { AnyTaskDefinition } from "../task/definition/definition.ts";
import type { Autoscale, WorkerSettingKey } from "../task/records/worker-settings.ts";
import { LIVE_STATUSES, type WorkerRecord } from "../task/records/worker.ts";
import type { Services } from "./services.ts";

/**
 * Workers from TypeScript: `app.workers`. Settings of workers are stored under their names and
 * survive a restart; live workers reply with their settings after the change. Every command may
 * throw RefusedError: with all mistakes, for an unknown name (NOT_FOUND), or if no worker is live
 * (NO_WORKER_REPLIED).
 */
export class AppWorkers {
  constructor(private readonly services: () => Services) {}

  /** Returns the workers that are live, newest first. */
  list(): Promise<WorkerRecord[]> {
    return this.services().stores.reads.workers.list(LIVE_STATUSES);
  }

  /** Asks live workers for a reply. */
  ping(selection: WorkerSelection = {}): Promise<WorkerAnswers> {
    return this.#workers.ping(selection);
  }

  /** Sets how many tasks workers run at the same time, 1 to 1024. */
  resize(concurrency: number, selection: WorkerSelection = {}): Promise<WorkerAnswers> {
    return this.#workers.resize(selection, concurrency, null);
  }

  /** Lets the concurrency of workers change between two bounds. */
  autoscale(bounds: Autoscale, selection: WorkerSelection = {}): Promise<WorkerAnswers> {
    return this.#workers.autoscale(selection, bounds, null);
  }

  /** Adds queues to workers, or removes them. */
  setQueues(
    queues: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
    selection: WorkerSelection = {},
  ): Promise<WorkerAnswers> {
    return this.#workers.setQueues(selection, queues, null);
  }

  /** Pauses workers: they fetch no tasks. Running tasks go on. */
  pause(selection: WorkerSelection = {}): Promise<WorkerAnswers> {
    return this.#workers.pause(selection, null);
  }

  resume(selection: WorkerSelection = {}): Promise<WorkerAnswers> {
    return this.#workers.resume(selection, null);
  }

  /** Changes the log level of the processes of workers. */
  setLogLevel(level: LogLevelName, selection: WorkerSelection = {}): Promise<WorkerAnswers> {
    return this.#workers.setLogLevel(selection, level, null);
  }

  /**
   * Resets settings of workers to their configuration.
   *
   * @param keys which ones. @default all
   */
  reset(selection: WorkerSelection = {}, keys?: readonly WorkerSettingKey[]): Promise<WorkerAnswers> {
    return this.#workers.reset(selection, keys);
  }

  /** Replaces the child processes of workers, each when it is idle. */
  restartPools(selection: WorkerSelection = {}): Promise<WorkerAnswers> {
    return this.#workers.restartPools(selection, null);
  }

  /**
   * Ends workers as SIGTERM does.
   *
   * @param drain false requeues running tasks at once. @default true
   */
  shutdown({
    drain = true,
    ...selection
  }: WorkerSelection & { readonly drain?: boolean } = {}): Promise<WorkerAnswers> {
    return this.#workers.shutdown(selection, { drain }, null);
  }

  /**
   * Sets the rate limit of a definition, such as `"10/s"`; null restores that of the definition.
   */
  setRateLimit(definition: AnyTaskDefinition, rateLimit: string | null): Promise<WorkerAnswers> {
    return this.services().taskOverrideControl.setRateLimit(definition.name, rateLimit, null);
  }

  /**
   * Sets the time limits of attempts that start from now on; null restores those of the definition.
   * Limits of a call stay.
   */
  setTimeLimit(definition: AnyTaskDefinition, limits: TimeLimitChange): Promise<WorkerAnswers> {
    return this.services().taskOverrideControl.setTimeLimit(definition.name, limits, null);
  }

  /** Pauses a definition: its tasks wait. Running tasks go on. */
  pauseTask(definition: AnyTaskDefinition): Promise<WorkerAnswers> {
    return this.services().taskOverrideControl.setPaused(definition.name, true, null);
  }

  resumeTask(definition: AnyTaskDefinition): Promise<WorkerAnswers> {
    return this.services().taskOverrideControl.setPaused(definition.name, false, null);
  }

  /**
   * Returns the latest commands of any origin, newest first.
   *
   * @param limit default 50
   */
  log(limit = 50): Promise<ControlEntry[]> {
    return this.services().stores.reads.control.log(limit);
  }

  get #workers() {
    return this.services().workerControl;
  }
}
