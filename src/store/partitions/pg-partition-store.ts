import { QUEUE_PARTITION } from "../../task/records/hint.ts";
import {
  ConcurrencyRoom,
  ENDLESS_ROOM,
  fairShares,
  type Room,
  type WaitingKey,
} from "../../task/limits/fair-shares.ts";
import { NO_KEYS } from "../../task/limits/limits.ts";
import { LIVE_STATUSES } from "../../task/records/worker.ts";
import type {
  FirstWaiting,
  Partition,
  PartitionClaim,
  PartitionClaimed,
  PartitionState,
  PartitionStore,
} from "./partition-store.ts";
import { CLAIMED_COLUMNS, type ClaimRow, toClaimed } from "../tasks/pg-claim.ts";
import type { Sql } from "../connection/sql.ts";

/**
 * Rows of a partition, as the index of limited rows has them; `$1` and `$2` are queue and
 * definition.
 */
const LIMITED = `t.state = 'QUEUED' and t.limit_key is not null and t.queue = $1 and t.name = $2`;
/** Rows of a limited queue whose definitions have no limits. */
const UNLIMITED = `t.state = 'QUEUED' and t.queue = $1 and t.limit_key is null`;

/** Hops from key to key along the index: its cost is the number of keys. */
const WAITING_KEYS = `
  with recursive hop as (
    (select t.limit_key as key from lovage.task t where ${LIMITED} and t.limit_key > $3 order by t.limit_key limit 1)
    union all
    (select (select t.limit_key from lovage.task t where ${LIMITED} and t.limit_key > hop.key order by t.limit_key limit 1)
       from hop where hop.key is not null))
  select hop.key, (select count(*) from (select 1 from lovage.task t where ${LIMITED} and t.limit_key = hop.key limit $5) few)::int as count
    from hop where hop.key is not null limit $4`;

const TURN = `select turn from lovage.limit_turn where limited = $1`;

const RUNNING = `
  select t.limit_key as key, count(*)::int as count from lovage.task t
   where t.state = 'STARTED' and t.limit_key is not null and t.name = $1 group by t.limit_key`;

const QUEUE_ROOM = `
  select q.concurrency_limit - (select count(*) from lovage.task t where t.state = 'STARTED' and t.queue = q.name)::int as room
    from lovage.queue q where q.name = $1 and q.concurrency_limit is not null`;

/**
 * Locks the rows of the limits that are counted, until an earlier count has committed. In one
 * order: no deadlocks.
 */
const TAKE_TURN = `
  insert into lovage.limit_turn as l (limited, turn)
  select x.limited, x.turn from json_to_recordset($1::json) as x(limited text, turn text) order by x.limited
  on conflict (limited) do update set turn = coalesce(excluded.turn, l.turn)`;

/**
 * Without a count the commit may be asynchronous, as that of the plain claim. With a count of
 * concurrency it may not: tasks whose claim a crash of PostgreSQL loses would run uncounted.
 */
const claimOf = (rows: string): string => `
  with relaxed as materialized (select set_config('synchronous_commit', 'off', true) where $9),
  wanted as materialized (
    select w.key, w.count from json_to_recordset($3::json) as w(key text, count int)
     where exists (select 1 from lovage.worker w where w.id = $4 and w.status in ('${LIVE_STATUSES.join("','")}'))
       and not exists (select 1 from lovage.queue q where q.name = $1
                          and (q.paused or not $7 and (q.concurrency_limit is not null or q.rate_limit is not null)))),
  picked as materialized (
    select p.id from wanted cross join lateral (
      select t.id from lovage.task t
       where ${rows}
         and ($6::int is null or t.crash_count < $6) and ($8::int is null or t.crash_count >= $8) and (t.expires_at is null or t.expires_at > now())
       order by t.priority desc, t.queued_at limit wanted.count for update skip locked) p)
  update lovage.task t
     set state = 'STARTED', attempt = t.attempt + 1, version = t.version + 1, worker_id = $4, worker_name = $5,
         started_at = clock_timestamp(), progress = null
    from picked where t.id = picked.id and (select count(*) from relaxed) >= 0
  returning ${CLAIMED_COLUMNS}`;

const CLAIM_LIMITED = claimOf(`${LIMITED} and t.limit_key = wanted.key`);
const CLAIM_UNLIMITED = claimOf(`${UNLIMITED} and t.name = any($2::text[])`);

const firstOf = (rows: string): string => `
  select t.id, t.name, t.limit_key as key, t.crash_count as "crashCount" from lovage.task t where ${rows} limit 1`;
