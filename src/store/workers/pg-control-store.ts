import type { JsonObject } from "../../lib/json/json.ts";
import type { ControlChange, ControlEntry } from "../../task/records/control.ts";
import {
  type NamedTaskOverrides,
  NO_TASK_OVERRIDES,
  type TaskOverrides,
} from "../../task/records/task-overrides.ts";
import { changeSettings, type WorkerSettingsChange } from "../../task/records/worker-settings.ts";
import { LIVE_STATUSES } from "../../task/records/worker.ts";
import {
  LOG_COLUMNS,
  type LogRow,
  OVERRIDE_COLUMNS,
  type OverrideRow,
  changedOf,
  SETTING_COLUMNS,
  type SettingRow,
  toEntry,
  toOverrides,
  toSettingRow,
  toSettings,
} from "./control-rows.ts";
import type { CommandOrigin, ControlStore, OneTimeCommand, StoredControl } from "./control-store.ts";
import type { Sql } from "../connection/sql.ts";

/** Inserts rows first, so that those of new names can be locked too. In one order: no deadlocks. */
const MAKE_SETTINGS = `
  insert into lovage.worker_setting (name) select unnest($1::text[]) order by 1 on conflict do nothing`;
const LOCK_SETTINGS = `
  select ${SETTING_COLUMNS} from lovage.worker_setting where name = any($1::text[]) order by name for update`;
const WRITE_SETTINGS = `
  update lovage.worker_setting s
     set concurrency = x.concurrency, autoscale_min = x.autoscale_min, autoscale_max = x.autoscale_max,
         queues_added = x.queues_added, queues_removed = x.queues_removed, paused = x.paused, log_level = x.log_level,
         updated_at = now()
    from json_populate_recordset(null::lovage.worker_setting, $1::json) x where s.name = x.name`;

const REQUEST_SHUTDOWN = `
  update lovage.worker set shutdown = $2 where id = any($1::uuid[]) and status in ('${LIVE_STATUSES.join("','")}')
  returning name`;
const REQUEST_RESTART = `
  update lovage.worker set pool_restart = $2 where id = any($1::uuid[]) and status in ('${LIVE_STATUSES.join("','")}')
  returning name`;

const MAKE_OVERRIDES = `insert into lovage.task_setting (name) values ($1) on conflict do nothing`;
const LOCK_OVERRIDES = `select ${OVERRIDE_COLUMNS} from lovage.task_setting where name = $1 for update`;
const WRITE_OVERRIDES = `
  update lovage.task_setting
     set rate_limit = $2, time_limit_ms = $3, soft_time_limit_ms = $4, paused = $5, updated_at = now()
   where name = $1`;
const OVERRIDES = `
  select ${OVERRIDE_COLUMNS} from lovage.task_setting
   where rate_limit is not null or time_limit_ms is not null or soft_time_limit_ms is not null or paused`;

/** One statement, and so one snapshot. */
const ORDERS_FOR = `
  select (select row_to_json(s) from lovage.worker_setting s where s.name = $2) as settings,
         (select row_to_json(w) from (select shutdown, pool_restart from lovage.worker where id = $1) w) as worker,
         (select coalesce(json_agg(o), '[]'::json) from (${OVERRIDES}) o) as overrides`;

const WRITE_LOG = `
  insert into lovage.control_log (actor, action, changes) values ($1, $2, $3::jsonb) returning ${LOG_COLUMNS}`;
const LOG = `
  select ${LOG_COLUMNS} from lovage.control_log where ($2::bigint is null or id < $2) order by id desc limit $1`;
const LOG_SIZE = "select count(*)::int as size from lovage.control_log";
const DELETE_OLD_LOG = `
  with old as (
    select id from lovage.control_log
     where at < now() - $1::bigint * interval '1 millisecond'
        or id <= (select id from lovage.control_log order by id desc offset $2 limit 1)
     order by id limit $3 for update skip locked)
  delete from lovage.control_log l using old where l.id = old.id returning l.id`;

/** Commands are rare: each is a transaction that locks what it changes. */
export class PgControlStore implements ControlStore {
  constructor(private readonly sql: Sql) {}

