import { priorityRank } from "../task/priority.ts";
import { type TaskState, UNFINISHED_STATES } from "../task/state.ts";
import type { TaskSummary } from "../task/task.ts";
import { epochOf, fromEpoch, sqlStates } from "./rows.ts";
import type { Sql } from "./sql.ts";
import type { Inserted, InsertMode, NewTask } from "./task-store.ts";

/** Spans become times by the database's clock, at this statement rather than at the begin of a transaction; a time that has come means: now. */
const INSERT = `
  insert into lovage.task as t (id, name, queue, priority, state, max_attempts, input, created_at, queued_at, run_at, expires_at,
                           time_limit_ms, unique_key, idempotency_key, tags, meta, parent_id, retry_of, created_by, schedule_id,
                           schedule_name, slot, options, limit_key)
  select x.id, x.name, x.queue, x.priority, 
         case when x.held then 'PENDING' when due.at > statement_timestamp() then 'SCHEDULED' else 'QUEUED' end, x."maxAttempts", x.input,
         statement_timestamp(), case when x.held or due.at > statement_timestamp() then null else statement_timestamp() end, case when due.at > statement_timestamp() then due.at end,
         statement_timestamp() + x."expiresInMs" * interval '1 millisecond', x."timeLimitMs", x."uniqueKey", x."idempotencyKey", x.tags, x.meta,
         x."parentId", x."retryOf", x."createdBy", x."scheduleId", x."scheduleName", x.slot, x.options, x."limitKey"
    from json_to_recordset($1::json) as x(
           id uuid, name text, queue text, priority smallint, "maxAttempts" int, input jsonb, "runAt" timestamptz, "delayMs" bigint,
           "expiresInMs" bigint, "timeLimitMs" int, "uniqueKey" text, "idempotencyKey" text, tags text[], meta jsonb,
           "parentId" uuid, "retryOf" uuid, "createdBy" text, "scheduleId" uuid, "scheduleName" text, slot timestamptz,
           held boolean, options jsonb, "limitKey" text)
         cross join lateral (select coalesce(x."runAt", statement_timestamp() + x."delayMs" * interval '1 millisecond') as at) due
  on conflict do nothing
  returning t.id, t.state, ${epochOf("created_at")}, ${epochOf("run_at")}`;

/** For rows that met a key: the task that holds it. An idempotency key holds for good, a unique key while its task is unfinished. */
const HOLDERS = `
  select x.id as asked, t.id as holder, 'idempotency' as key, t.name = x.name and
         (case when t.options -> 'enqueuedInput' is null then t.input else nullif(t.options -> 'enqueuedInput', 'null') end)
           is not distinct from x.input as same
    from json_to_recordset($1::json) as x(id uuid, name text, input jsonb, "idempotencyKey" text)
    join lovage.task t on t.idempotency_key = x."idempotencyKey"
  union all
  select x.id, t.id, 'unique', true
    from json_to_recordset($1::json) as x(id uuid, "uniqueKey" text)
    join lovage.task t on t.unique_key = x."uniqueKey" and t.state in (${sqlStates(UNFINISHED_STATES)})
  union all
  select x.id, t.id, 'slot', true
    from json_to_recordset($1::json) as x(id uuid, "scheduleId" uuid, slot timestamptz)
    join lovage.task t on t.schedule_id = x."scheduleId" and t.slot = x.slot`;

const MAX_ROUNDS = 5;

interface InsertedRow {
  readonly id: string;
  readonly state: TaskState;
  readonly created_at: number;
  readonly run_at: number | null;
}
interface HolderRow {
  readonly asked: string;
  readonly holder: string;
  readonly key: "idempotency" | "unique" | "slot";
  readonly same: boolean;
}

/** Carries the answers out of a transaction that must leave nothing behind. */
class Undone extends Error {
  constructor(readonly answers: Inserted[]) {
    super("a key was used with other input");
  }
}

export async function insertTasks(sql: Sql, rows: readonly NewTask[], mode: InsertMode): Promise<Inserted[]> {
  const keyed = rows.some((row) => row.idempotencyKey !== null || row.uniqueKey !== null);
  if (mode === "each" || !keyed) return insertEach(sql, rows);
  try {
    return await sql.transaction(async (transaction) => {
      const answers = await insertEach(transaction, rows);
      if (answers.some((answer) => answer.kind === "conflict")) throw new Undone(answers);
      return answers;
    });
  } catch (error) {
    if (error instanceof Undone) return error.answers;
    throw error;
  }
}

async function insertEach(sql: Sql, rows: readonly NewTask[]): Promise<Inserted[]> {
  const answers = new Map<string, Inserted>();
  let open: readonly NewTask[] = rows;
  // More than one round only where the holder of a key finished between the two statements.
  for (let round = 0; open.length > 0; round += 1) {
    if (round === MAX_ROUNDS)
      throw new Error(`${open.length} rows were neither inserted nor found in ${MAX_ROUNDS} rounds.`);
    await insertOnce(sql, open, answers);
    if (answers.size === rows.length) break;
    open = open.filter((row) => !answers.has(row.id));
    for (const [id, answer] of await findHolders(sql, open)) answers.set(id, answer);
    open = open.filter((row) => !answers.has(row.id));
  }
  return rows.map((row) => answers.get(row.id)!);
}

async function insertOnce(sql: Sql, rows: readonly NewTask[], answers: Map<string, Inserted>): Promise<void> {
  const inserted = await sql.run<InsertedRow>(INSERT, [JSON.stringify(rows.map(toParameter))]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const row of inserted) {
    answers.set(row.id, { kind: "created", task: summaryOf(byId.get(row.id)!, row) });
  }
}

/** What is not there is left out rather than null: in bulk, the text is most of the work on both sides. */
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
    options: row.options ?? undefined,
    limitKey: row.limitKey ?? undefined,
  };
}

async function findHolders(sql: Sql, rows: readonly NewTask[]): Promise<Map<string, Inserted>> {
  const parameter = rows.map(({ id, name, input, idempotencyKey, uniqueKey, schedule }) => ({
    id,
    name,
    input,
    idempotencyKey,
    uniqueKey,
    scheduleId: schedule?.id,
    slot: schedule?.slot,
  }));
  const holders = await sql.run<HolderRow>(HOLDERS, [JSON.stringify(parameter)]);
  const found = new Map<string, Inserted>();
  for (const { asked, holder, key, same } of holders) {
    if (key !== "idempotency" && found.has(asked)) continue; // The idempotency key, listed first, says more.
    found.set(asked, { kind: same ? "existing" : "conflict", taskId: holder });
  }
  return found;
}

function summaryOf(task: NewTask, row: InsertedRow): TaskSummary {
  const createdAt = new Date(row.created_at);
  return {
    id: task.id,
    name: task.name,
    queue: task.queue,
    priority: task.priority,
    state: row.state,
    attempt: 0,
    maxAttempts: task.maxAttempts,
    crashCount: 0,
    workerId: null,
    workerName: null,
    tags: task.tags,
    progress: null,
    createdAt,
    queuedAt: row.state === "QUEUED" ? createdAt : null,
    startedAt: null,
    finishedAt: null,
    runAt: fromEpoch(row.run_at),
    scheduleId: task.schedule?.id ?? null,
    version: 1,
    ...(typeof task.limitKey === "string" ? { limitKey: task.limitKey } : {}),
  };
}
