import DataLoader from "dataloader";
import { RefusedError } from "../../errors.ts";
import { toError } from "../../lib/thrown.ts";
import type { ScheduleStore, SkippedRequest } from "../../store/schedules/schedule-store.ts";
import type {
  PageRequest,
  TaskCount,
  TaskFacets,
  TaskFilter,
  TaskPage,
  TaskReader,
} from "../../store/reading/task-reader.ts";
import type { SkippedSlots } from "../../task/schedule/schedule.ts";

/** Loaders of lists below a parent: one statement for all parents of a turn. */
export interface PageLoaders {
  readonly pages: DataLoader<PageRequest, TaskPage>;
  /** Counts up to COUNT_LIMIT + 1. */
  readonly counts: DataLoader<TaskFilter, TaskCount>;
  /** Facets over the newest COUNT_LIMIT tasks. */
  readonly facets: DataLoader<TaskFilter, TaskFacets>;
  readonly skippedSlots: DataLoader<SkippedRequest, readonly SkippedSlots[]>;
  /** Counts entries of skipped slots by the id of the schedule. */
  readonly skippedCounts: DataLoader<string, number>;
}

/** Counts of tasks are exact up to this number. */
export const COUNT_LIMIT = 10_000;

export function createPageLoaders({
  reader,
  scheduleStore,
}: {
  readonly reader: Pick<TaskReader, "pages" | "counts" | "facets">;
  readonly scheduleStore: Pick<ScheduleStore, "skipped" | "countSkipped">;
}): PageLoaders {
  return {
    pages: batching((requests) => reader.pages(requests)),
    counts: batching((filters) => reader.counts(filters, COUNT_LIMIT + 1)),
    facets: batching((filters) => reader.facets(filters, COUNT_LIMIT)),
    skippedSlots: batching((keys) => scheduleStore.skipped(keys)),
    skippedCounts: batching((ids) => scheduleStore.countSkipped(ids)),
  };
}

/**
 * Returns a loader that reads equal keys once, and does not cache. If some keys are refused, the
 * others are still read.
 */
function batching<Key, Value>(
  read: (keys: readonly Key[]) => Promise<readonly Value[]>,
): DataLoader<Key, Value> {
  return new DataLoader(
    async (keys) => {
      const texts = keys.map((key) => JSON.stringify(key));
      const distinct = new Map(keys.map((key, index) => [texts[index]!, key]));
      const indexes = new Map([...distinct.keys()].map((text, index) => [text, index]));
      const values = await eachOf([...distinct.values()], read);
      return texts.map((text) => values[indexes.get(text)!]!);
    },
    { cache: false, maxBatchSize: 500 },
  );
}

async function eachOf<Key, Value>(
  keys: readonly Key[],
  read: (keys: readonly Key[]) => Promise<readonly Value[]>,
): Promise<readonly (Value | Error)[]> {
  if (keys.length === 1) return read(keys);
  try {
    return await read(keys);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const alone = await Promise.allSettled(keys.map((key) => read([key])));
    return alone.map((one) => (one.status === "fulfilled" ? one.value[0]! : toError(one.reason)));
  }
}
