import { TimeSlice } from "../../lib/async/event-loop.ts";
import { priorityRank } from "../../task/definition/priority.ts";
import { type TaskState, UNFINISHED_STATES } from "../../task/records/state.ts";
import type { TaskSummary } from "../../task/records/task.ts";
import { type JsonStatement, jsonStatements } from "./json-statements.ts";
import { replaceHolders } from "./pg-replace.ts";
import { epochOf, sqlStates, type SummaryRow, toSummary } from "./rows.ts";
import type { Sql } from "../connection/sql.ts";
import type { Inserted, InsertMode, NewTask } from "./task-store.ts";

/**
 * Durations become timestamps by the database's clock, at this statement and not at the start of a
 * transaction. A past timestamp means now.
 */
const insertFrom = (condition: string): string => `
  insert into lovage.task as t (id, name, queue, priority, state, max_attempts, input, created_at, queued_at, run_at, expires_at,
                           time_limit_ms, unique_key, idempotency_key, tags, meta, parent_id, retry_of, created_by, schedule_id,
                           schedule_name, slot, options, limit_key, version)
  select x.id, x.name, x.queue, x.priority, 
         case when x.held then 'PENDING' when due.at > statement_timestamp() then 'SCHEDULED' else 'QUEUED' end, x."maxAttempts", x.input,
         statement_timestamp(), case when x.held or due.at > statement_timestamp() then null else statement_timestamp() end, case when due.at > statement_timestamp() then due.at end,
         statement_timestamp() + x."expiresInMs" * interval '1 millisecond', x."timeLimitMs", x."uniqueKey", x."idempotencyKey", x.tags, x.meta,
         x."parentId", x."retryOf", x."createdBy", x."scheduleId", x."scheduleName", x.slot, x.options, x."limitKey", coalesce(x.version, 1)
    from json_to_recordset($1::json) as x(
           id uuid, name text, queue text, priority smallint, "maxAttempts" int, input jsonb, "runAt" timestamptz, "delayMs" bigint,
           "expiresInMs" bigint, "timeLimitMs" int, "uniqueKey" text, "idempotencyKey" text, tags text[], meta jsonb,
           "parentId" uuid, "retryOf" uuid, "createdBy" text, "scheduleId" uuid, "scheduleName" text, slot timestamptz,
           held boolean, options jsonb, "limitKey" text, version int)
         cross join lateral (select coalesce(x."runAt", statement_timestamp() + x."delayMs" * interval '1 millisecond') as at) due
   ${condition}
  on conflict do nothing
  returning t.id, t.state, ${epochOf("created_at")}, ${epochOf("run_at")}`;
const INSERT = insertFrom("");

/**
 * A running task releases its key, and the new one gets it: one statement, so that no other call
 * gets the key in between and nothing is half done. The running task's version stays: losing the
 * key is not a change of its state.
 */
const HAND_OVER_KEY = `
  with released as (
    update lovage.task t set unique_key = null
      from json_to_recordset($1::json) as x(id uuid, name text, "uniqueKey" text)
     where t.unique_key = x."uniqueKey" and t.name = x.name and t.state in (${sqlStates(UNFINISHED_STATES)})
       and t.state || '' = 'STARTED'
    returning x.id)
  ${insertFrom("where x.id in (select released.id from released)")}`;

/**
 * For rows whose key is taken: the task that holds it. An idempotency key is held permanently, a
 * unique key while its task is unfinished. Inputs are compared as stored, so without sensitive
 * values: else callers could guess values by the answers.
 */
const HOLDERS = `
  select x.id as asked, t.id as holder, 'idempotency' as key, t.state,
         t.name = x.name
           and case when t.options -> 'enqueuedInput' is null then t.input else nullif(t.options -> 'enqueuedInput', 'null') end
               is not distinct from x.input as same
    from json_to_recordset($1::json) as x(id uuid, name text, input jsonb, "idempotencyKey" text)
    join lovage.task t on t.idempotency_key = x."idempotencyKey"
  union all
  select x.id, t.id, 'unique', t.state, t.name = x.name
    from json_to_recordset($1::json) as x(id uuid, name text, "uniqueKey" text)
    join lovage.task t on t.unique_key = x."uniqueKey" and t.state in (${sqlStates(UNFINISHED_STATES)})
  union all
  select x.id, t.id, 'slot', t.state, true
    from json_to_recordset($1::json) as x(id uuid, "scheduleId" uuid, slot timestamptz)
    join lovage.task t on t.schedule_id = x."scheduleId" and t.slot = x.slot`;

