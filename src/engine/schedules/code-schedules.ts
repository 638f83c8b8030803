import { refuseIssues, type Issue, RefusedError } from "../../errors.ts";
import type { Logger } from "../../lib/log/log.ts";
import type { ScheduleStore } from "../../store/schedules/schedule-store.ts";
import type { ScheduleInput } from "../../task/schedule/schedule-input.ts";
import type { ScheduleRecord, ScheduleSpec } from "../../task/schedule/schedule.ts";
import { changesOf } from "./schedule-changes.ts";
import type { ScheduleControl } from "./schedule-control.ts";

const PAGE = 500;

/**
 * Keeps the schedules of source CODE equal to the code, except for `enabled`: once they exist, the
 * API decides that.
 */
export class CodeSchedules {
  constructor(
    private readonly parts: {
      readonly control: Pick<ScheduleControl, "add" | "prepare" | "write" | "remove">;
      readonly store: Pick<ScheduleStore, "page" | "byNames">;
      readonly log: Logger;
    },
  ) {}

  /**
   * Adds, changes and removes.
   * @throws RefusedError with every mistake, its path beginning with the schedule's name; nothing
   *   was changed then
   */
  async reconcile(wanted: readonly ScheduleInput[]): Promise<void> {
    const present = new Map((await this.#present()).map((record) => [record.name, record]));
    const specs = await this.#prepareAll(wanted, present);
    for (const spec of specs) {
      const before = present.get(spec.name);
      if (before) await this.#change(before, spec);
      else await this.#add(spec);
    }
    const names = new Set(specs.map(({ name }) => name));
    const gone = [...present.values()].filter(({ name }) => !names.has(name));
    if (gone.length > 0) await this.parts.control.remove(gone.map(({ id }) => id));
    for (const { name } of gone)
      this.parts.log.info("A schedule is no longer in the code; removed", { schedule: name });
  }

  async #prepareAll(
    wanted: readonly ScheduleInput[],
    present: ReadonlyMap<string, ScheduleRecord>,
  ): Promise<ScheduleSpec[]> {
    const issues: Issue[] = [];
    const specs = new Map<string, ScheduleSpec | null>();
    for (const input of wanted) {
      if (specs.has(input.name)) {
        const message = "is there twice in the code.";
        issues.push({ code: "ALREADY_EXISTS", path: [input.name], message, hint: "Give one another name." });
      }
      specs.set(input.name, await this.#prepare(input, present.get(input.name) ?? null, issues));
    }
    refuseIssues(issues);
    return [...specs.values()].filter((spec) => spec !== null);
  }

  async #prepare(
    input: ScheduleInput,
    before: ScheduleRecord | null,
    issues: Issue[],
  ): Promise<ScheduleSpec | null> {
    try {
      return await this.parts.control.prepare(input, before);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      issues.push(...error.issues.map((issue) => ({ ...issue, path: [input.name, ...issue.path] })));
      return null;
    }
  }

  async #add(spec: ScheduleSpec): Promise<void> {
    try {
      await this.parts.control.add(spec, { source: "CODE", createdBy: null });
    } catch (error) {
      if (!(error instanceof RefusedError) || error.code !== "ALREADY_EXISTS") throw error;
      // Another beat that starts now made it; or the API did, whose schedule nobody may take away
      // unasked.
      const [present] = await this.parts.store.byNames([spec.name]);
      if (present?.source === "API")
        this.parts.log.error(
          "A schedule of the code has the name of one that was made by the API, which stays; rename one",
          { schedule: spec.name },
        );
    }
  }

  async #change(before: ScheduleRecord, spec: ScheduleSpec): Promise<void> {
    const changes = changesOf(before, { ...spec, enabled: before.enabled });
    await this.parts.control.write(before, before.version, changes).catch((error: unknown) => {
      // Another beat that starts now did the same.
      if (!(error instanceof RefusedError) || error.code !== "CONFLICT") throw error;
    });
  }

  async #present(): Promise<ScheduleRecord[]> {
    const all: ScheduleRecord[] = [];
    for (;;) {
      const page = await this.parts.store.page({ source: "CODE" }, PAGE, all.at(-1)?.name);
      all.push(...page);
      if (page.length < PAGE) return all;
    }
  }
}