const FIRST_LIMITED = firstOf(LIMITED);
/** The second part is read only if the first is empty. */
const FIRST_UNLIMITED = `
  (${firstOf(`${UNLIMITED} and t.name = any($2::text[])`)}) union all (${firstOf(UNLIMITED)}) limit 1`;

const ADOPT = `
  update lovage.task t set limit_key = '${NO_KEYS}'
   where t.id = any($1::uuid[]) and t.name = any($2::text[]) and t.limit_key is null and t.state || '' = 'QUEUED'`;

/**
 * Limited tasks in PostgreSQL. Running tasks are counted by their rows: no count can be lost, or
 * outlive a worker that died.
 */
export class PgPartitionStore implements PartitionStore {
  constructor(private readonly sql: Sql) {}

  async partitionState({ partition }: Partition): Promise<PartitionState> {
    const [turns, running] = await Promise.all([
      this.sql.run<{ turn: string | null }>(TURN, [definitionKey(partition)]),
      runningOf(this.sql, partition),
    ]);
    return { turn: turns[0]?.turn ?? "", running };
  }

  waitingKeys(
    { queue, partition }: Partition,
    after: string,
    maxKeys: number,
    maxTasks: number,
  ): Promise<WaitingKey[]> {
    return this.sql.run<WaitingKey>(WAITING_KEYS, [queue, partition, after, maxKeys, maxTasks]);
  }

  claimPartition(claim: PartitionClaim): Promise<PartitionClaimed> {
    const turns = turnsOf(claim);
    if (turns.length === 0) return this.#claim(this.sql, claim, claim.wanted, true);
    // Two statements, since the second must see what was committed while the first waited.
    return this.sql.transaction(async (sql) => {
      await sql.run(TAKE_TURN, [JSON.stringify(turns)]);
      return this.#claim(sql, claim, await allowedOf(sql, claim), false);
    });
  }

  async firstWaiting(
    { queue, partition }: Partition,
    names: readonly string[],
  ): Promise<FirstWaiting | null> {
    const [row] = await (partition === QUEUE_PARTITION
      ? this.sql.run<FirstWaiting>(FIRST_UNLIMITED, [queue, names])
      : this.sql.run<FirstWaiting>(FIRST_LIMITED, [queue, partition]));
    return row ?? null;
  }

  async backfillLimitKey(taskIds: readonly string[], names: readonly string[]): Promise<void> {
    await this.sql.run(ADOPT, [taskIds, names]);
  }

  async #claim(
    sql: Sql,
    claim: PartitionClaim,
    wanted: readonly WaitingKey[],
    isRelaxed: boolean,
  ): Promise<PartitionClaimed> {
    const allowed = wanted.reduce((sum, { count }) => sum + count, 0);
    if (allowed === 0) return { tasks: [], allowed };
    const { queue, partition, names, workerId, workerName, crashesBelow, crashesFrom, queueLimited } = claim;
    const [text, which] =
      partition === QUEUE_PARTITION ? [CLAIM_UNLIMITED, names] : [CLAIM_LIMITED, partition];
    const rows = await sql.run<ClaimRow>(text, [
      queue,
      which,
      JSON.stringify(wanted),
      workerId,
      workerName,
      crashesBelow ?? null,
      queueLimited,
      crashesFrom ?? null,
      isRelaxed,
    ]);
    return { tasks: rows.map((row) => toClaimed(row, claim)), allowed };
  }
}

function definitionKey(partition: string): string {
  return `task:${partition}`;
}

/** Returns the limits to lock for the count, and the turns to store. */
function turnsOf({ queue, partition, concurrency, queueLimited, turn }: PartitionClaim): object[] {
  const counted = partition !== QUEUE_PARTITION && (concurrency.length > 0 || turn !== undefined);
  return [
    ...(queueLimited ? [{ limited: `queue:${queue}` }] : []),
    ...(counted ? [{ limited: definitionKey(partition), turn }] : []),
  ];
}

async function runningOf(sql: Sql, partition: string): Promise<ReadonlyMap<string, number>> {
  const rows = await sql.run<WaitingKey>(RUNNING, [partition]);
  return new Map(rows.map(({ key, count }) => [key, count]));
}

async function allowedOf(sql: Sql, claim: PartitionClaim): Promise<readonly WaitingKey[]> {
  const { queue, partition, wanted, concurrency, queueLimited } = claim;
  const [queueRow] = queueLimited ? await sql.run<{ room: number }>(QUEUE_ROOM, [queue]) : [];
  const room: Room =
    concurrency.length === 0
      ? ENDLESS_ROOM
      : new ConcurrencyRoom(concurrency, await runningOf(sql, partition));
  return fairShares(wanted, Math.max(0, queueRow?.room ?? Infinity), room).shares;
}
