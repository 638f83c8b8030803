import { partsOf } from "../../lib/async/in-parts.ts";
import { epochAs, sqlStates, SUMMARY_COLUMNS, type SummaryRow, toNumber, toSummary } from "../tasks/rows.ts";
import { UNFINISHED_STATES } from "../../task/records/state.ts";
import type { ScheduleRecord } from "../../task/schedule/schedule.ts";
import type { TaskSummary } from "../../task/records/task.ts";
import { insertWithin } from "../tasks/pg-insert.ts";
import { PgTaskControlStore } from "../tasks/task-control-store.ts";
import type { BeatLook, BeatRound, BeatStore, DueSchedule, SlotDecision } from "./schedule-store.ts";
import {
  SCHEDULE_COLUMNS,
  type ScheduleRow,
  type StoredTiming,
  toFormerTimings,
  toSchedule,
} from "./schedule-rows.ts";
import type { Sql } from "../connection/sql.ts";
import type { Inserted } from "../tasks/task-store.ts";

const UNFINISHED = sqlStates(UNFINISHED_STATES);

/**
 * Limits of one transaction, in time and in tasks; the next one continues. After an outage each
 * schedule may have many slots. All at once they would exceed the time limits of idle sessions and
 * of statements, and so never be decided.
 */
const DECIDE_MS = 250;
const MAX_TASKS = 5_000;
/**
 * Tasks of earlier slots that one statement revokes. All of them at once might exceed the time
 * limit of a statement.
 */
const MAX_REVOKED_AT_ONCE = 1_000;

/**
 * Ends the session of a beat that was suspended while it held locks, so that others soon get the
 * rows.
 */
const LET_GO = `select set_config('idle_in_transaction_session_timeout', '5s', true)`;

const TAKE_DUE = `
  select ${SCHEDULE_COLUMNS}, s.former_timings, ${epochAs("coalesce($2::timestamptz, statement_timestamp())", "now")}
    from lovage.schedule s
   where s.next_run_at <= coalesce($2::timestamptz, statement_timestamp()) and s.enabled
   order by s.next_run_at limit $1 for update skip locked`;

/** Runs after the rows were locked, and so sees the changes of other beats. */
const COUNT_UNFINISHED = `
  select schedule_id, count(*) as count from lovage.task
   where schedule_id = any($1::uuid[]) and state in (${UNFINISHED}) group by schedule_id`;

const UNFINISHED_IDS = `
  select id from lovage.task where schedule_id = any($1::uuid[]) and state in (${UNFINISHED})`;

const DECIDE = `
  update lovage.schedule s
     set decided_until = x."decidedUntil", next_slot = x."nextSlot", next_run_at = x."nextRunAt",
         former_timings = '[]', last_run_at = coalesce(x."lastRunAt", s.last_run_at), last_task_id = coalesce(x."lastTaskId", s.last_task_id),
         total_run_count = s.total_run_count + x.fired, problem = x.problem, enabled = s.enabled and x.problem is null
    from json_to_recordset($1::json) as x(
           id uuid, "decidedUntil" timestamptz, "nextSlot" timestamptz, "nextRunAt" timestamptz, "lastRunAt" timestamptz,
           "lastTaskId" uuid, fired int, problem text)
   where s.id = x.id
  returning s.id, s.version, ${epochAs("s.updated_at", "updated_at")}`;

/** Slots that follow those of the newest record, with the same reason, extend it. */
const NOTE_SKIPPED = `
  with skipped as (
    select * from json_to_recordset($1::json) as x(
      schedule uuid, after timestamptz, first timestamptz, last timestamptz, count int, reason text)),
  longer as (
    update lovage.schedule_skip k set last_slot = x.last, count = k.count + x.count
      from skipped x
     where k.schedule_id = x.schedule and k.reason = x.reason and k.last_slot = x.after
    returning k.schedule_id, x.first)
  insert into lovage.schedule_skip (schedule_id, first_slot, last_slot, count, reason)
  select x.schedule, x.first, x.last, x.count, x.reason from skipped x
   where not exists (select 1 from longer l where l.schedule_id = x.schedule and l.first = x.first)
  on conflict do nothing`;

/**
 * One task of each schedule at a time, the oldest first, and only if none of its tasks waits or
 * runs.
 */
const RELEASE_HELD = `
  with oldest as (
    select distinct on (schedule_id) id, schedule_id from lovage.task
     where state = 'PENDING' and schedule_id is not null order by schedule_id, slot)
  update lovage.task t set state = 'QUEUED', queued_at = now(), version = t.version + 1
    from oldest o
   where t.id = o.id and t.state || '' = 'PENDING'
     and not exists (select 1 from lovage.task p
                      where p.schedule_id = o.schedule_id and p.state in ('SCHEDULED','QUEUED','STARTED','RETRY'))
  returning ${SUMMARY_COLUMNS}`;

