import type { Services } from "./services.ts";
import { nextRunsOf } from "../engine/schedules/slot-decider.ts";
import { scheduleNotFound } from "../engine/schedules/schedule-control.ts";
import type { ScheduleFilter } from "../store/schedules/schedule-store.ts";
import type { TaskDefinition } from "../task/definition/definition.ts";
import type { ScheduleInput } from "../task/schedule/schedule-input.ts";
import type { ScheduleRecord, SkippedSlots } from "../task/schedule/schedule.ts";
import { countOf, describeIssue, ConfigError, RefusedError } from "../errors.ts";
import { CodeSchedules } from "../engine/schedules/code-schedules.ts";

/** A schedule of one definition, with typed args. */
export type TypedSchedule<I> = Omit<ScheduleInput, "taskName" | "args"> & { readonly args?: I };

const PAGE = 500;

/**
 * Schedules from TypeScript: `app.schedules`. A change takes effect at once, in every process with
 * a beat.
 */
export class AppSchedules {
  constructor(private readonly services: () => Services) {}

  /**
   * Creates a schedule of a task definition.
   *
   * @throws RefusedError with all mistakes; ALREADY_EXISTS if the name is in use
   */
  create<I, O>(definition: TaskDefinition<I, O>, schedule: TypedSchedule<I>): Promise<ScheduleRecord> {
    const input = { ...schedule, taskName: definition.name } as ScheduleInput;
    return this.services().schedules.create(input);
  }

  /**
   * Returns the schedule of a name, or null. Sensitive values of its args are encrypted if there
   * are keys.
   */
  async get(name: string): Promise<ScheduleRecord | null> {
    return (await this.services().stores.reads.schedules.byNames([name]))[0] ?? null;
  }

  /** Returns schedules, ordered by name. */
  async *list(filter: ScheduleFilter = {}): AsyncGenerator<ScheduleRecord, void> {
    for (let after: string | undefined; ;) {
      const page = await this.services().stores.reads.schedules.page(filter, PAGE, after);
      yield* page;
      if (page.length < PAGE) return;
      after = page.at(-1)!.name;
    }
  }

  /**
   * Changes the given properties. With `version`, only if the schedule has that version.
   *
   * @throws RefusedError with all mistakes; NOT_FOUND; CONFLICT; UNSUPPORTED for a schedule of the
   *   code
   */
  async update(
    name: string,
    changes: Partial<Omit<ScheduleInput, "taskName">> & { readonly version?: number },
  ): Promise<ScheduleRecord> {
    const { version = null, ...rest } = changes;
    return this.services().schedules.update((await this.#present(name)).id, version, rest);
  }

  /**
   * Enables a schedule. Its misfire policy decides about missed slots.
   * @throws RefusedError (NOT_FOUND)
   */
  enable(name: string): Promise<ScheduleRecord> {
    return this.#setEnabled(name, true);
  }

  /**
   * Disables a schedule: its slots create no tasks.
   *
   * @throws RefusedError (NOT_FOUND)
   */
  disable(name: string): Promise<ScheduleRecord> {
    return this.#setEnabled(name, false);
  }

  /**
   * Enqueues a task of the schedule now, besides its slots. Returns the id of the task; null if an
   * unfinished task has its unique key.
   * @throws RefusedError (NOT_FOUND, ILLEGAL_STATE)
   */
  async run(name: string): Promise<string | null> {
    const { id } = await this.#present(name);
    const { taskIds } = await this.services().schedules.runNow([id], null);
    return taskIds[0] ?? null;
  }

  /**
   * Deletes a schedule; its tasks stay. Returns false if there is none.
   * @throws RefusedError (UNSUPPORTED) for a schedule of the code
   */
  async delete(name: string): Promise<boolean> {
    const found = await this.get(name);
    return found !== null && (await this.services().schedules.delete([found.id])).length > 0;
  }

  /**
   * Returns the next slots.
   *
   * @throws RefusedError (NOT_FOUND)
   */
  async nextRuns(name: string, count = 5): Promise<Date[]> {
    return nextRunsOf(await this.#present(name), count, this.services().clock.now());
  }

  /**
   * Returns slots that created no task, newest first.
   *
   * @throws RefusedError (NOT_FOUND)
   */
  async skippedSlots(name: string, limit = 50): Promise<SkippedSlots[]> {
    const { id } = await this.#present(name);
    return (await this.services().stores.reads.schedules.skipped([{ scheduleId: id, limit }]))[0]!;
  }

  async #setEnabled(name: string, enabled: boolean): Promise<ScheduleRecord> {
    const { id } = await this.#present(name);
    const [changed] = await this.services().schedules.setEnabled([id], enabled);
    if (!changed) throw scheduleNotFound(name);
    return changed;
  }

  async #present(name: string): Promise<ScheduleRecord> {
    const found = await this.get(name);
    if (!found) throw scheduleNotFound(name);
    return found;
  }
}

/**
 * Stores the schedules of the code: those of the configuration and of definitions.
 *
 * @throws ConfigError with all mistakes; nothing is changed then
 */
export async function reconcileCodeSchedules(services: Services): Promise<void> {
  const { schedules, stores, log } = services;
  const code = new CodeSchedules({ control: schedules, store: stores.schedules, log });
  try {
    await code.reconcile(codeSchedulesOf(services));
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const more = error.moreIssues > 0 ? [`${countOf(error.moreIssues)} not shown.`] : [];
    throw new ConfigError([...error.issues.map((issue) => `Schedule ${describeIssue(issue)}`), ...more]);
  }
}

function codeSchedulesOf({ config, registry }: Services): ScheduleInput[] {
  const beside = registry.all().flatMap((definition) =>
    definition.schedules.map((schedule) => ({
      name: definition.name,
      ...schedule,
      taskName: definition.name,
    })),
  );
  return [...config.schedules, ...beside];
}
