import type { Autoscale } from "../../task/records/worker-settings.ts";
import type { Pool } from "../../task/definition/pool.ts";
import {
  LIVE_STATUSES,
  type WorkerLoad,
  type WorkerRecord,
  type WorkerStatus,
} from "../../task/records/worker.ts";
import { type RawTime, toDate, toNumber } from "../tasks/rows.ts";
import type { Sql } from "../connection/sql.ts";
import type { WorkerStore } from "./worker-store.ts";

const LIVE = `('${LIVE_STATUSES.join("','")}')`;
const COLUMNS = `id, name, hostname, pid, version, status, started_at, last_heartbeat_at, queues, definitions, concurrency, busy,
  processed, succeeded, failed, retried, load, autoscale`;

/** The row has the database's time: liveness is judged by one clock. */
const REGISTER = `
  insert into lovage.worker (${COLUMNS})
  select id, name, hostname, pid, version, status, now(), now(), queues, definitions, concurrency, busy, processed, succeeded, failed,
         retried, load, autoscale
    from json_populate_record(null::lovage.worker, $1::json)`;

const HEARTBEAT = `
  update lovage.worker w
     set status = b.status, last_heartbeat_at = now(), queues = b.queues, concurrency = b.concurrency, busy = b.busy,
         processed = b.processed, succeeded = b.succeeded, failed = b.failed, retried = b.retried, load = b.load,
         autoscale = b.autoscale
    from json_populate_record(null::lovage.worker, $1::json) b
   where w.id = b.id and w.status in ${LIVE}
  returning w.id`;

const MARK_LOST = `
  with silent as (
    select id from lovage.worker
     where status in ${LIVE} and last_heartbeat_at < now() - $1::bigint * interval '1 millisecond'
     for update skip locked)
  update lovage.worker w set status = 'LOST' from silent where w.id = silent.id
  returning ${COLUMNS.replaceAll(/\b(\w+)\b/g, "w.$1")}`;

const SET_OFFLINE = `
  update lovage.worker set status = 'OFFLINE', busy = 0, last_heartbeat_at = now() where id = $1 and status in ${LIVE}
  returning ${COLUMNS}`;

const LIST = `
  select ${COLUMNS} from lovage.worker
   where ($1::text[] is null or status = any($1)) order by started_at desc, id desc limit 1000`;

const KNOWING = `
  select ${COLUMNS} from lovage.worker where status in ${LIVE} and $1 = any(definitions) order by name, started_at, id`;

const BY_NAMES = `
  select distinct on (name) ${COLUMNS} from lovage.worker where name = any($1::text[]) order by name, started_at desc, id desc`;

const BY_IDS = `select ${COLUMNS} from lovage.worker where id = any($1::uuid[])`;

const DELETE_GONE = `
  delete from lovage.worker w
   where status in ('LOST','OFFLINE') and last_heartbeat_at < now() - $1::bigint * interval '1 millisecond'
     and not exists (select 1 from lovage.task t where t.worker_id = w.id and t.state = 'STARTED')
  returning w.id`;

interface WorkerRow {
  readonly id: string;
  readonly name: string;
  readonly hostname: string;
  readonly pid: number;
  readonly version: string;
  readonly status: WorkerStatus;
  readonly started_at: RawTime;
  readonly last_heartbeat_at: RawTime;
  readonly queues: readonly string[];
  readonly definitions: readonly string[];
  readonly concurrency: number;
  readonly busy: number;
  readonly processed: string | number;
  readonly succeeded: string | number;
  readonly failed: string | number;
  readonly retried: string | number;
  readonly autoscale: Autoscale | null;
  /** Its load and its pool: values that no statement compares. */
  readonly load: WorkerLoad & { readonly pool: Pool };
}

export class PgWorkerStore implements WorkerStore {
  constructor(private readonly sql: Sql) {}

  async register(worker: WorkerRecord): Promise<void> {
    await this.sql.run(REGISTER, [toParameter(worker)]);
  }

  async heartbeat(worker: WorkerRecord): Promise<boolean> {
    return (await this.sql.run(HEARTBEAT, [toParameter(worker)])).length > 0;
  }

  async markLost(silentMs: number): Promise<WorkerRecord[]> {
    return (await this.sql.run<WorkerRow>(MARK_LOST, [silentMs])).map(toRecord);
  }

  async setOffline(workerId: string): Promise<WorkerRecord | null> {
    const [row] = await this.sql.run<WorkerRow>(SET_OFFLINE, [workerId]);
    return row ? toRecord(row) : null;
  }

  async list(statuses?: readonly WorkerStatus[]): Promise<WorkerRecord[]> {
    return (await this.sql.run<WorkerRow>(LIST, [statuses ?? null])).map(toRecord);
  }

  async knowing(definition: string): Promise<WorkerRecord[]> {
    return (await this.sql.run<WorkerRow>(KNOWING, [definition])).map(toRecord);
  }

  async byNames(names: readonly string[]): Promise<WorkerRecord[]> {
    return (await this.sql.run<WorkerRow>(BY_NAMES, [names])).map(toRecord);
  }

  async byIds(ids: readonly string[]): Promise<WorkerRecord[]> {
    return (await this.sql.run<WorkerRow>(BY_IDS, [ids])).map(toRecord);
  }

  async deleteGone(silentMs: number): Promise<number> {
    return (await this.sql.run(DELETE_GONE, [silentMs])).length;
  }
}

function toParameter({
  startedAt: _startedAt,
  lastHeartbeatAt: _heartbeatAt,
  pool,
  load,
  ...worker
}: WorkerRecord): string {
  return JSON.stringify({ ...worker, load: { ...load, pool } });
}

function toRecord(row: WorkerRow): WorkerRecord {
  const { started_at, last_heartbeat_at, load, ...rest } = row;
  const { pool, ...measured } = load;
  return {
    ...rest,
    pool,
    load: measured,
    startedAt: toDate(started_at),
    lastHeartbeatAt: toDate(last_heartbeat_at),
    processed: toNumber(row.processed),
    succeeded: toNumber(row.succeeded),
    failed: toNumber(row.failed),
    retried: toNumber(row.retried),
  };
}
