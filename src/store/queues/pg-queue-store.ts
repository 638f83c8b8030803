import type { QueueLimits, QueueRecord, QueueSettings, QueueStore } from "./queue-store.ts";
import { toNumber } from "../tasks/rows.ts";
import type { Sql } from "../connection/sql.ts";

/** Each part reads one small partial index. */
const LIST = `
  with queued as (
         select queue, count(*) as waiting, extract(epoch from clock_timestamp() - min(queued_at)) * 1000 as latency
           from lovage.task where state = 'QUEUED' group by queue),
       due as (select queue, count(*) as scheduled from lovage.task where state in ('SCHEDULED','RETRY') group by queue),
       started as (select queue, count(*) as active from lovage.task where state = 'STARTED' group by queue),
       names as (
         select queue as name from queued union select queue from due union select queue from started
         union select name from lovage.queue where paused or concurrency_limit is not null or rate_limit is not null union select unnest($1::text[]))
  select n.name, coalesce(q.paused, false) as paused, coalesce(queued.waiting, 0) as waiting,
         coalesce(due.scheduled, 0) as scheduled, coalesce(started.active, 0) as active,
         coalesce(queued.latency, 0)::float8 as latency, q.concurrency_limit, q.rate_limit
    from names n
    left join lovage.queue q on q.name = n.name
    left join queued on queued.queue = n.name
    left join due on due.queue = n.name
    left join started on started.queue = n.name
   order by n.name`;

const SET_PAUSED = `
  insert into lovage.queue (name, paused) values ($1, $2) on conflict (name) do update set paused = excluded.paused`;

const SET_LIMITS = `
  insert into lovage.queue (name, concurrency_limit, rate_limit) values ($1, $2, $3)
  on conflict (name) do update set concurrency_limit = excluded.concurrency_limit, rate_limit = excluded.rate_limit`;

const SETTINGS = `
  select name, paused, concurrency_limit as "concurrencyLimit", rate_limit as "rateLimit" from lovage.queue
   where paused or concurrency_limit is not null or rate_limit is not null`;

interface QueueRow {
  readonly name: string;
  readonly paused: boolean;
  readonly waiting: string | number;
  readonly scheduled: string | number;
  readonly active: string | number;
  readonly latency: number;
  readonly concurrency_limit: number | null;
  readonly rate_limit: string | null;
}

export class PgQueueStore implements QueueStore {
  constructor(private readonly sql: Sql) {}

  async list(known: readonly string[]): Promise<QueueRecord[]> {
    const rows = await this.sql.run<QueueRow>(LIST, [known]);
    return rows.map((row) => ({
      name: row.name,
      paused: row.paused,
      waiting: toNumber(row.waiting),
      scheduled: toNumber(row.scheduled),
      active: toNumber(row.active),
      concurrencyLimit: row.concurrency_limit,
      rateLimit: row.rate_limit,
      latencyMs: Math.max(0, Math.round(row.latency)),
    }));
  }

  async setPaused(name: string, paused: boolean): Promise<void> {
    await this.sql.run(SET_PAUSED, [name, paused]);
  }

  async setLimits(name: string, { concurrencyLimit, rateLimit }: QueueLimits): Promise<void> {
    await this.sql.run(SET_LIMITS, [name, concurrencyLimit, rateLimit]);
  }

  settings(): Promise<QueueSettings[]> {
    return this.sql.run<QueueSettings>(SETTINGS);
  }
}
