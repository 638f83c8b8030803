import type { Json } from "../../lib/json/json.ts";
import type {
  ScheduleRecord,
  ScheduleSource,
  ScheduleSpec,
  SkippedSlots,
} from "../../task/schedule/schedule.ts";
import { toTimingJson } from "../../task/timing/timing-json.ts";
import { type RawTime, toDate, toNumber } from "../tasks/rows.ts";
import { SCHEDULE_COLUMNS, type ScheduleRow, toSchedule } from "./schedule-rows.ts";
import type {
  ScheduleChanges,
  ScheduleFilter,
  ScheduleStore,
  SkippedRequest,
  Updated,
} from "./schedule-store.ts";
import type { Sql } from "../connection/sql.ts";

/** Columns that callers set. The trigger and beat set the others. */
const COLUMNS = {
  name: "text",
  description: "text",
  enabled: "boolean",
  task_name: "text",
  args: "jsonb",
  options: "jsonb",
  timing: "jsonb",
  time_zone: "text",
  start_at: "timestamptz",
  end_at: "timestamptz",
  max_runs: "int",
  overlap: "text",
  misfire: "text",
  jitter_ms: "bigint",
  source: "text",
} as const;
const NAMES = Object.keys(COLUMNS).join(", ");
const TYPED = Object.entries(COLUMNS)
  .map(([name, type]) => `${name} ${type}`)
  .join(", ");

const INSERT = `
  insert into lovage.schedule as s (${NAMES}, created_by)
  select ${NAMES}, created_by from json_to_recordset($1::json) as x(${TYPED}, created_by text)
  on conflict (name) do nothing
  returning ${SCHEDULE_COLUMNS}`;

/** Sets all columns: those without a change keep their values. */
const UPDATE = `
  update lovage.schedule s set (${NAMES}) = (
    select ${NAMES} from json_populate_record(null::lovage.schedule, (to_jsonb(s) || $3::jsonb)::json))
   where s.id = $1 and ($2::int is null or s.version = $2)
  returning ${SCHEDULE_COLUMNS}`;

const SET_ENABLED = `
  update lovage.schedule s set enabled = $2 where s.id = any($1::uuid[]) returning ${SCHEDULE_COLUMNS}`;
const DELETE = `delete from lovage.schedule s where s.id = any($1::uuid[]) returning ${SCHEDULE_COLUMNS}`;

const FILTER = `
       ($1::boolean is null or s.enabled = $1)
   and ($2::text[] is null or s.task_name = any($2))
   and ($3::text is null or s.name ilike $3 or s.description ilike $3 or s.task_name ilike $3)
   and ($4::text is null or s.source = $4)`;
const PAGE = `
  select ${SCHEDULE_COLUMNS} from lovage.schedule s
   where ${FILTER} and ($5::text is null or s.name collate "C" > $5)
   order by s.name collate "C" limit $6`;
const COUNT = `select count(*) as count from lovage.schedule s where ${FILTER}`;
const BY_IDS = `select ${SCHEDULE_COLUMNS} from lovage.schedule s where s.id = any($1::uuid[])`;
const BY_NAMES = `select ${SCHEDULE_COLUMNS} from lovage.schedule s where s.name = any($1::text[])`;
const NOTE_RUNS = `
  update lovage.schedule s set last_run_at = now(), last_task_id = x.task
    from unnest($1::uuid[], $2::uuid[]) as x(id, task) where s.id = x.id
  returning ${SCHEDULE_COLUMNS}`;
const SKIPPED = `
  select r.n::int as n, s.*
    from unnest($1::uuid[], $2::int[], $3::timestamptz[]) with ordinality as r(schedule, most, before, n)
         cross join lateral (
           select first_slot, last_slot, count, reason from lovage.schedule_skip
            where schedule_id = r.schedule and (r.before is null or first_slot < r.before) order by first_slot desc limit r.most) s
   order by r.n, s.first_slot desc`;
const COUNT_SKIPPED = `
  select (select count(*) from lovage.schedule_skip where schedule_id = r.schedule)::int as count
    from unnest($1::uuid[]) with ordinality as r(schedule, n) order by r.n`;

/** SQLSTATE of a second row with a unique value. */
const UNIQUE_VIOLATION = "23505";

export class PgScheduleStore implements ScheduleStore {
  constructor(private readonly sql: Sql) {}

