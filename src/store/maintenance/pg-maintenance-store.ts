import { type Hint, QUEUE_PARTITION } from "../../task/records/hint.ts";
import { priorityOf } from "../../task/definition/priority.ts";
import { type Keep, keepMsFor } from "../../task/records/results.ts";
import { sourcesOf } from "../../task/records/state.ts";
import type { TaskSummary } from "../../task/records/task.ts";
import { keepMs, type SummaryRow, sqlStates, SUMMARY_COLUMNS, toNumber, toSummary } from "../tasks/rows.ts";
import type { Sql } from "../connection/sql.ts";
import type { Rescued, MaintenanceStore } from "./maintenance-store.ts";

/** Costs one look at an empty index when there are none. */
const ANNOUNCE_NEW = `
  with fresh as (select id from lovage.task where version = 0 order by id limit $1 for update skip locked)
  update lovage.task t set version = 1 from fresh where t.id = fresh.id
  returning ${SUMMARY_COLUMNS}`;

const PROMOTE_DUE = `
  with due as (
    select id from lovage.task where state in ('SCHEDULED','RETRY') and run_at <= now()
     order by run_at limit $1 for update skip locked)
  update lovage.task t set state = 'QUEUED', queued_at = now(), version = t.version + 1
    from due where t.id = due.id
  returning ${SUMMARY_COLUMNS}`;

const NEXT_DUE = `
  select (extract(epoch from min(run_at) - clock_timestamp()) * 1000)::float8 as ms
    from lovage.task where state in ('SCHEDULED','RETRY')`;

const EXPIRE = `
  with late as (
    select id from lovage.task
     where expires_at is not null and expires_at <= now() and state in (${sqlStates(sourcesOf("EXPIRED"))})
     order by expires_at limit $1 for update skip locked)
  update lovage.task t
     set state = 'EXPIRED', keep_until = now() + ${keepMs("'EXPIRED'", "$2::bigint")} * interval '1 millisecond',
         finished_at = now(), version = t.version + 1
    from late where t.id = late.id
  returning ${SUMMARY_COLUMNS}`;

/**
 * A task that killed its worker too often is not given to another; a cancelled task does not run
 * again. An OFFLINE worker did not crash, even if it could not requeue everything; one whose row
 * was deleted may have crashed.
 *
 * `holder` hops from worker to worker along the index of STARTED rows: its cost is the number of
 * workers that run something. A worker's row is older than its first claim: so in one snapshot, a
 * holder without a row will not get one. `gone` is joined by value: a task that was rescued and
 * claimed again in between is compared with its new worker, and not changed.
 */
const RESCUE = `
  with recursive holder as (
    (select worker_id from lovage.task where state = 'STARTED' order by worker_id limit 1)
    union all
    select (select worker_id from lovage.task where state = 'STARTED' and worker_id > holder.worker_id order by worker_id limit 1)
      from holder where holder.worker_id is not null),
  gone as materialized (
    select holder.worker_id, coalesce(w.status, 'LOST') = 'LOST' as crashed
      from holder left join lovage.worker w on w.id = holder.worker_id
     where holder.worker_id is not null and (w.id is null or w.status in ('LOST','OFFLINE'))),
  orphan as (
    select t.id, t.crash_count + gone.crashed::int as crashes,
           case when t.cancel_requested_at is not null then 'REVOKED'
                when gone.crashed and t.crash_count + 1 >= $2 then 'FAILURE' else 'QUEUED' end as next
      from gone join lovage.task t on t.worker_id = gone.worker_id and t.state = 'STARTED'
     limit $1 for update of t skip locked)
  update lovage.task t
     set state = orphan.next,
         version = t.version + 1,
         attempt = t.attempt - (orphan.next = 'QUEUED')::int,
         crash_count = orphan.crashes,
         queued_at = case when orphan.next = 'QUEUED' then now() else t.queued_at end,
         finished_at = case when orphan.next <> 'QUEUED' then now() end,
         keep_until = case when orphan.next <> 'QUEUED' then now() + ${keepMs("orphan.next", "case orphan.next when 'REVOKED' then $4::bigint else $3::bigint end")} * interval '1 millisecond' end,
         error = case when orphan.next = 'FAILURE' then jsonb_build_object(
           'type', 'WorkerLost', 'message', format('The worker died %s times while it ran this task; the last was %s.',
           orphan.crashes, t.worker_name), 'stack', null, 'retryable', false, 'fingerprint', 'WorkerLost') end
    from orphan where t.id = orphan.id
  returning ${SUMMARY_COLUMNS}`;

