import type { Services } from "./services.ts";
import { nextRunsOf } from "../engine/schedules/next-runs.ts";
import { scheduleNotFound } from "../engine/schedules/schedule-refusals.ts";
import type { ScheduleFilter } from "../store/schedules/schedule-store.ts";
import type { TaskDefinition } from "../task/definition/definition.ts";
import type { ScheduleInput } from "../task/schedule/schedule-input.ts";
import type { ScheduleRecord, SkippedSlots } from "../task/schedule/schedule.ts";

/** A schedule of one definition, whose args the type checker knows. */
export type TypedSchedule<I> = Omit<ScheduleInput, "taskName" | "args"> & { readonly args?: I };

const PAGE = 500;

/** Schedules from TypeScript: `app.schedules`. A change takes effect at once, wherever beat runs. */
export class AppSchedules {
  constructor(private readonly services: () => Services) {}

  /**
   * Makes a schedule of a task definition.
   *
   * @throws RefusedError with every mistake; ALREADY_EXISTS for a name that is taken
   */
  create<I, O>(definition: TaskDefinition<I, O>, schedule: TypedSchedule<I>): Promise<ScheduleRecord> {
    const input = { ...schedule, taskName: definition.name } as ScheduleInput;
    return this.services().schedules.create(input);
  }

  /** The schedule of a name; null when there is none. Sensitive values of its args are encrypted in it, where there are keys. */
  async get(name: string): Promise<ScheduleRecord | null> {
    return (await this.services().stores.reads.schedules.byNames([name]))[0] ?? null;
  }

  /** Schedules in order of their names. */
  async *list(filter: ScheduleFilter = {}): AsyncGenerator<ScheduleRecord, void> {
    for (let after: string | undefined; ;) {
      const page = await this.services().stores.reads.schedules.page(filter, PAGE, after);
      yield* page;
      if (page.length < PAGE) return;
      after = page.at(-1)!.name;
    }
  }

  /**
   * Changes what is said and leaves the rest. With `version`, only if nobody changed it since that was read.
   *
   * @throws RefusedError with every mistake; NOT_FOUND; CONFLICT; UNSUPPORTED for a schedule of the code
   */
  async update(
    name: string,
    changes: Partial<Omit<ScheduleInput, "taskName">> & { readonly version?: number },
  ): Promise<ScheduleRecord> {
    const { version = null, ...rest } = changes;
    return this.services().schedules.update((await this.#present(name)).id, version, rest);
  }

  /** Its slots give tasks again; the misfire policy says what becomes of those in between. @throws RefusedError (NOT_FOUND) */
  enable(name: string): Promise<ScheduleRecord> {
    return this.#setEnabled(name, true);
  }

  /** Its slots give no tasks until it is enabled. @throws RefusedError (NOT_FOUND) */
  disable(name: string): Promise<ScheduleRecord> {
    return this.#setEnabled(name, false);
  }

  /** Makes a task of it now; its slots go on as they are. Returns the task's id. @throws RefusedError (NOT_FOUND) */
  async run(name: string): Promise<string | null> {
    const { id } = await this.#present(name);
    const { taskIds } = await this.services().schedules.runNow([id], null);
    return taskIds[0] ?? null;
  }

  /** Deletes it; its tasks stay. False when there is none. @throws RefusedError (UNSUPPORTED) for a schedule of the code */
  async delete(name: string): Promise<boolean> {
    const found = await this.get(name);
    return found !== null && (await this.services().schedules.delete([found.id])) > 0;
  }

  /** Slots to come. @throws RefusedError (NOT_FOUND) */
  async nextRuns(name: string, count = 5): Promise<Date[]> {
    return nextRunsOf(await this.#present(name), count, this.services().clock.now());
  }

  /** Slots that gave no task, newest first. @throws RefusedError (NOT_FOUND) */
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
