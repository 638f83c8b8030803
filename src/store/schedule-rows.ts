import type { Json, JsonObject } from "../lib/json.ts";
import type { MisfirePolicy, OverlapPolicy, ScheduleRecord, ScheduleSource } from "../task/schedule.ts";
import { readTiming } from "../task/timing/timing-json.ts";
import type { Timing } from "../task/timing/timing.ts";
import { type RawTime, toDate, toDateOrNull, toNumber } from "./rows.ts";

/** The columns of a schedule, as `s.…`. */
export const SCHEDULE_COLUMNS = `s.id, s.name, s.description, s.enabled, s.task_name, s.args, s.options, s.timing, s.time_zone, s.start_at,
  s.end_at, s.max_runs, s.overlap, s.misfire, s.jitter_ms, s.source, s.version, s.created_at, s.updated_at, s.created_by, s.decided_until,
  s.next_slot, s.next_run_at, s.last_run_at, s.last_task_id, s.total_run_count, s.problem`;

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
  readonly start_at: RawTime | null;
  readonly end_at: RawTime | null;
  readonly max_runs: number | null;
  readonly overlap: OverlapPolicy;
  readonly misfire: MisfirePolicy;
  readonly jitter_ms: string | number | null;
  readonly source: ScheduleSource;
  readonly version: number;
  readonly created_at: RawTime;
  readonly updated_at: RawTime;
  readonly created_by: string | null;
  readonly decided_until: RawTime;
  readonly next_slot: RawTime | null;
  readonly next_run_at: RawTime | null;
  readonly last_run_at: RawTime | null;
  readonly last_task_id: string | null;
  readonly total_run_count: number;
  readonly problem: string | null;
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
    startAt: toDateOrNull(row.start_at),
    endAt: toDateOrNull(row.end_at),
    maxRuns: row.max_runs,
    overlap: row.overlap,
    misfire: row.misfire,
    jitterMs: row.jitter_ms === null ? null : toNumber(row.jitter_ms),
    source: row.source,
    version: row.version,
    createdAt: toDate(row.created_at),
    updatedAt: toDate(row.updated_at),
    createdBy: row.created_by,
    decidedUntil: toDate(row.decided_until),
    nextSlot: toDateOrNull(row.next_slot),
    nextRunAt: toDateOrNull(row.next_run_at),
    lastRunAt: toDateOrNull(row.last_run_at),
    lastTaskId: row.last_task_id,
    totalRunCount: row.total_run_count,
    problem: row.problem ?? problem,
  };
}

/** Someone may have written it by hand. What cannot be read is shown as it is, and the problem says so. */
function toTiming(raw: unknown): { readonly timing: Timing; readonly problem: string | null } {
  try {
    return { timing: readTiming(raw), problem: null };
  } catch (error) {
    const timing: Timing = { kind: "crontab", expression: JSON.stringify(raw) };
    return { timing, problem: `timing ${(error as Error).message}` };
  }
}