  async insert(
    spec: ScheduleSpec,
    { source, createdBy }: { readonly source: ScheduleSource; readonly createdBy: string | null },
  ): Promise<ScheduleRecord | null> {
    const row = { ...toColumns({ ...spec, source }), created_by: createdBy };
    const [made] = await this.sql.run<ScheduleRow>(INSERT, [JSON.stringify([row])]);
    return made ? toSchedule(made) : null;
  }

  async update(id: string, version: number | null, changes: ScheduleChanges): Promise<Updated> {
    try {
      const parameters = [id, version, JSON.stringify(toColumns(changes))];
      const [row] = await this.sql.run<ScheduleRow>(UPDATE, parameters);
      if (row) return { kind: "updated", schedule: toSchedule(row) };
    } catch (error) {
      if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) return { kind: "nameTaken" };
      throw error;
    }
    const [present] = await this.byIds([id]);
    return present ? { kind: "stale", schedule: present } : { kind: "missing" };
  }

  async setEnabled(ids: readonly string[], enabled: boolean): Promise<ScheduleRecord[]> {
    return (await this.sql.run<ScheduleRow>(SET_ENABLED, [ids, enabled])).map(toSchedule);
  }

  async delete(ids: readonly string[]): Promise<ScheduleRecord[]> {
    return (await this.sql.run<ScheduleRow>(DELETE, [ids])).map(toSchedule);
  }

  async page(filter: ScheduleFilter, limit: number, afterName?: string): Promise<ScheduleRecord[]> {
    const parameters = [...toParameters(filter), afterName ?? null, limit];
    return (await this.sql.run<ScheduleRow>(PAGE, parameters)).map(toSchedule);
  }

  async count(filter: ScheduleFilter): Promise<number> {
    const [row] = await this.sql.run<{ count: string | number }>(COUNT, toParameters(filter));
    return toNumber(row?.count ?? 0);
  }

  async byIds(ids: readonly string[]): Promise<ScheduleRecord[]> {
    return (await this.sql.run<ScheduleRow>(BY_IDS, [ids])).map(toSchedule);
  }

  async byNames(names: readonly string[]): Promise<ScheduleRecord[]> {
    return (await this.sql.run<ScheduleRow>(BY_NAMES, [names])).map(toSchedule);
  }

  async noteRuns(
    runs: readonly { readonly id: string; readonly taskId: string }[],
  ): Promise<ScheduleRecord[]> {
    const parameters = [runs.map(({ id }) => id), runs.map(({ taskId }) => taskId)];
    return (await this.sql.run<ScheduleRow>(NOTE_RUNS, parameters)).map(toSchedule);
  }

  async skipped(requests: readonly SkippedRequest[]): Promise<SkippedSlots[][]> {
    type Row = { n: number; first_slot: RawTime; last_slot: RawTime } & Pick<
      SkippedSlots,
      "count" | "reason"
    >;
    const parameters = [
      requests.map(({ scheduleId }) => scheduleId),
      requests.map(({ limit }) => limit),
      requests.map(({ before = null }) => before),
    ];
    const rows = await this.sql.run<Row>(SKIPPED, parameters);
    const skipped = requests.map((): SkippedSlots[] => []);
    for (const { n, first_slot: first, last_slot: last, count, reason } of rows)
      skipped[n - 1]!.push({ firstSlot: toDate(first), lastSlot: toDate(last), count, reason });
    return skipped;
  }

  async countSkipped(scheduleIds: readonly string[]): Promise<number[]> {
    const rows = await this.sql.run<{ count: number }>(COUNT_SKIPPED, [scheduleIds]);
    return rows.map(({ count }) => count);
  }
}

/** Returns the changed columns with their values. */
function toColumns(changes: ScheduleChanges): Record<string, Json | Date | undefined> {
  const { taskName, timing, timeZone, startAt, endAt, maxRuns, jitterMs, ...same } = changes;
  const columns = {
    ...same,
    task_name: taskName,
    timing: timing && (toTimingJson(timing) as Json),
    time_zone: timeZone,
    start_at: startAt,
    end_at: endAt,
    max_runs: maxRuns,
    jitter_ms: jitterMs,
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
}

function toParameters({ enabled, taskNames, search, source }: ScheduleFilter): unknown[] {
  const pattern = search === undefined ? null : `%${search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return [enabled ?? null, taskNames ?? null, pattern, source ?? null];
}
