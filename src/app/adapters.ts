import type { Config } from "../config/config.ts";
import type { Logger } from "../lib/log/log.ts";
import type { CallerTransactions, TaskTransactions } from "../store/transactions/transactions.ts";
import type { ControlStore } from "../store/workers/control-store.ts";
import { PgDefinitionStore } from "../store/definitions/definition-store.ts";
import { PgCallerTransactions } from "../store/transactions/pg-caller-transactions.ts";
import { PgBeatStore } from "../store/schedules/pg-beat-store.ts";
import { PgControlStore } from "../store/workers/pg-control-store.ts";
import { PgDatabase } from "../store/connection/pg-database.ts";
import { PgPartitionStore } from "../store/partitions/pg-partition-store.ts";
import { PgQueueStore } from "../store/queues/pg-queue-store.ts";
import { PgScheduleStore } from "../store/schedules/pg-schedule-store.ts";
import { PgStatStore } from "../store/stats/pg-stat-store.ts";
import { PgStatMaintenance } from "../store/stats/pg-stat-maintenance.ts";
import { PgTaskControlStore, type TaskControlStore } from "../store/tasks/task-control-store.ts";
import { type DryRunStore, PgDryRunStore } from "../store/tasks/dry-run-store.ts";
import { PgTaskLogStore } from "../store/logs/pg-task-log-store.ts";
import { PgUnfinishedTasks } from "../store/reading/unfinished-tasks.ts";
import { PgTaskReader } from "../store/reading/pg-task-reader.ts";
import { PgTaskTransactions } from "../store/transactions/pg-task-transactions.ts";
import { PgTaskStore } from "../store/tasks/pg-task-store.ts";
import { PgMaintenanceStore } from "../store/maintenance/pg-maintenance-store.ts";
import { PgWorkerStore } from "../store/workers/pg-worker-store.ts";
import type { PartitionStore } from "../store/partitions/partition-store.ts";
import type { QueueStore } from "../store/queues/queue-store.ts";
import type { Sql } from "../store/connection/sql.ts";
import type { BeatStore, ScheduleStore } from "../store/schedules/schedule-store.ts";
import type { StatStore, StatMaintenanceStore } from "../store/stats/stat-store.ts";
import type { TaskLogStore } from "../store/logs/task-log-store.ts";
import type { TaskReader } from "../store/reading/task-reader.ts";
import type { TaskStore } from "../store/tasks/task-store.ts";
import type { MaintenanceStore } from "../store/maintenance/maintenance-store.ts";
import type { WorkerStore } from "../store/workers/worker-store.ts";

/** The reads by callers, of stores that are also written to. */
interface CallerReads {
  readonly logs: Pick<TaskLogStore, "read" | "firstKept" | "owners">;
  readonly workers: Pick<WorkerStore, "list" | "byNames" | "byIds" | "knowing">;
  readonly queues: Pick<QueueStore, "list">;
  readonly schedules: Pick<
    ScheduleStore,
    "page" | "count" | "byIds" | "byNames" | "skipped" | "countSkipped"
  >;
  readonly control: Pick<ControlStore, "overrides" | "log" | "logSize">;
}

/**
 * The ports over one database. This is where reads by callers are separated from the rest: they
 * share a few connections, so that writes and loops never wait for them.
 */
export interface Stores {
  readonly reader: TaskReader;
  readonly dryRun: DryRunStore;
  readonly stats: StatStore;
  readonly reads: CallerReads;
  readonly tasks: TaskStore;
  readonly maintenance: MaintenanceStore;
  readonly taskControl: TaskControlStore;
  readonly logs: TaskLogStore;
  readonly workers: WorkerStore;
  readonly queues: QueueStore;
  readonly limited: PartitionStore;
  readonly callers: CallerTransactions;
  readonly definitions: PgDefinitionStore;
  readonly unfinished: PgUnfinishedTasks;
  readonly transactions: TaskTransactions;
  readonly beat: BeatStore;
  readonly schedules: ScheduleStore;
  readonly control: ControlStore;
  readonly statMaintenance: StatMaintenanceStore;
}

/**
 * Returns PostgreSQL if `databaseUrl` is set, else the embedded database. It is not connected yet.
 */
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
  const { sql, orm, checkRoom } = database;
  return {
    reader: new PgTaskReader(orm),
    unfinished: new PgUnfinishedTasks(database.reads, new PgTaskReader(orm)),
    dryRun: new PgDryRunStore(database.reads),
    stats: new PgStatStore(database.reads),
    reads: openReads(database.reads),
    tasks: new PgTaskStore(sql, checkRoom),
    maintenance: new PgMaintenanceStore(sql),
    taskControl: new PgTaskControlStore(sql),
    logs: new PgTaskLogStore(sql),
    workers: new PgWorkerStore(sql),
    queues: new PgQueueStore(sql),
    limited: new PgPartitionStore(sql),
    definitions: new PgDefinitionStore(sql),
    callers: new PgCallerTransactions(orm, sql, checkRoom),
    transactions: new PgTaskTransactions(orm),
    beat: new PgBeatStore(sql, checkRoom),
    schedules: new PgScheduleStore(sql),
    control: new PgControlStore(sql),
    statMaintenance: new PgStatMaintenance(sql),
  };
}

function openReads(sql: Sql): CallerReads {
  return {
    logs: new PgTaskLogStore(sql),
    workers: new PgWorkerStore(sql),
    queues: new PgQueueStore(sql),
    schedules: new PgScheduleStore(sql),
    control: new PgControlStore(sql),
  };
}
