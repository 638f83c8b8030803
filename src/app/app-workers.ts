import type { TimeLimitChange } from "../engine/control/task-setting-control.ts";
import type { WorkerAnswers } from "../engine/control/worker-asker.ts";
import type { WorkerSelection } from "../engine/control/worker-control.ts";
import type { LogLevelName } from "../lib/log.ts";
import type { ControlEntry } from "../task/records/control.ts";
import type { AnyTaskDefinition } from "../task/definition/definition.ts";
import type { Autoscale, WorkerSettingKey } from "../task/records/worker-settings.ts";
import { LIVE_STATUSES, type WorkerRecord } from "../task/records/worker.ts";
import type { Services } from "./services.ts";

/**
 * Workers from TypeScript: `app.workers`. What they are told is stored under their names, and lives on when they are started again; the live ones
 * answer with what holds then. Every command may throw RefusedError: with every mistake, for an unknown name (NOT_FOUND), or without any live
 * worker (NO_WORKER_REPLIED).
 */
export class AppWorkers {
  constructor(private readonly services: () => Services) {}

  /** Workers that are live, as far as is known; newest first. */
  list(): Promise<WorkerRecord[]> {
    return this.services().stores.reads.workers.list(LIVE_STATUSES);
  }

  /** Asks who is there. */
  ping(selection: WorkerSelection = {}): Promise<WorkerAnswers> {
    return this.#workers.ping(selection);
  }

  /** Fixes how many tasks workers run at once, 1 to 1024. */
  resize(concurrency: number, selection: WorkerSelection = {}): Promise<WorkerAnswers> {
    return this.#workers.resize(selection, concurrency, null);
  }

  /** Lets that number move between two bounds. */
  autoscale(bounds: Autoscale, selection: WorkerSelection = {}): Promise<WorkerAnswers> {
    return this.#workers.autoscale(selection, bounds, null);
  }

  /** Lets workers take from further queues, and from some no more. */
  setQueues(
    queues: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
    selection: WorkerSelection = {},
  ): Promise<WorkerAnswers> {
    return this.#workers.setQueues(selection, queues, null);
  }

  /** Workers take no more tasks; what runs goes on. */
  pause(selection: WorkerSelection = {}): Promise<WorkerAnswers> {
    return this.#workers.pause(selection, null);
  }

  resume(selection: WorkerSelection = {}): Promise<WorkerAnswers> {
    return this.#workers.resume(selection, null);
  }

  /** Changes which records the processes of workers log. */
  setLogLevel(level: LogLevelName, selection: WorkerSelection = {}): Promise<WorkerAnswers> {
    return this.#workers.setLogLevel(selection, level, null);
  }

  /** Takes back what workers were told. @param keys what of it; all by default */
  reset(selection: WorkerSelection = {}, keys?: readonly WorkerSettingKey[]): Promise<WorkerAnswers> {
    return this.#workers.reset(selection, keys);
  }

  /** Replaces the child processes of workers, each when it runs nothing. */
  restartPools(selection: WorkerSelection = {}): Promise<WorkerAnswers> {
    return this.#workers.restartPools(selection, null);
  }

  /** Ends workers, as SIGTERM does; without `drain`, what they run is given back at once. @param drain by default true */
  shutdown({
    drain = true,
    ...selection
  }: WorkerSelection & { readonly drain?: boolean } = {}): Promise<WorkerAnswers> {
    return this.#workers.shutdown(selection, { drain }, null);
  }

  /** Limits how many tasks of a definition may start in a time, such as `"10/s"`; null: as the definition says. */
  setRateLimit(definition: AnyTaskDefinition, rateLimit: string | null): Promise<WorkerAnswers> {
    return this.services().commands.tasks.setRateLimit(definition.name, rateLimit, null);
  }

  /** Limits attempts that begin from now on; null: as the definition says. Tasks whose call said a limit keep that. */
  setTimeLimit(definition: AnyTaskDefinition, limits: TimeLimitChange): Promise<WorkerAnswers> {
    return this.services().commands.tasks.setTimeLimit(definition.name, limits, null);
  }

  /** Lets the tasks of a definition wait; what runs goes on. */
  pauseTask(definition: AnyTaskDefinition): Promise<WorkerAnswers> {
    return this.services().commands.tasks.setPaused(definition.name, true, null);
  }

  resumeTask(definition: AnyTaskDefinition): Promise<WorkerAnswers> {
    return this.services().commands.tasks.setPaused(definition.name, false, null);
  }

  /** The newest commands, of whatever origin, newest first. @param limit by default 50 */
  log(limit = 50): Promise<ControlEntry[]> {
    return this.services().stores.reads.commands.log(limit);
  }

  get #workers() {
    return this.services().commands.workers;
  }
}
