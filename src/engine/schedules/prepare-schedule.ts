import { show } from "../../lib/quote.ts";
import type { Issue } from "../../errors.ts";
import { DAY } from "../../lib/clock.ts";
import { type DurationInput, DURATION_FORMS, formatDuration, parseDuration } from "../../lib/duration.ts";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import { parseTimestamp, TIMESTAMP_HINT, TIMESTAMP_RULE } from "../../lib/timestamp.ts";
import type { EnqueueOptions } from "../../task/call/enqueue-options.ts";
import type { ScheduleInput } from "../../task/schedule/schedule-input.ts";
import type { Registry } from "../../task/definition/registry.ts";
import { fillArgs } from "../../task/schedule/schedule-args.ts";
import {
  MISFIRE_POLICIES,
  OVERLAP_POLICIES,
  SCHEDULE_NAME,
  SCHEDULE_NAME_RULE,
  type ScheduleSpec,
} from "../../task/schedule/schedule.ts";
import { findTimingIssues } from "../../task/timing/check-timing.ts";
import { readArgs } from "../../task/definition/validation.ts";
import { readTiming } from "../../task/timing/timing-json.ts";
import type { Timing } from "../../task/timing/timing.ts";
import { isTimeZone, nearestTimeZone } from "../../task/timing/zone-names.ts";
import { findSealed, SEALED, type Vault } from "../../task/sensitive/vault.ts";
import { NO_SETTINGS } from "../enqueue/make-row.ts";
import { prepareTask } from "../enqueue/prepare-task.ts";
import { type Router, routerWithoutRoutes } from "../enqueue/router.ts";
import { sameJson } from "./schedule-changes.ts";

export interface SchedulePreparation {
  readonly registry: Registry;
  /** @default without routes */
  readonly router?: Router;
  /** The zone of schedules that name none. */
  readonly timeZone: string;
  readonly now: Date;
  /** Where the schedule stands in the caller's input. */
  readonly path: readonly string[];
  /** Gets an entry for every mistake. */
  readonly issues: Issue[];
  /** Keeps what is made of sensitive fields. @default one without keys */
  readonly vault?: Vault;
}

const MAX_JITTER_MS = DAY;
const MAX_RUNS = 2 ** 31 - 1;
const MAX_DESCRIPTION = 2_000;

/**
 * Checks the input of a schedule and adds defaults. `before` is the schedule until now: a change
 * may keep a time that has passed since it was set.
 */
export async function prepareSchedule(
  input: ScheduleInput,
  preparation: SchedulePreparation,
  before: ScheduleSpec | null = null,
): Promise<ScheduleSpec> {
  const check = new Check(preparation, before);
  const options = present(input.options ?? {});
  const timeZone = check.zone(input.timeZone ?? preparation.timeZone);
  const spec = {
    name: check.name(input.name),
    description: check.description(input.description ?? null),
    enabled: input.enabled ?? true,
    taskName: input.taskName,
    args: check.args(input.args ?? {}),
    options: check.options(options),
    timing: check.timing(input.timing, timeZone),
    timeZone,
    ...check.bounds(input),
    maxRuns: check.maxRuns(input.maxRuns ?? null),
    overlap: check.oneOf("overlap", input.overlap ?? "ALLOW", OVERLAP_POLICIES),
    misfire: check.oneOf("misfire", input.misfire ?? "FIRE_ONCE", MISFIRE_POLICIES),
    jitterMs: check.jitter(input.jitter ?? null),
  };
  if (check.hasArgs) await check.task(spec, options);
  return spec;
}

class Check {
  constructor(
    private readonly parts: SchedulePreparation,
    private readonly before: ScheduleSpec | null,
  ) {}

  hasArgs = true;

  args(args: unknown): Json {
    const read = readArgs(args, this.parts.path, this.parts.issues);
    this.hasArgs = read !== null;
    return read?.input ?? null;
  }

  name(name: string): string {
    if (typeof name !== "string" || !SCHEDULE_NAME.test(name))
      this.#refuse("name", `expected ${SCHEDULE_NAME_RULE}, got ${show(name)}.`);
    return name;
  }

