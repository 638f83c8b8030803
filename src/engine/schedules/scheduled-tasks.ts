import type { Issue } from "../../errors.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Json } from "../../lib/json/json.ts";
import { IdSource } from "../../lib/uuid.ts";
import type { NewTask } from "../../store/tasks/task-store.ts";
import type { EnqueueOptions } from "../../task/call/enqueue-options.ts";
import { DEFAULT_RETRY } from "../../task/retry/retry.ts";
import { hideInIssue } from "../../task/sensitive/hide-in-issue.ts";
import { fillArgs } from "../../task/schedule/schedule-args.ts";
import type { ScheduleRecord } from "../../task/schedule/schedule.ts";
import { type SensitivePath, splitSecrets } from "../../task/sensitive/sensitive.ts";
import { parseWith } from "../../task/definition/validation.ts";
import type { Registry } from "../../task/definition/registry.ts";
import { NOT_UNIQUE } from "../../task/call/unique.ts";
import { type EnqueueSettings, makeRow, NO_SETTINGS, type RowDefaults } from "../enqueue/make-row.ts";
import { type Router, routerWithoutRoutes } from "../enqueue/router.ts";

/** Makes the rows of the tasks of schedules. */
export class ScheduledTasks {
  readonly #ids = new IdSource();

  constructor(
    private readonly registry: Pick<Registry, "get">,
    private readonly clock: Pick<Clock, "now">,
    private readonly router: Router = routerWithoutRoutes(),
    private readonly settings: EnqueueSettings = NO_SETTINGS,
  ) {}

  /**
   * The tasks of some slots, oldest first. Args were checked when the schedule was saved, and are
   * again before the run; a definition that is not known here gives its tasks the defaults.
   *
   * @throws Error for options that were edited by hand into something wrong, and for secrets that
   *   cannot be opened here
   */
  make(record: ScheduleRecord, slots: readonly Date[], unfinished: number): NewTask[] {
    let before = record.lastRunAt;
    return slots.map((slot, index) => {
      const held = record.overlap === "QUEUE" && unfinished + index > 0;
      const task = { ...this.#row(record, slot, before), ...(held ? { held } : {}) };
      before = slot;
      return { ...task, schedule: { id: record.id, name: record.name, slot } };
    });
  }

  /** The task of a run that somebody asked for now. */
  makeNow(record: ScheduleRecord, createdBy: string | null): NewTask {
    const row = this.#row(record, this.clock.now(), record.lastRunAt);
    return { ...row, createdBy, schedule: { id: record.id, name: record.name, slot: null } };
  }

  #row(record: ScheduleRecord, slot: Date, lastRunAt: Date | null): NewTask {
    const issues: Issue[] = [];
    const known = this.registry.get(record.taskName)?.sensitive ?? null;
    const { args: whole, sealedAt } = this.settings.vault.openArgs(record, known);
    const args = fillArgs(whole, { slot, lastRunAt, name: record.name });
    // Options were checked when they were stored.
    const request = { options: record.options as EnqueueOptions };
    const defaults = this.#defaults(record.taskName, sealedAt);
    const split = splitSecrets(args, defaults.sensitive);
    const checked = { input: args, parsed: this.#parse(record.taskName, args), split, isSound: true };
    const row = makeRow(defaults, request, checked, {
      path: [],
      now: this.clock.now(),
      createdBy: record.createdBy,
      newId: () => this.#ids.next(),
      issues,
      router: this.router,
      settings: this.settings,
    });
    const [issue] = issues;
    if (issue) throw this.#refusal(record.taskName, args, issue);
    return row;
  }

  /**
   * Only where a key is made of it.
   *
   * @throws Error for args that have no key
   */
  #parse(name: string, args: Json): unknown {
    const definition = this.registry.get(name);
    if (!definition?.unique.uniqueKey || !definition.inputSchema) return args;
    const parsed = parseWith(definition.inputSchema, args, ["args"]);
    if (parsed instanceof Promise)
      throw new Error("options.uniqueKey cannot be made: the definition's input schema is asynchronous");
    const [issue] = parsed.ok ? [] : parsed.issues;
    if (issue) throw this.#refusal(name, args, issue);
    return parsed.ok ? parsed.value : args;
  }

  /** Returns the error for the schedule's note and the log, without sensitive values. */
  #refusal(name: string, args: Json, issue: Issue): Error {
    const sensitive = this.registry.get(name)?.sensitive ?? [];
    const { path, message } = hideInIssue(issue, [], splitSecrets(args, sensitive)?.secrets ?? {}, sensitive);
    return new Error(`${path.join(".")} ${message}`);
  }

  /** @param sealedAt what is sensitive, as far as that is known without the definition */
  #defaults(name: string, sealedAt: readonly SensitivePath[]): RowDefaults {
    return (
      this.registry.get(name) ?? {
        name,
        queue: null,
        priority: null,
        retry: DEFAULT_RETRY,
        timeLimitMs: null,
        softTimeLimitMs: null,
        tags: [],
        limits: null,
        unique: NOT_UNIQUE,
        sensitive: sealedAt,
        results: { keepMs: null, ignore: null, backend: null },
      }
    );
  }
}
