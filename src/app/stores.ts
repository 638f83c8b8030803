import type { Config } from "../config.ts";
import type { Logger } from "../lib/log.ts";
import type { CallerTransactions } from "../store/caller-transactions.ts";
import type { ControlStore } from "../store/control-store.ts";
import { PgCallerTransactions } from "../store/pg-caller-transactions.ts";
import { PgBeatStore } from "../store/pg-beat-store.ts";
import { PgControlStore } from "../store/pg-control-store.ts";
import { PgDatabase } from "../store/pg-database.ts";
import { PgLimitedStore } from "../store/pg-limited-store.ts";
import { PgQueueStore } from "../store/pg-queue-store.ts";
import { PgScheduleStore } from "../store/pg-schedule-store.ts";
import { PgStatStore } from "../store/pg-stat-store.ts";
import { PgStatUpkeep } from "../store/pg-stat-upkeep.ts";
import { PgTaskControlStore } from "../store/pg-task-control.ts";
import { PgTaskOutlookStore } from "../store/pg-task-outlook.ts";
import { PgTaskLogStore } from "../store/pg-task-log-store.ts";
import { PgTaskReader } from "../store/pg-task-reader.ts";
import { PgTaskTransactions } from "../store/pg-task-transactions.ts";
import { PgTaskStore } from "../store/pg-task-store.ts";
import { PgUpkeepStore } from "../store/pg-upkeep-store.ts";
import { PgWorkerStore } from "../store/pg-worker-store.ts";
import type { LimitedStore } from "../store/limited-store.ts";
import type { QueueStore } from "../store/queue-store.ts";
import type { BeatStore, ScheduleStore } from "../store/schedule-store.ts";
import type { StatStore, StatUpkeepStore } from "../store/stat-store.ts";
import type { TaskControlStore } from "../store/task-control.ts";
import type { TaskOutlookStore } from "../store/task-outlook.ts";
import type { TaskLogStore } from "../store/task-log-store.ts";
import type { TaskReader } from "../store/task-reader.ts";
import type { TaskStore } from "../store/task-store.ts";
import type { TaskTransactions } from "../store/task-transactions.ts";
import type { UpkeepStore } from "../store/upkeep-store.ts";
import type { WorkerStore } from "../store/worker-store.ts";

/** The ports over one database. */
export interface Stores {
  readonly tasks: TaskStore;
  readonly upkeep: UpkeepStore;
  readonly control: TaskControlStore;
  readonly reader: TaskReader;
  readonly outlook: TaskOutlookStore;
  readonly logs: TaskLogStore;
  readonly workers: WorkerStore;
  readonly queues: QueueStore;
  readonly limited: LimitedStore;
  readonly callers: CallerTransactions;
  readonly transactions: TaskTransactions;
  readonly beat: BeatStore;
  readonly schedules: ScheduleStore;
  readonly commands: ControlStore;
  readonly stats: StatStore;
  readonly statUpkeep: StatUpkeepStore;
}

/** PostgreSQL where `databaseUrl` is set, else the embedded one. Not connected yet. */
export function openDatabase(config: Config, log: Logger): PgDatabase {
  const { databaseUrl, embeddedDir } = config;
  return new PgDatabase(
    databaseUrl === null
      ? { kind: "embedded", folder: embeddedDir }
      : { kind: "postgresql", url: databaseUrl },
    log,
  );
}

export function openStores(database: PgDatabase): Stores {
  const { sql, orm } = database;
  return {
    tasks: new PgTaskStore(sql),
    upkeep: new PgUpkeepStore(sql),
    control: new PgTaskControlStore(sql),
    reader: new PgTaskReader(orm),
    outlook: new PgTaskOutlookStore(sql),
    logs: new PgTaskLogStore(sql),
    workers: new PgWorkerStore(sql),
    queues: new PgQueueStore(sql),
    limited: new PgLimitedStore(sql),
    callers: new PgCallerTransactions(orm, sql),
    transactions: new PgTaskTransactions(orm),
    beat: new PgBeatStore(sql),
    schedules: new PgScheduleStore(sql),
    commands: new PgControlStore(sql),
    stats: new PgStatStore(sql),
    statUpkeep: new PgStatUpkeep(sql),
  };
}