  description(text: string | null): string | null {
    if (text !== null && (text.length > MAX_DESCRIPTION || text.includes("\0") || !text.isWellFormed()))
      this.#refuse(
        "description",
        `expected at most ${MAX_DESCRIPTION} characters of text, got ${show(text)}.`,
      );
    return text;
  }

  zone(zone: string): string {
    if (typeof zone === "string" && isTimeZone(zone)) return zone;
    const near = typeof zone === "string" ? nearestTimeZone(zone) : null;
    this.#refuse(
      "timeZone",
      `expected the IANA name of a time zone, got ${show(zone)}.`,
      near !== null ? `Did you mean "${near}"?` : 'For example "Europe/Vienna" or "UTC".',
    );
    return "UTC";
  }

  timing(input: ScheduleInput["timing"], timeZone: string): Timing {
    let timing: Timing;
    try {
      timing = isTiming(input) ? input : readTiming(input);
    } catch (error) {
      this.#refuse("timing", `${(error as Error).message}.`);
      return { kind: "crontab", expression: "* * * * *" };
    }
    const { before } = this;
    const isNew = !before || before.timeZone !== timeZone || !sameJson(before.timing, timing);
    if (isNew) {
      const { now, path, issues } = this.parts;
      issues.push(...findTimingIssues(timing, timeZone, now, [...path, "timing"]));
    }
    return timing;
  }

  bounds(input: Pick<ScheduleInput, "startAt" | "endAt">): Pick<ScheduleSpec, "startAt" | "endAt"> {
    const startAt = this.#time("startAt", input.startAt);
    const endAt = this.#time("endAt", input.endAt);
    const { now } = this.parts;
    if (startAt && endAt && endAt < startAt) {
      const message = `expected startAt (${startAt.toISOString()}) or later, got ${endAt.toISOString()}.`;
      this.#refuse("endAt", message, "Swap them, or leave one of them out.");
    } else if (endAt && endAt <= now && endAt.getTime() !== this.before?.endAt?.getTime()) {
      const message = `expected a time after ${now.toISOString()}, got ${endAt.toISOString()}.`;
      this.#refuse("endAt", message, "To stop a schedule now, disable it.");
    }
    return { startAt, endAt };
  }

  #time(key: "startAt" | "endAt", value: Date | string | null | undefined): Date | null {
    if (value === null || value === undefined) return null;
    const time = parseTimestamp(value);
    if (time === null) this.#refuse(key, `expected ${TIMESTAMP_RULE}, got ${show(value)}.`, TIMESTAMP_HINT);
    return time;
  }

  maxRuns(count: number | null): number | null {
    if (count !== null && !(Number.isInteger(count) && count >= 1 && count <= MAX_RUNS))
      this.#refuse("maxRuns", `expected an integer from 1 to ${MAX_RUNS}, got ${show(count)}.`);
    return count;
  }

  oneOf<Value extends string>(key: string, value: Value, values: readonly Value[]): Value {
    if (!values.includes(value))
      this.#refuse(key, `expected one of ${values.join(", ")}, got ${show(value)}.`);
    return value;
  }

  jitter(jitter: DurationInput | null): number | null {
    if (jitter === null) return null;
    const ms = parseDuration(jitter);
    if (ms === null || ms > MAX_JITTER_MS) {
      this.#refuse("jitter", `expected ${DURATION_FORMS}, up to 1 day, got ${show(jitter)}.`);
      return null;
    }
    return ms === 0 ? null : ms;
  }

  /**
   * Returns the options as they are stored, with durations as strings. Their values are checked
   * with the task.
   */
  options(options: EnqueueOptions): JsonObject {
    for (const [key, why] of Object.entries(UNUSABLE)) {
      if (options[key as keyof typeof UNUSABLE] === undefined) continue;
      this.#refuse(["options", key], `cannot be used in a schedule: ${why}.`, "Leave it out.");
    }
    const unknown = Object.keys(options).find((key) => !OPTIONS.has(key));
    if (unknown !== undefined) {
      this.#refuse(["options", unknown], "is not an option of a task.", `Known: ${[...OPTIONS].join(", ")}.`);
    }
    return Object.fromEntries(
      Object.entries(options).map(([key, value]) => [
        key,
        DURATIONS.has(key) ? formatInput(value as DurationInput) : value,
      ]),
    ) as JsonObject;
  }

  /**
   * Whether its tasks could be enqueued: the definition, the args (with sample values in their
   * places) and the options.
   */
  async task(spec: ScheduleSpec, options: EnqueueOptions): Promise<void> {
    const {
      registry,
      router = routerWithoutRoutes(),
      now,
      path,
      issues,
      vault = NO_SETTINGS.vault,
    } = this.parts;
    const found: Issue[] = [];
    const rest = Object.fromEntries(Object.entries(options).filter(([key]) => !(key in UNUSABLE)));
    const args = fillArgs(spec.args, { slot: now, lastRunAt: now, name: spec.name });
    const request = { name: spec.taskName, args, options: rest };
    const preparation = { path, now, createdBy: null, newId: () => "", issues: found, router };
    await prepareTask(registry, request, { ...preparation, settings: { ...NO_SETTINGS, vault } });
    if (found.length === 0) this.#refuseSealed(spec.args);
    const own = path.length;
    issues.push(
      ...found.map((issue) =>
        issue.path[own] === "name" ? { ...issue, path: [...path, "taskName"] } : issue,
      ),
    );
  }

  /** Refuses a key that the vault would open as an encrypted value. */
  #refuseSealed(args: Json): void {
    const message = `is a key that stands for an encrypted value, which callers cannot send.`;
    for (const at of findSealed(args))
      this.#refuse(["args", ...at, SEALED], message, "Send the value itself, or rename the key.");
  }

  #refuse(key: string | readonly string[], message: string, hint?: string): void {
    const { path, issues } = this.parts;
    const where = [...path, ...[key].flat()];
    issues.push({ code: "INVALID_INPUT", path: where, message, ...(hint ? { hint } : {}) });
  }
}

/** Options that schedules do not take, and why. */
const UNUSABLE = {
  runAt: "its slots decide when",
  idempotencyKey: "one slot gives one task anyway",
  debounce: "its slots decide when",
  maxWait: "its slots decide when",
} as const satisfies Partial<Record<keyof EnqueueOptions, string>>;
const OPTIONS: ReadonlySet<string> = new Set([
  "queue",
  "worker",
  "priority",
  "delay",
  "expiresIn",
  "maxAttempts",
  "timeLimit",
  "softTimeLimit",
  "uniqueKey",
  "onConflict",
  "resultsExpire",
  "ignoreResult",
  "tags",
  "meta",
  ...Object.keys(UNUSABLE),
]);
const DURATIONS: ReadonlySet<string> = new Set(["delay", "expiresIn", "timeLimit", "softTimeLimit"]);

function isTiming(input: ScheduleInput["timing"]): input is Timing {
  return (
    typeof input === "object" &&
    input !== null &&
    "kind" in input &&
    ["interval", "crontab", "clocked", "solar"].includes(input.kind)
  );
}

/** Leaves out options that are null or undefined. */
function present(options: EnqueueOptions): EnqueueOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined && value !== null),
  );
}

function formatInput(duration: DurationInput): DurationInput {
  const ms = parseDuration(duration);
  return ms === null ? duration : formatDuration(ms);
}
