import type { QueueRecord, QueueStore } from "./queue-store.ts";
import { toNumber } from "./rows.ts";
import type { Sql } from "./sql.ts";

/** Each part reads one small partial index. */
const LIST = `
  with queued as (
         select queue, count(*) as waiting, extract(epoch from clock_timestamp() - min(queued_at)) * 1000 as latency
           from lovage.task where state = 'QUEUED' group by queue),
       due as (select queue, count(*) as scheduled from lovage.task where state in ('SCHEDULED','RETRY') group by queue),
       started as (select queue, count(*) as active from lovage.task where state = 'STARTED' group by queue),
       names as (
         select queue as name from queued union select queue from due union select queue from started
         union select name from lovage.queue where paused union select unnest($1::text[]))
  select n.name, coalesce(q.paused, false) as paused, coalesce(queued.waiting, 0) as waiting,
         coalesce(due.scheduled, 0) as scheduled, coalesce(started.active, 0) as active,
         coalesce(queued.latency, 0)::float8 as latency
    from names n
    left join lovage.queue q on q.name = n.name
    left join queued on queued.queue = n.name
    left join due on due.queue = n.name
    left join started on started.queue = n.name
   order by n.name`;

const SET_PAUSED = `
  insert into lovage.queue (name, paused) values ($1, $2) on conflict (name) do update set paused = excluded.paused`;

const PAUSED = `select name from lovage.queue where paused`;

interface QueueRow {
  readonly name: string;
  readonly paused: boolean;
  readonly waiting: string | number;
  readonly scheduled: string | number;
  readonly active: string | number;
  readonly latency: number;
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
      latencyMs: Math.max(0, Math.round(row.latency)),
    }));
  }

  async setPaused(name: string, paused: boolean): Promise<void> {
    await this.sql.run(SET_PAUSED, [name, paused]);
  }

  async paused(): Promise<string[]> {
    return (await this.sql.run<{ name: string }>(PAUSED)).map((row) => row.name);
  }
}
