import { type Issue, RefusedError } from "../../errors.ts";
import type { Logger } from "../../lib/log.ts";
import type { ScheduleStore } from "../../store/schedule-store.ts";
import type { ScheduleInput } from "../../task/schedule-input.ts";
import type { ScheduleRecord, ScheduleSpec } from "../../task/schedule.ts";
import { changesOf } from "./schedule-changes.ts";
import type { ScheduleControl } from "./schedule-control.ts";

const PAGE = 500;

/** Keeps the schedules of source CODE as the code has them. Whether they are enabled is the API's to say, once they exist. */
export class CodeSchedules {
  constructor(
    private readonly parts: {
      readonly control: Pick<ScheduleControl, "create" | "prepare" | "write" | "remove">;
      readonly store: Pick<ScheduleStore, "page" | "byNames">;
      readonly log: Logger;
    },
  ) {}

  /** Adds, changes and removes. @throws RefusedError with every mistake, its path beginning with the schedule's name; nothing was changed then */
  async reconcile(wanted: readonly ScheduleInput[]): Promise<void> {
    const present = new Map((await this.#present()).map((record) => [record.name, record]));
    await this.#prepareAll(wanted, present);
    for (const input of wanted) {
      const before = present.get(input.name);
      if (before) await this.#change(before, input);
      else await this.#add(input);
    }
    const names = new Set(wanted.map(({ name }) => name));
    const gone = [...present.values()].filter(({ name }) => !names.has(name));
    if (gone.length > 0) await this.parts.control.remove(gone.map(({ id }) => id));
    for (const { name } of gone)
      this.parts.log.info("A schedule is no longer in the code; removed", { schedule: name });
  }

  async #prepareAll(
    wanted: readonly ScheduleInput[],
    present: ReadonlyMap<string, ScheduleRecord>,
  ): Promise<void> {
    const issues: Issue[] = [];
    const seen = new Set<string>();
    for (const input of wanted) {
      if (seen.has(input.name)) {
        const message = "is there twice in the code.";
        issues.push({ code: "ALREADY_EXISTS", path: [input.name], message, hint: "Give one another name." });
      }
      seen.add(input.name);
      await this.parts.control.prepare(input, present.get(input.name) ?? null).catch((error: unknown) => {
        if (!(error instanceof RefusedError)) throw error;
        issues.push(...error.issues.map((issue) => ({ ...issue, path: [input.name, ...issue.path] })));
      });
    }
    const [first, ...rest] = issues;
    if (first) throw new RefusedError([first, ...rest]);
  }

  async #add(input: ScheduleInput): Promise<void> {
    try {
      await this.parts.control.create(input, { source: "CODE" });
    } catch (error) {
      if (!(error instanceof RefusedError) || error.code !== "ALREADY_EXISTS") throw error;
      // Another beat that starts now made it; or the API did, whose schedule nobody may take away unasked.
      const [present] = await this.parts.store.byNames([input.name]);
      if (present?.source === "API")
        this.parts.log.error(
          "A schedule of the code has the name of one that was made by the API, which stays; rename one",
          {
            schedule: input.name,
          },
        );
    }
  }

  async #change(before: ScheduleRecord, input: ScheduleInput): Promise<void> {
    const spec: ScheduleSpec = {
      ...(await this.parts.control.prepare(input, before)),
      enabled: before.enabled,
    };
    await this.parts.control
      .write(before, before.version, changesOf(before, spec))
      .catch((error: unknown) => {
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
