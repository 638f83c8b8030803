import DataLoader, { type CacheMap } from "dataloader";
import type { FoundResult, ResultOwner, Results } from "../../engine/outcome/results.ts";
import type { QueueRecord, QueueStore } from "../../store/queues/queue-store.ts";
import type { ControlStore } from "../../store/workers/control-store.ts";
import type { TaskReader } from "../../store/reading/task-reader.ts";
import type { ScheduleStore } from "../../store/schedules/schedule-store.ts";
import type { LogPosition, TaskLogStore } from "../../store/logs/task-log-store.ts";
import type { StatStore } from "../../store/stats/stat-store.ts";
import type { WorkerStore } from "../../store/workers/worker-store.ts";
import type { LogLine } from "../../task/records/log-line.ts";
import type { ScheduleRecord } from "../../task/schedule/schedule.ts";
import type { TaskOverrides } from "../../task/records/task-overrides.ts";
import type { TaskOutline } from "../../task/records/task.ts";
import { LIVE_STATUSES, type WorkerRecord } from "../../task/records/worker.ts";
import { createPageLoaders, type PageLoaders } from "./page-loaders.ts";
import { createStatsLoaders, type StatsLoaders } from "../stats/stats-loaders.ts";
import { ValueLoader } from "./value-loader.ts";

/**
 * The loaders of one request. Each combines the look-ups of one turn of the event loop into one
 * statement.
 */
export interface Loaders extends PageLoaders {
  readonly task: DataLoader<string, TaskOutline | null>;
  /** Large columns of tasks. */
  readonly values: ValueLoader;
  /** Outputs that are not stored in their rows. */
  readonly result: DataLoader<ResultOwner, FoundResult>;
  readonly schedule: DataLoader<string, ScheduleRecord | null>;
  /** By incarnation. */
  readonly worker: DataLoader<string, WorkerRecord | null>;
  /** Queues by name, also those without tasks and settings. */
  readonly queue: DataLoader<string, QueueRecord>;
  /** STARTED tasks by the worker's incarnation. */
  readonly activeTasks: DataLoader<string, readonly TaskOutline[]>;
  /** Runtime overrides of definitions, by name. Null without overrides. */
  readonly overrides: DataLoader<string, TaskOverrides | null>;
  /** Live workers that can run a name. */
  readonly workersFor: DataLoader<string, readonly WorkerRecord[]>;
  readonly logs: DataLoader<LogPosition, readonly LogLine[]>;
  readonly stats: StatsLoaders;
}

interface Sources {
  readonly reader: Pick<TaskReader, "outlines" | "values" | "activeOf" | "pages" | "counts" | "facets">;
  readonly results: Pick<Results, "read">;
  readonly workers: Pick<WorkerStore, "list" | "byIds">;
  readonly queues: Pick<QueueStore, "list">;
  readonly scheduleStore: Pick<ScheduleStore, "byIds" | "skipped" | "countSkipped">;
  readonly control: Pick<ControlStore, "overrides">;
  readonly logs: Pick<TaskLogStore, "read">;
  readonly stats: Pick<StatStore, "ended" | "unfinished">;
}

export function createLoaders({
  reader,
  results,
  workers,
  queues,
  scheduleStore,
  control,
  logs,
  stats,
}: Sources): Loaders {
  return {
    ...createPageLoaders({ reader, scheduleStore }),
    task: loader(async (ids) => byKey(await reader.outlines(ids), (task) => task?.id), null),
    values: new ValueLoader(reader),
    // Cached with its record: a record is one state of its row and never changes.
    result: new DataLoader((records) => results.read(records), {
      cacheMap: weakCache(),
      maxBatchSize: 1_000,
    }),
    schedule: loader(async (ids) => byKey(await scheduleStore.byIds(ids), (schedule) => schedule?.id), null),
    worker: loader(async (ids) => byKey(await workers.byIds(ids), (worker) => worker.id), null),
    queue: new DataLoader(
      async (names) => {
        const found = byKey(await queues.list([...new Set(names)]), ({ name }) => name);
        return names.map((name) => found.get(name)!);
      },
      { cache: false, maxBatchSize: 1_000 },
    ),
    activeTasks: loader(async (workerIds) => {
      const active = await reader.activeOf(workerIds);
      return new Map(workerIds.map((id) => [id, active.filter((task) => task.workerId === id)]));
    }, []),
    overrides: loader(async () => byKey(await control.overrides(), ({ name }) => name), null),
    workersFor: loader(async (names) => {
      const live = await workers.list(LIVE_STATUSES);
      return new Map(names.map((name) => [name, live.filter((worker) => worker.definitions.includes(name))]));
    }, []),
    logs: new DataLoader((requests) => logs.read(requests), { cache: false, maxBatchSize: 200 }),
    stats: createStatsLoaders(stats),
  };
}

/**
 * Returns a loader that batches and does not cache. The loaders of a subscription live for hours,
 * and each of its events must read the current row.
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

function weakCache<Key extends object, Value>(): CacheMap<Key, Value> {
  const values = new WeakMap<Key, Value>();
  return {
    get: (key) => values.get(key),
    set: (key, value) => values.set(key, value),
    delete: (key) => values.delete(key),
    clear: () => undefined,
  };
}
