import { type SummaryRow, sqlStates, SUMMARY_COLUMNS, toSummary } from "./rows.ts";
import { UNFINISHED_STATES } from "../../task/records/state.ts";
import type { Sql } from "../connection/sql.ts";
import type { Inserted } from "./task-store.ts";

/**
 * An idempotency key belongs to the input of its call permanently: that input is kept for
 * `pg-insert`, which compares with it.
 */
const OPTIONS = `case when t.idempotency_key is null then h.options else coalesce(h.options, '{}') ||
           case when t.options -> 'enqueuedInput' is not null
             then jsonb_build_object('enqueuedInput', t.options -> 'enqueuedInput')
             else jsonb_build_object('enqueuedInput', t.input) end end`;

/**
 * Waiting tasks that hold a unique key get the input and the options of the call; all else starts
 * again, also the count of attempts. A worker that claims such a row first makes it STARTED: the
 * lock here then finds that, and the row is not changed. Locked in order of the keys, so that
 * batches with the same keys wait for each other instead of a deadlock.
 */
const REPLACE = `
  with held as materialized (
    select t.id as holder, t.state as was, t.queue as "wasIn", t.priority as "wasAt", t.limit_key as "wasBy", x.*,
           least(coalesce(x."runAt", statement_timestamp() + x."delayMs" * interval '1 millisecond'),
                 t.created_at + x."maxWaitMs" * interval '1 millisecond') as due
      from json_to_recordset($1::json) as x(
             id uuid, name text, queue text, priority smallint, "maxAttempts" int, input jsonb, "runAt" timestamptz, "delayMs" bigint,
             "maxWaitMs" bigint, "expiresInMs" bigint, "timeLimitMs" int, "uniqueKey" text, tags text[], meta jsonb, options jsonb,
             "limitKey" text)
           join lovage.task t on t.unique_key = x."uniqueKey" and t.name = x.name and t.state in (${sqlStates(UNFINISHED_STATES)})
     where t.state || '' in ('SCHEDULED','QUEUED','RETRY')
     order by t.unique_key for update of t)
  update lovage.task t
     set state = case when later then 'SCHEDULED' else 'QUEUED' end,
         version = t.version + 1,
         queue = h.queue, priority = h.priority, input = h.input, max_attempts = h."maxAttempts", time_limit_ms = h."timeLimitMs",
         options = ${OPTIONS}, tags = h.tags, meta = h.meta, limit_key = h."limitKey",
         run_at = case when later then h.due end,
         queued_at = case when later then null when h.was = 'QUEUED' then t.queued_at else statement_timestamp() end,
         expires_at = statement_timestamp() + h."expiresInMs" * interval '1 millisecond',
         attempt = 0, attempts = null, crash_count = 0, error = null, progress = null,
         started_at = null, worker_id = null, worker_name = null
    from held h where t.id = h.holder
  returning ${SUMMARY_COLUMNS}, h.id as asked,
            h.was = 'QUEUED' and not coalesce(later, false) and h."wasIn" = t.queue and h."wasAt" = t.priority
              and h."wasBy" is not distinct from t.limit_key as hinted`.replaceAll(
  /\blater\b/g,
  "(h.due > statement_timestamp())",
);

/** @param rows one for each key. Returns the answers by the id of the row that asked */
export async function replaceHolders(sql: Sql, rows: readonly object[]): Promise<Map<string, Inserted>> {
  type Row = SummaryRow & { readonly asked: string; readonly hinted: boolean };
  const replaced = await sql.run<Row>(REPLACE, [JSON.stringify(rows)]);
  return new Map(
    replaced.map((row) => [row.asked, { kind: "replaced", task: toSummary(row), hinted: row.hinted }]),
  );
}