const LIMITED_QUEUE = `(q.concurrency_limit is not null or q.rate_limit is not null)`;
/**
 * Rows with their own hints. Tasks with limits, or of a limited queue, share the hint of their
 * partition. Tasks that are not announced yet get their first hint from the dispatcher.
 */
const WAITED = `state = 'QUEUED' and version > 0 and queued_at <= now() - $1::bigint * interval '1 millisecond' and limit_key is null
   and not (queue = any(array(select q.name from lovage.queue q where ${LIMITED_QUEUE})))`;

/** Hops from queue to queue along the index: its cost is the number of queues, not of rows. */
const QUEUES_WITH_WAITING = `
  with recursive hop as (
    (select queue from lovage.task where state = 'QUEUED' order by queue limit 1)
    union all
    select (select queue from lovage.task where state = 'QUEUED' and queue > hop.queue order by queue limit 1)
      from hop where hop.queue is not null)
  select queue from hop where queue is not null`;

const COUNT_WAITING = `
  select count(*) as count from (select 1 from lovage.task where queue = $2 and ${WAITED} limit $3) waiting`;

const WAITING_HINTS = `
  select id, queue, priority from lovage.task
   where ${WAITED} and ($2::text is null or queue = $2) and ($3::uuid is null or id > $3)
   order by id limit $4`;

/**
 * Hops from partition to partition along the index of limited rows: its cost is the number of
 * partitions.
 */
const WAITING_PARTITIONS = `
  with recursive partition as (
    (select queue, name, id from lovage.task where state = 'QUEUED' and limit_key is not null and ($1::text is null or queue = $1)
      order by queue, name limit 1)
    union all
    select next.* from partition cross join lateral (
      select t.queue, t.name, t.id from lovage.task t
       where t.state = 'QUEUED' and t.limit_key is not null and ($1::text is null or t.queue = $1) and (t.queue, t.name) > (partition.queue, partition.name)
       order by t.queue, t.name limit 1) next)
  select queue, name as partition, id from partition
  union all
  select q.name, '${QUEUE_PARTITION}', first.id from lovage.queue q cross join lateral (
    select t.id from lovage.task t where t.state = 'QUEUED' and t.queue = q.name and t.limit_key is null limit 1) first
   where ${LIMITED_QUEUE} and ($1::text is null or q.name = $1)`;

const EPOCH_KEY = "broker_epoch";
const READ_EPOCH = `select value from lovage.setting where key = '${EPOCH_KEY}'`;
const FIRST_EPOCH = `
  insert into lovage.setting (key, value) values ('${EPOCH_KEY}', $1) on conflict do nothing returning key`;
const NEXT_EPOCH = `update lovage.setting set value = $1 where key = '${EPOCH_KEY}' and value = $2 returning key`;

const REPAIRER_KEY = "repairer";
const BEGIN_REPAIR = `
  insert into lovage.setting as s (key, value) values ('${REPAIRER_KEY}', $1 || ' ' || extract(epoch from now()))
  on conflict (key) do update set value = excluded.value
   where split_part(s.value, ' ', 1) = $1 or split_part(s.value, ' ', 2)::float8 < extract(epoch from now()) - 5
  returning key`;
const END_REPAIR = `delete from lovage.setting where key = '${REPAIRER_KEY}' and split_part(value, ' ', 1) = $1`;

