import { show } from "../../lib/quote.ts";
import { DAY, HOUR, MINUTE, SECOND } from "../../lib/clock.ts";
import { formatDuration } from "../../lib/duration.ts";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import type { EnqueueOptions } from "../../task/call/enqueue-options.ts";
import type { Priority } from "../../task/definition/priority.ts";
import type { ScheduleInput } from "../../task/schedule/schedule-input.ts";
import type { TimingJson } from "../../task/timing/timing-json.ts";
import { SHORTEST_INTERVAL_MS, SOLAR_EVENTS } from "../../task/timing/timing.ts";
import type { TaskMap } from "./task-map.ts";
import { convertCrontab } from "./crontab.ts";
import type { CeleryRow, PeriodicTask } from "./read-tables.ts";
import { jsonShape } from "../json-input.ts";

/**
 * The outcome for a periodic task: a schedule with notes about differences, or a reason why there
 * is none.
 */
export type Conversion =
  | {
      readonly name: string;
      readonly kind: "schedule";
      readonly input: ScheduleInput;
      readonly notes: readonly string[];
    }
  | { readonly name: string; readonly kind: "left" | "skipped"; readonly reason: string };

export interface ConversionOptions {
  /** Definitions here, by task names of Celery. */
  readonly taskMap: TaskMap;
  /** Whether 0 is the highest priority, as it is with Celery on Redis. */
  readonly redisPriorities: boolean;
  readonly now: Date;
}

/** Thrown when a periodic task cannot be converted. */
class NotConvertible extends Error {}

export function toSchedule(row: CeleryRow, options: ConversionOptions): Conversion {
  const { name } = row.task;
  if (row.task.task === "celery.backend_cleanup") {
    const reason = "it deletes Celery's results; here the setting resultsExpire does that";
    return { name, kind: "skipped", reason };
  }
  const notes: string[] = [];
  try {
    return { name, kind: "schedule", input: convert(row, options, notes), notes };
  } catch (error) {
    if (!(error instanceof NotConvertible)) throw error;
    return { name, kind: "left", reason: error.message };
  }
}

function convert(row: CeleryRow, options: ConversionOptions, notes: string[]): ScheduleInput {
  const { task, crontab } = row;
  const mapped = options.taskMap.get(task.task);
  const endAt = readEnd(task, options.now);
  return {
    name: task.name,
    taskName: mapped?.name ?? task.task,
    timing: readTiming(row, options.now),
    ...(crontab ? { timeZone: crontab.timezone ?? "UTC" } : {}),
    args: readArgs(task, mapped?.positional ?? []),
    options: readOptions(task, options, notes),
    description: task.description === "" ? null : task.description,
    enabled: readEnabled(task, notes),
    startAt: task.start_time ? new Date(task.start_time) : null,
    endAt,
    maxRuns: task.one_off === true ? 1 : null,
  };
}

const PERIODS: Readonly<Record<string, number>> = {
  days: DAY,
  hours: HOUR,
  minutes: MINUTE,
  seconds: SECOND,
  microseconds: 0.001,
};

function readTiming({ interval, crontab, solar, clocked }: CeleryRow, now: Date): TimingJson {
  const [kind, another] = Object.entries({ interval, crontab, solar, clocked }).filter(
    ([, row]) => row !== null,
  );
  if (!kind) throw new NotConvertible("it has no interval, crontab, solar or clocked time");
  if (another) throw new NotConvertible(`it has both ${kind[0]} and ${another[0]}`);
  if (interval) return { interval: { every: readInterval(interval) } };
  if (solar) return readSolar(solar);
  if (clocked) return readClocked(clocked, now);
  const { expression, problem } = { expression: "", ...convertCrontab(crontab!) };
  if (problem !== undefined) throw new NotConvertible(problem);
  return { crontab: expression };
}

function readInterval({ every, period }: NonNullable<CeleryRow["interval"]>): string {
  const unit = PERIODS[period];
  if (unit === undefined) throw new NotConvertible(`its interval has the unknown unit ${show(period)}`);
  // Only microseconds can be a fraction of a millisecond.
  const everyMs = period === "microseconds" ? every / 1_000 : every * unit;
  if (everyMs < SHORTEST_INTERVAL_MS)
    throw new NotConvertible(`every ${every} ${period} is less than a second, the shortest interval here`);
  if (!Number.isInteger(everyMs))
    throw new NotConvertible(`every ${every} ${period} is not an integer number of milliseconds`);
  return formatDuration(everyMs);
}