const LOOK = `
  select (select (extract(epoch from min(next_run_at) - coalesce($1::timestamptz, clock_timestamp())) * 1000)::float8
            from lovage.schedule where next_run_at is not null) as "dueInMs",
         exists (select from lovage.task where state = 'PENDING' and schedule_id is not null) as held`;

const DELETE_OLD_SKIPS = `
  delete from lovage.schedule_skip k
   where (k.schedule_id, k.first_slot) in (
     select schedule_id, first_slot from lovage.schedule_skip
      where last_slot < now() - $1::bigint * interval '1 millisecond' limit $2)
  returning k.schedule_id`;

const NOTHING: BeatRound = {
  more: false,
  fired: [],
  skipped: [],
  planned: [],
  created: [],
  revoked: [],
  cancelRequested: [],
};

interface DueRow extends ScheduleRow {
  readonly now: number;
  readonly former_timings: readonly StoredTiming[];
}

/** A decision after its tasks were inserted. */
interface Outcome {
  readonly decision: SlotDecision;
  readonly record: ScheduleRecord;
  readonly created: readonly TaskSummary[];
}

/**
 * Turns due slots into tasks: one transaction locks the rows, decides about them and updates them.
 */
export class PgBeatStore implements BeatStore {
  constructor(
    private readonly sql: Sql,
    /** Throws when the database has no room for more tasks. */
    private readonly checkRoom: () => void = () => undefined,
  ) {}

  async look(at?: Date): Promise<BeatLook> {
    const [look] = await this.sql.run<BeatLook>(LOOK, [at ?? null]);
    return look!;
  }

  take(
    limit: number,
    decide: (due: DueSchedule, now: Date) => SlotDecision,
    { keepMs, at }: { readonly keepMs: number; readonly at?: Date | undefined },
  ): Promise<BeatRound> {
    return this.sql.transaction(async (sql) => {
      await sql.run(LET_GO);
      const rows = await sql.run<DueRow>(TAKE_DUE, [limit, at ?? null]);
      const [first] = rows;
      if (!first) return NOTHING;
      this.checkRoom();
      // failpoint: beat.taken
      const now = new Date(first.now);
      const records = rows.map(toSchedule);
      const unfinished = await countUnfinished(sql, records);
      const decisions = decideSome(records, (record, index) => {
        const former = toFormerTimings(rows[index]!.former_timings);
        return decide({ record, unfinished: unfinished.get(record.id) ?? 0, former }, now);
      });
      const cancelled = await cancelPrevious(sql, decisions, keepMs);
      const outcomes = await insertAll(sql, decisions, records);
      const changed = await store(sql, outcomes, now);
      // failpoint: beat.moved-on
      return {
        more: rows.length === limit || decisions.length < rows.length,
        ...changed,
        ...cancelled,
        created: outcomes.flatMap(({ created }) => created),
      };
    });
  }

  async releaseHeld(): Promise<TaskSummary[]> {
    return (await this.sql.run<SummaryRow>(RELEASE_HELD)).map(toSummary);
  }

  async deleteOldSkips(olderThanMs: number, limit: number): Promise<number> {
    return (await this.sql.run(DELETE_OLD_SKIPS, [olderThanMs, limit])).length;
  }
}

function decideSome(
  records: readonly ScheduleRecord[],
  decide: (record: ScheduleRecord, index: number) => SlotDecision,
): SlotDecision[] {
  const decisions: SlotDecision[] = [];
  const until = performance.now() + DECIDE_MS;
  let tasks = 0;
  for (const [index, record] of records.entries()) {
    const decision = decide(record, index);
    decisions.push(decision);
    tasks += decision.tasks.length;
    if (tasks >= MAX_TASKS || performance.now() > until) break;
  }
  return decisions;
}

async function countUnfinished(
  sql: Sql,
  records: readonly ScheduleRecord[],
): Promise<ReadonlyMap<string, number>> {
  const ids = records.filter(({ overlap }) => overlap !== "ALLOW").map(({ id }) => id);
  if (ids.length === 0) return new Map();
  type Row = { schedule_id: string; count: string | number };
  const rows = await sql.run<Row>(COUNT_UNFINISHED, [ids]);
  return new Map(rows.map((row) => [row.schedule_id, toNumber(row.count)]));
}

const NEXT_SLOT_CAME = { by: null, reason: "The next slot of its schedule came." };

