import type { Json, JsonObject } from "../../lib/json/json.ts";
import { parseTimestamp } from "../../lib/timestamp.ts";
import type {
  MisfirePolicy,
  OverlapPolicy,
  ScheduleRecord,
  ScheduleSource,
} from "../../task/schedule/schedule.ts";
import { readTiming } from "../../task/timing/timing-json.ts";
import type { Timing } from "../../task/timing/timing.ts";
import { isTimeZone } from "../../task/timing/zone-names.ts";
import { epochAs, fromEpoch, toNumber } from "../tasks/rows.ts";
import type { FormerTiming } from "./schedule-store.ts";

const TIMES = [
  ...["start_at", "end_at", "created_at", "updated_at"],
  ...["decided_until", "next_slot", "next_run_at", "last_run_at"],
];

/** The columns of a schedule, as `s.…`; times as numbers, which beat reads by the ten thousand. */
export const SCHEDULE_COLUMNS = `s.id, s.name, s.description, s.enabled, s.task_name, s.args, s.options, s.timing, s.time_zone, s.max_runs,
  s.overlap, s.misfire, s.jitter_ms, s.source, s.version, s.created_by, s.last_task_id, s.total_run_count, s.problem,
  ${TIMES.map((column) => epochAs(`s.${column}`, column)).join(", ")}`;

export interface ScheduleRow {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly enabled: boolean;
  readonly task_name: string;
  readonly args: Json;
  readonly options: JsonObject;
  readonly timing: unknown;
  readonly time_zone: string;
  readonly start_at: number | null;
  readonly end_at: number | null;
  readonly max_runs: number | null;
  readonly overlap: OverlapPolicy;
  readonly misfire: MisfirePolicy;
  readonly jitter_ms: string | number | null;
  readonly source: ScheduleSource;
  readonly version: number;
  readonly created_at: number;
  readonly updated_at: number;
  readonly created_by: string | null;
  readonly decided_until: number;
  readonly next_slot: number | null;
  readonly next_run_at: number | null;
  readonly last_run_at: number | null;
  readonly last_task_id: string | null;
  readonly total_run_count: number;
  readonly problem: string | null;
}

/** Reads replaced timings from their column. Skips unreadable ones: their slots are unknown. */
export function toFormerTimings(stored: readonly StoredTiming[]): FormerTiming[] {
  return stored.flatMap(({ timing: written, timeZone, startAt, endAt, decidedUntil, replacedAt }) => {
    const { timing, problem } = toTiming(written);
    const former = {
      ...{ timing, timeZone, startAt: parseTimestamp(startAt), endAt: parseTimestamp(endAt) },
      ...{ decidedUntil: new Date(decidedUntil), replacedAt: new Date(replacedAt) },
    };
    return problem === null && isTimeZone(timeZone) ? [former] : [];
  });
}

/** As the trigger writes it: timestamps are ISO 8601. */
export interface StoredTiming {
  readonly timing: unknown;
  readonly timeZone: string;
  readonly startAt: string | null;
  readonly endAt: string | null;
  readonly decidedUntil: string;
  readonly replacedAt: string;
}

export function toSchedule(row: ScheduleRow): ScheduleRecord {
  const { timing, problem } = toTiming(row.timing);
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    enabled: row.enabled,
    taskName: row.task_name,
    args: row.args,
    options: row.options,
    timing,
    timeZone: row.time_zone,
    startAt: fromEpoch(row.start_at),
    endAt: fromEpoch(row.end_at),
    maxRuns: row.max_runs,
    overlap: row.overlap,
    misfire: row.misfire,
    jitterMs: row.jitter_ms === null ? null : toNumber(row.jitter_ms),
    source: row.source,
    version: row.version,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
    createdBy: row.created_by,
    decidedUntil: new Date(row.decided_until),
    nextSlot: fromEpoch(row.next_slot),
    nextRunAt: fromEpoch(row.next_run_at),
    lastRunAt: fromEpoch(row.last_run_at),
    lastTaskId: row.last_task_id,
    totalRunCount: row.total_run_count,
    problem: row.problem ?? problem,
  };
}

/**
 * Someone may have written the row by hand. An unreadable timing is returned as it is, with a
 * problem.
 */
function toTiming(raw: unknown): { readonly timing: Timing; readonly problem: string | null } {
  try {
    return { timing: readTiming(raw), problem: null };
  } catch (error) {
    const timing: Timing = { kind: "crontab", expression: JSON.stringify(raw) };
    return { timing, problem: `timing: ${(error as Error).message}` };
  }
}