  changeWorkers(
    names: readonly string[],
    change: WorkerSettingsChange,
    origin: CommandOrigin,
  ): Promise<ControlEntry> {
    return this.sql.transaction(async (sql) => {
      await sql.run(MAKE_SETTINGS, [names]);
      const rows = await sql.run<SettingRow>(LOCK_SETTINGS, [names]);
      const changed = rows.map((row) => {
        const before = toSettings(row);
        return { name: row.name, before, after: changeSettings(before, change) };
      });
      await sql.run(WRITE_SETTINGS, [
        JSON.stringify(changed.map(({ name, after }) => toSettingRow(name, after))),
      ]);
      return writeLog(
        sql,
        origin,
        changed.map(({ name, before, after }) => ({
          ...{ target: name, before: changedOf(before), after: changedOf(after) },
        })),
      );
    });
  }

  commandWorkers(
    workerIds: readonly string[],
    command: OneTimeCommand,
    origin: CommandOrigin,
  ): Promise<ControlEntry> {
    return this.sql.transaction(async (sql) => {
      const rows = await (command.kind === "shutdown"
        ? sql.run<{ name: string }>(REQUEST_SHUTDOWN, [workerIds, command.drain ? "drain" : "now"])
        : sql.run<{ name: string }>(REQUEST_RESTART, [workerIds, command.id]));
      const after: JsonObject | null = command.kind === "shutdown" ? { drain: command.drain } : null;
      const names = [...new Set(rows.map(({ name }) => name))].sort();
      return writeLog(
        sql,
        origin,
        names.map((target) => ({ target, before: null, after })),
      );
    });
  }

  changeTask(
    name: string,
    change: (overrides: TaskOverrides) => TaskOverrides,
    origin: CommandOrigin,
  ): Promise<ControlEntry> {
    return this.sql.transaction(async (sql) => {
      await sql.run(MAKE_OVERRIDES, [name]);
      const [row] = await sql.run<OverrideRow>(LOCK_OVERRIDES, [name]);
      const { name: _name, ...before } = row ? toOverrides(row) : { name, ...NO_TASK_OVERRIDES };
      const after = change(before);
      const { rateLimit, timeLimitMs, softTimeLimitMs, paused } = after;
      await sql.run(WRITE_OVERRIDES, [name, rateLimit, timeLimitMs, softTimeLimitMs, paused]);
      return writeLog(sql, origin, [{ target: name, before: changedOf(before), after: changedOf(after) }]);
    });
  }

  async controlOf({ id, name }: { readonly id: string; readonly name: string }): Promise<StoredControl> {
    type Row = {
      readonly settings: SettingRow | null;
      readonly worker: {
        readonly shutdown: StoredControl["shutdown"];
        readonly pool_restart: string | null;
      } | null;
      readonly overrides: readonly OverrideRow[];
    };
    const [row] = await this.sql.run<Row>(ORDERS_FOR, [id, name]);
    return {
      settings: toSettings(row!.settings),
      shutdown: row!.worker?.shutdown ?? null,
      poolRestart: row!.worker?.pool_restart ?? null,
      overrides: row!.overrides.map(toOverrides),
    };
  }

  async overrides(): Promise<NamedTaskOverrides[]> {
    return (await this.sql.run<OverrideRow>(OVERRIDES)).map(toOverrides);
  }

  async log(limit: number, beforeId?: number): Promise<ControlEntry[]> {
    return (await this.sql.run<LogRow>(LOG, [limit, beforeId ?? null])).map(toEntry);
  }

  async logSize(): Promise<number> {
    return (await this.sql.run<{ readonly size: number }>(LOG_SIZE))[0]!.size;
  }

  async deleteOldLog(olderThanMs: number, max: number, limit: number): Promise<number> {
    return (await this.sql.run(DELETE_OLD_LOG, [olderThanMs, max, limit])).length;
  }
}

async function writeLog(
  sql: Sql,
  { actor, action }: CommandOrigin,
  changes: readonly ControlChange[],
): Promise<ControlEntry> {
  const [row] = await sql.run<LogRow>(WRITE_LOG, [actor, action, JSON.stringify(changes)]);
  return toEntry(row!);
}