async function cancelPrevious(
  sql: Sql,
  decisions: readonly SlotDecision[],
  keepMs: number,
): Promise<Pick<BeatRound, "revoked" | "cancelRequested">> {
  const schedules = decisions.filter((decision) => decision.cancelPrevious).map((one) => one.scheduleId);
  if (schedules.length === 0) return { revoked: [], cancelRequested: [] };
  const tasks = await sql.run<{ id: string }>(UNFINISHED_IDS, [schedules]);
  const control = new PgTaskControlStore(sql);
  const revoked: TaskSummary[] = [];
  const cancelRequested: string[] = [];
  for (const part of partsOf(tasks, MAX_REVOKED_AT_ONCE)) {
    const ids = part.map(({ id }) => id);
    const some = await control.revoke(ids, true, keepMs, NEXT_SLOT_CAME);
    revoked.push(...some.revoked);
    cancelRequested.push(...some.cancelRequested);
  }
  return { revoked, cancelRequested };
}

async function insertAll(
  sql: Sql,
  decisions: readonly SlotDecision[],
  records: readonly ScheduleRecord[],
): Promise<Outcome[]> {
  const rows = decisions.flatMap(({ tasks }) => tasks);
  const inserted = rows.length > 0 ? await insertWithin(sql, rows, "each") : [];
  let next = 0;
  return decisions.map((decision, index) => {
    const answers = inserted.slice(next, (next += decision.tasks.length));
    return {
      decision: withDuplicates(decision, answers),
      record: records[index]!,
      created: createdOf(answers),
    };
  });
}

function createdOf(answers: readonly Inserted[]): TaskSummary[] {
  return answers.flatMap((answer) => ("task" in answer ? [answer.task] : []));
}

/**
 * Returns slots whose task existed already: an unfinished one with the same `uniqueKey`, which was
 * not replaced.
 */
function withDuplicates(decision: SlotDecision, answers: readonly Inserted[]): SlotDecision {
  const duplicates = decision.tasks.filter((_, index) => !("task" in answers[index]!));
  if (duplicates.length === 0) return decision;
  const noted = duplicates.map(({ schedule }) => {
    const slot = schedule!.slot!;
    return { firstSlot: slot, lastSlot: slot, count: 1, reason: "DUPLICATE" as const };
  });
  return { ...decision, skipped: [...decision.skipped, ...noted] };
}

async function store(
  sql: Sql,
  outcomes: readonly Outcome[],
  now: Date,
): Promise<Pick<BeatRound, "fired" | "skipped" | "planned">> {
  const parameter = outcomes.map(({ decision, created }) => ({
    id: decision.scheduleId,
    decidedUntil: decision.decidedUntil,
    nextSlot: decision.nextSlot,
    nextRunAt: decision.nextRunAt,
    lastRunAt: created.length > 0 ? now : null,
    lastTaskId: created.at(-1)?.id ?? null,
    fired: created.length,
    problem: decision.problem,
  }));
  const stored = new Map(
    (await sql.run<StoredRow>(DECIDE, [JSON.stringify(parameter)])).map((row) => [row.id, row]),
  );
  await noteSkipped(sql, outcomes);
  const after = (some: readonly Outcome[]): ScheduleRecord[] =>
    some.map((outcome) => afterwards(outcome, stored.get(outcome.record.id)!, now));
  const skips = ({ decision }: Outcome): boolean => decision.skipped.length > 0;
  const [fired, others] = partition(outcomes, ({ created }) => created.length > 0);
  const [skipped, rest] = partition(others, skips);
  return {
    fired: after(fired),
    skipped: after(skipped),
    planned: after(rest.filter(({ record }) => record.nextSlot === null)),
  };
}

interface StoredRow {
  readonly id: string;
  readonly version: number;
  readonly updated_at: number;
}

/**
 * Returns a schedule as it is stored now. All of it is known: reading it again would cost more than
 * the decision.
 */
function afterwards({ record, decision, created }: Outcome, stored: StoredRow, now: Date): ScheduleRecord {
  const { decidedUntil, nextSlot, nextRunAt, problem } = decision;
  return {
    ...record,
    ...{ decidedUntil, nextSlot, nextRunAt, problem, enabled: problem === null },
    version: stored.version,
    updatedAt: new Date(stored.updated_at),
    lastRunAt: created.length > 0 ? now : record.lastRunAt,
    lastTaskId: created.at(-1)?.id ?? record.lastTaskId,
    totalRunCount: record.totalRunCount + created.length,
  };
}

function partition<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

async function noteSkipped(sql: Sql, outcomes: readonly Outcome[]): Promise<void> {
  const notes = outcomes.flatMap(({ decision, record }) =>
    decision.skipped.map((some, index) => ({
      schedule: record.id,
      after: index === 0 ? record.decidedUntil : null,
      first: some.firstSlot,
      last: some.lastSlot,
      count: some.count,
      reason: some.reason,
    })),
  );
  if (notes.length > 0) await sql.run(NOTE_SKIPPED, [JSON.stringify(notes)]);
}
