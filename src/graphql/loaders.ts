import DataLoader from "dataloader";
import type { TaskReader } from "../store/task-reader.ts";
import type { ScheduleStore } from "../store/schedule-store.ts";
import type { LogPlace, TaskLogStore } from "../store/task-log-store.ts";
import type { StatStore } from "../store/stat-store.ts";
import type { WorkerStore } from "../store/worker-store.ts";
import type { LogLine } from "../task/log-line.ts";
import type { ScheduleRecord } from "../task/schedule.ts";
import type { TaskRecord } from "../task/task.ts";
import { LIVE_STATUSES, type WorkerRecord } from "../task/worker.ts";
import { createStatsLoaders, type StatsLoaders } from "./stats.ts";

/** Gathers the look-ups of one turn into one statement each. */
export interface Loaders {
  readonly task: DataLoader<string, TaskRecord | null>;
  readonly schedule: DataLoader<string, ScheduleRecord | null>;
  /** By incarnation. */
  readonly worker: DataLoader<string, WorkerRecord | null>;
  /** STARTED tasks by the worker's incarnation. */
  readonly activeTasks: DataLoader<string, readonly TaskRecord[]>;
  /** Live workers that can run a name. */
  readonly workersFor: DataLoader<string, readonly WorkerRecord[]>;
  readonly logs: DataLoader<LogPlace, readonly LogLine[]>;
  readonly stats: StatsLoaders;
}

interface Sources {
  readonly tasks: Pick<TaskReader, "byIds" | "activeOf">;
  readonly workers: Pick<WorkerStore, "list" | "byIds">;
  readonly scheduleStore: Pick<ScheduleStore, "byIds">;
  readonly logs: Pick<TaskLogStore, "read">;
  readonly stats: Pick<StatStore, "ended" | "unfinished">;
}

export function createLoaders({ tasks, workers, scheduleStore, logs, stats }: Sources): Loaders {
  return {
    task: loader(async (ids) => byKey(await tasks.byIds(ids), (task) => task?.id), null),
    schedule: loader(async (ids) => byKey(await scheduleStore.byIds(ids), (schedule) => schedule?.id), null),
    worker: loader(async (ids) => byKey(await workers.byIds(ids), (worker) => worker.id), null),
    activeTasks: loader(async (workerIds) => {
      const active = await tasks.activeOf(workerIds);
      return new Map(workerIds.map((id) => [id, active.filter((task) => task.workerId === id)]));
    }, []),
    workersFor: loader(async (names) => {
      const live = await workers.list(LIVE_STATUSES);
      return new Map(names.map((name) => [name, live.filter((worker) => worker.definitions.includes(name))]));
    }, []),
    logs: new DataLoader((places) => logs.read(places), { cache: false, maxBatchSize: 200 }),
    stats: createStatsLoaders(stats),
  };
}

/**
 * Batches and does not cache: a subscription's loaders live for hours, and each of its events must find the row as it is now.
 */
function loader<Value>(
  load: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  absent: Value,
): DataLoader<string, Value> {
  return new DataLoader(
    async (keys) => {
      const found = await load([...new Set(keys)]);
      return keys.map((key) => found.get(key) ?? absent);
    },
    { cache: false, maxBatchSize: 1_000 },
  );
}

function byKey<Value>(
  values: readonly Value[],
  keyOf: (value: Value) => string | undefined,
): ReadonlyMap<string, Value> {
  return new Map(
    values.flatMap((value): [string, Value][] => {
      const key = keyOf(value);
      return key === undefined ? [] : [[key, value]];
    }),
  );
}
