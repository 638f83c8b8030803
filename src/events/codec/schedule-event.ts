import {
  SCHEDULE_EVENT_TYPES,
  type ScheduleEventType,
  type ScheduleSummary,
} from "../../task/schedule/schedule.ts";
import type { ScheduleEvent } from "../../task/records/event.ts";
import { readTiming, type TimingJson, toTimingJson } from "../../task/timing/timing-json.ts";

/** Events of schedules as rows of text; times are epoch milliseconds. */
type TimeKey =
  | "startAt"
  | "endAt"
  | "createdAt"
  | "updatedAt"
  | "decidedUntil"
  | "nextSlot"
  | "nextRunAt"
  | "lastRunAt";
const TIME_KEYS = [
  "startAt",
  "endAt",
  "createdAt",
  "updatedAt",
  "decidedUntil",
  "nextSlot",
  "nextRunAt",
  "lastRunAt",
] as const satisfies readonly TimeKey[];

type Fields = Omit<ScheduleSummary, TimeKey | "timing"> & { readonly timing: TimingJson } & Readonly<
    Record<TimeKey, number | null>
  >;
export type ScheduleRow = readonly [kind: "s", type: ScheduleEventType, at: number, fields: Fields];

export function scheduleRow({ type, at, schedule }: ScheduleEvent): ScheduleRow {
  const times = TIME_KEYS.map((key) => [key, schedule[key]?.getTime() ?? null]);
  const fields = {
    ...schedule,
    ...Object.fromEntries(times),
    timing: toTimingJson(schedule.timing),
  } as Fields;
  return ["s", type, at.getTime(), fields];
}

export function isScheduleRow(row: unknown): row is ScheduleRow {
  if (!Array.isArray(row) || row[0] !== "s" || row.length < 4) return false;
  const fields = row[3] as Partial<Fields> | null;
  return (
    (SCHEDULE_EVENT_TYPES as readonly unknown[]).includes(row[1]) &&
    typeof row[2] === "number" &&
    typeof fields?.id === "string"
  );
}

/** Null for a row that another release wrote, and that cannot be read here. */
export function readSchedule([, type, at, fields]: ScheduleRow): ScheduleEvent | null {
  try {
    const times = TIME_KEYS.map((key) => {
      const time = fields[key];
      return [key, time === null ? null : new Date(time)];
    });
    const timing = readTiming(fields.timing);
    const schedule = { ...fields, ...Object.fromEntries(times), timing } as ScheduleSummary;
    return { kind: "schedule", type, at: new Date(at), schedule };
  } catch {
    return null;
  }
}