const DELETE_EXPIRED = `
  with old as (
    select id from lovage.task where keep_until is not null and keep_until <= now() limit $1 for update skip locked)
  delete from lovage.task t using old where t.id = old.id returning t.id`;

/**
 * The maintenance statements in PostgreSQL, in small batches. They skip rows that another process
 * has locked.
 */
export class PgMaintenanceStore implements MaintenanceStore {
  constructor(private readonly sql: Sql) {}

  async announceNew(limit: number): Promise<TaskSummary[]> {
    return (await this.sql.run<SummaryRow>(ANNOUNCE_NEW, [limit])).map(toSummary);
  }

  async promoteDue(limit: number): Promise<TaskSummary[]> {
    return (await this.sql.run<SummaryRow>(PROMOTE_DUE, [limit])).map(toSummary);
  }

  async nextDueInMs(): Promise<number | null> {
    const [row] = await this.sql.run<{ ms: number | null }>(NEXT_DUE);
    return row?.ms ?? null;
  }

  async expire(limit: number, keep: number): Promise<TaskSummary[]> {
    return (await this.sql.run<SummaryRow>(EXPIRE, [limit, keep])).map(toSummary);
  }

  async rescue(limit: number, maxCrashes: number, keep: Keep): Promise<Rescued> {
    const spans = [keepMsFor(keep, "FAILURE"), keepMsFor(keep, "REVOKED")];
    const tasks = (await this.sql.run<SummaryRow>(RESCUE, [limit, maxCrashes, ...spans])).map(toSummary);
    return {
      requeued: tasks.filter((task) => task.state === "QUEUED"),
      failed: tasks.filter((task) => task.state === "FAILURE"),
      revoked: tasks.filter((task) => task.state === "REVOKED"),
    };
  }

  async queuesWithWaiting(): Promise<string[]> {
    return (await this.sql.run<{ queue: string }>(QUEUES_WITH_WAITING)).map((row) => row.queue);
  }

  async countWaiting(queue: string, waitedMs: number, limit: number): Promise<number> {
    const [row] = await this.sql.run<{ count: string | number }>(COUNT_WAITING, [waitedMs, queue, limit]);
    return toNumber(row?.count ?? 0);
  }

  async waitingHints(
    queue: string | null,
    waitedMs: number,
    afterId: string | null,
    limit: number,
  ): Promise<Hint[]> {
    type Row = { id: string; queue: string; priority: number };
    const rows = await this.sql.run<Row>(WAITING_HINTS, [waitedMs, queue, afterId, limit]);
    return rows.map((row) => ({ taskId: row.id, queue: row.queue, priority: priorityOf(row.priority) }));
  }

  async waitingPartitions(queue: string | null): Promise<Hint[]> {
    type Row = { id: string; queue: string; partition: string };
    const rows = await this.sql.run<Row>(WAITING_PARTITIONS, [queue]);
    return rows.map(({ id, ...partition }) => ({ taskId: id, priority: "NORMAL", ...partition }));
  }

  async brokerEpoch(): Promise<string | null> {
    const [row] = await this.sql.run<{ value: string }>(READ_EPOCH);
    return row?.value ?? null;
  }

  async replaceBrokerEpoch(expected: string | null, epoch: string): Promise<boolean> {
    const rows =
      expected === null
        ? await this.sql.run(FIRST_EPOCH, [epoch])
        : await this.sql.run(NEXT_EPOCH, [epoch, expected]);
    return rows.length > 0;
  }

  async beginRepair(repairer: string): Promise<boolean> {
    return (await this.sql.run(BEGIN_REPAIR, [repairer])).length > 0;
  }

  async endRepair(repairer: string): Promise<void> {
    await this.sql.run(END_REPAIR, [repairer]);
  }

  async deleteExpired(limit: number): Promise<number> {
    return (await this.sql.run(DELETE_EXPIRED, [limit])).length;
  }
}