function readSolar({ event, latitude, longitude }: NonNullable<CeleryRow["solar"]>): TimingJson {
  const known = SOLAR_EVENTS.find((name) => name.toLowerCase() === event);
  if (known === undefined) throw new NotConvertible(`there is no solar event ${show(event)} here`);
  return { solar: { event: known, latitude, longitude } };
}

function readClocked({ clocked_time }: NonNullable<CeleryRow["clocked"]>, now: Date): TimingJson {
  const at = new Date(clocked_time);
  if (at <= now) throw new NotConvertible(`its time, ${at.toISOString()}, has passed`);
  return { clocked: at.toISOString() };
}

function readEnd({ expires }: PeriodicTask, now: Date): Date | null {
  if (expires === null) return null;
  const endAt = new Date(expires);
  if (endAt <= now) throw new NotConvertible(`it expired at ${endAt.toISOString()}`);
  return endAt;
}

function readEnabled({ enabled, one_off, total_run_count }: PeriodicTask, notes: string[]): boolean {
  if (!enabled || one_off !== true || total_run_count === 0) return enabled;
  notes.push("has run once, as it should, and is imported as disabled");
  return false;
}

const NAMED = "old=new(first,second)";
const TEMPLATE = /\{\{\s*(?:slot|lastRunAt|name)\s*\}\}/;

function readArgs(task: PeriodicTask, names: readonly string[]): Json {
  const positional = parse(task.args || "[]", "args");
  const named = parse(task.kwargs || "{}", "kwargs");
  if (!Array.isArray(positional)) throw new NotConvertible(`its args are not an array: ${show(positional)}`);
  if (!isObject(named)) throw new NotConvertible(`its kwargs are not an object: ${show(named)}`);
  const args = positional.length === 0 ? named : nameArgs(positional as Json[], named, names);
  if (TEMPLATE.test(JSON.stringify(args)))
    throw new NotConvertible("its arguments contain a template such as {{slot}}, which is replaced here");
  return args;
}

/** Tasks here have one input object: positional arguments receive the names in `--task-map`. */
function nameArgs(positional: readonly Json[], named: JsonObject, names: readonly string[]): Json {
  const [only] = positional;
  if (names.length >= positional.length)
    return { ...Object.fromEntries(positional.map((value, index) => [names[index], value])), ...named };
  if (positional.length === 1 && isObject(only) && Object.keys(named).length === 0) return only;
  throw new NotConvertible(
    `it has positional arguments ${show(positional)}, and the input of a task is an object: name them with --task-map "${NAMED}"`,
  );
}

function readOptions(task: PeriodicTask, options: ConversionOptions, notes: string[]): EnqueueOptions {
  const headers = parse(task.headers || "{}", "headers");
  const lost = [
    ["exchange", task.exchange],
    ["routing key", task.routing_key],
    ["headers", isObject(headers) && Object.keys(headers).length === 0 ? null : headers],
  ] as const;
  for (const [what, value] of lost)
    if (value !== null && value !== "")
      notes.push(`${what} ${show(value)} cannot be converted and is omitted`);
  const { queue, expire_seconds: seconds } = task;
  return {
    ...(queue ? { queue } : {}),
    ...(typeof task.priority === "number" ? { priority: readPriority(task.priority, options, notes) } : {}),
    ...(typeof seconds === "number" ? { expiresIn: formatDuration(seconds * SECOND) } : {}),
  };
}

/** The priorities for the ten steps of Celery's brokers, lowest first. */
const STEPS: readonly Priority[] = [
  ...["LOW", "LOW", "LOW"],
  ...["NORMAL", "NORMAL", "NORMAL"],
  ...["HIGH", "HIGH", "HIGH"],
  "CRITICAL",
] as Priority[];

function readPriority(given: number, { redisPriorities }: ConversionOptions, notes: string[]): Priority {
  const step = Math.min(given, STEPS.length - 1);
  const priority = STEPS[redisPriorities ? STEPS.length - 1 - step : step]!;
  const order = redisPriorities ? "0 is the highest, as with Redis" : "9 is the highest, as with RabbitMQ";
  notes.push(`priority ${given} becomes ${priority} (${order})`);
  return priority;
}

function parse(text: string, what: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new NotConvertible(`its ${what} are not valid JSON: ${jsonShape(text)}`);
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