/**
 * Each round means that another call or a worker made progress. One key with very many concurrent
 * calls may take some.
 */
const MAX_ROUNDS = 100;

interface InsertedRow {
  readonly id: string;
  readonly state: TaskState;
  readonly created_at: number;
  readonly run_at: number | null;
}
export interface HolderRow {
  readonly asked: string;
  readonly holder: string;
  readonly key: "idempotency" | "unique" | "slot";
  readonly state: TaskState;
  /** Whether it is of the same definition; for an idempotency key, with the same input too. */
  readonly same: boolean;
}

/** Carries the answers out of a transaction that must leave nothing behind. */
class Undone extends Error {
  constructor(readonly answers: Inserted[]) {
    super("a key was used with another input, or is taken");
  }
}

/**
 * Inserts any number of rows, in one statement where they are few, else in one transaction of
 * several: each is short, and so is far from the limit of a statement, however long the whole
 * takes.
 */
export async function insertTasks(sql: Sql, rows: readonly NewTask[], mode: InsertMode): Promise<Inserted[]> {
  const keyed = rows.some((row) => row.idempotencyKey !== null || row.uniqueKey !== null);
  const whole = mode === "each" || !keyed ? asOneStatement(rows) : null;
  if (whole) return insertEach(sql, whole);
  try {
    return await sql.transaction((transaction) => insertWithin(transaction, rows, mode));
  } catch (error) {
    if (error instanceof Undone) return error.answers;
    throw error;
  }
}

/**
 * The same in an open transaction, which must be rolled back where it throws. With `"all"`, it
 * throws for rows that are refused.
 */
export async function insertWithin(
  sql: Sql,
  rows: readonly NewTask[],
  mode: InsertMode,
): Promise<Inserted[]> {
  const answers: Inserted[] = [];
  const slice = new TimeSlice();
  for (const statement of statementsOf(rows)) {
    // The embedded database runs in this thread, and resolves without a turn of the event loop.
    await slice.yield();
    const some = await insertEach(sql, statement);
    for (const answer of some) answers.push(answer);
    if (mode === "all" && some.some(isRefusal)) throw new Undone(answers);
  }
  return answers;
}

type Statement = JsonStatement<NewTask>;

function asOneStatement(rows: readonly NewTask[]): Statement | null {
  const { value: first } = statementsOf(rows).next();
  return first && first.rows.length === rows.length ? first : null;
}

function statementsOf(rows: readonly NewTask[]): Generator<Statement, undefined> {
  return jsonStatements(rows, toParameter);
}

/** Whether a row was refused because of its keys. */
export function isRefusal({ kind }: Inserted): boolean {
  return kind === "conflict" || kind === "taken";
}

async function insertEach(sql: Sql, { rows, parameter }: Statement): Promise<Inserted[]> {
  const answers = new Map<string, Inserted>();
  let open: readonly NewTask[] = rows;
  // More than one round only where the holder of a key changed between two statements.
  for (let round = 0; open.length > 0; round += 1) {
    if (round === MAX_ROUNDS)
      throw new Error(`${open.length} rows were neither inserted nor found in ${MAX_ROUNDS} rounds.`);
    await insertOnce(sql, INSERT, round === 0 ? { rows, parameter } : statementOf(open), answers);
    if (answers.size === rows.length) break;
    open = open.filter((row) => !answers.has(row.id));
    await replaceOrHandOver(sql, open, answers);
    open = open.filter((row) => !answers.has(row.id));
    if (open.length === 0) break;
    for (const [id, answer] of await findHolders(sql, open)) answers.set(id, answer);
    open = open.filter((row) => !answers.has(row.id));
  }
  return rows.map((row) => answers.get(row.id)!);
}

/** Of several rows with one key the last one counts: it replaced the others. */
async function replaceOrHandOver(
  sql: Sql,
  rows: readonly NewTask[],
  answers: Map<string, Inserted>,
): Promise<void> {
  const replacing = rows.filter(({ onConflict }) => onConflict === "REPLACE");
  if (replacing.length === 0) return;
  const last = new Map(replacing.map((row) => [row.uniqueKey, row]));
  const found = await replaceHolders(sql, [...last.values()].map(toParameter));
  const running = [...last.values()].filter((row) => !found.has(row.id));
  if (running.length > 0) await insertOnce(sql, HAND_OVER_KEY, statementOf(running), answers);
  for (const row of replacing) {
    const winner = last.get(row.uniqueKey)!;
    const answer = found.get(winner.id) ?? answers.get(winner.id);
    if (answer) answers.set(row.id, row === winner ? answer : asEarlier(answer));
  }
}

/**
 * Returns the answer to a call whose task was replaced at once by a later one of the same batch.
 */
function asEarlier(answer: Inserted): Inserted {
  return answer.kind === "created" ? { kind: "existing", taskId: answer.task.id } : answer;
}

function statementOf(rows: readonly NewTask[]): Statement {
  return { rows, parameter: JSON.stringify(rows.map(toParameter)) };
}

async function insertOnce(
  sql: Sql,
  statement: string,
  { rows, parameter }: Statement,
  answers: Map<string, Inserted>,
): Promise<void> {
  const inserted = await sql.run<InsertedRow>(statement, [parameter]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const row of inserted) {
    answers.set(row.id, { kind: "created", task: summaryOf(byId.get(row.id)!, row) });
  }
}

/**
 * Absent values are left out rather than null: in bulk, the JSON is most of the work on both sides.
 */
// oxlint-disable-next-line complexity -- a list of columns, each of which may be absent
function toParameter(row: NewTask): object {
  return {
    id: row.id,
    name: row.name,
    queue: row.queue,
    priority: priorityRank(row.priority),
    input: row.input,
    maxAttempts: row.maxAttempts,
    runAt: row.runAt ?? undefined,
    delayMs: row.delayMs ?? undefined,
    expiresInMs: row.expiresInMs ?? undefined,
    timeLimitMs: row.timeLimitMs ?? undefined,
    uniqueKey: row.uniqueKey ?? undefined,
    idempotencyKey: row.idempotencyKey ?? undefined,
    tags: row.tags.length > 0 ? row.tags : undefined,
    meta: row.meta ?? undefined,
    parentId: row.parentId ?? undefined,
    retryOf: row.retryOf ?? undefined,
    createdBy: row.createdBy ?? undefined,
    scheduleId: row.schedule?.id,
    scheduleName: row.schedule?.name,
    slot: row.schedule?.slot ?? undefined,
    held: row.held,
    maxWaitMs: row.maxWaitMs ?? undefined,
    options: row.options ?? undefined,
    limitKey: row.limitKey ?? undefined,
    version: row.isAnnounced === false ? 0 : undefined,
  };
}

/** The tasks that hold keys of new rows. */
export async function queryHolders(sql: Sql, rows: readonly NewTask[]): Promise<HolderRow[]> {
  const parameter = rows.map(({ id, name, input, idempotencyKey, uniqueKey, schedule }) => ({
    id,
    name,
    input,
    idempotencyKey,
    uniqueKey,
    scheduleId: schedule?.id,
    slot: schedule?.slot,
  }));
  return sql.run<HolderRow>(HOLDERS, [JSON.stringify(parameter)]);
}

async function findHolders(sql: Sql, rows: readonly NewTask[]): Promise<Map<string, Inserted>> {
  const holders = await queryHolders(sql, rows);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const found = new Map<string, Inserted>();
  for (const row of holders) {
    if (row.key !== "idempotency" && found.has(row.asked)) continue; // The idempotency key, listed first, takes precedence.
    const kind = answerOf(row, byId.get(row.asked)!);
    if (kind) found.set(row.asked, { kind, taskId: row.holder });
  }
  return found;
}

/** Null where another round may replace the holder. */
function answerOf(
  { key, state, same }: HolderRow,
  { onConflict = "RETURN" }: NewTask,
): "existing" | "conflict" | "taken" | null {
  if (key === "idempotency") return same ? "existing" : "conflict";
  if (key === "slot" || onConflict === "RETURN") return "existing";
  if (onConflict === "REJECT") return "taken";
  return same && state !== "PENDING" ? null : "taken";
}

/** The columns of every new row. */
const FRESH = {
  attempt: 0,
  crash_count: 0,
  worker_id: null,
  worker_name: null,
  progress: null,
  started_at: null,
  finished_at: null,
  version: 1,
} as const satisfies Partial<SummaryRow>;

function summaryOf(task: NewTask, row: InsertedRow): TaskSummary {
  return toSummary({
    ...FRESH,
    id: row.id,
    state: row.state,
    created_at: row.created_at,
    run_at: row.run_at,
    name: task.name,
    queue: task.queue,
    priority: priorityRank(task.priority),
    max_attempts: task.maxAttempts,
    tags: task.tags,
    queued_at: row.state === "QUEUED" ? row.created_at : null,
    schedule_id: task.schedule?.id ?? null,
    limit_key: task.limitKey ?? null,
  });
}
