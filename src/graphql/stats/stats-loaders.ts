import DataLoader from "dataloader";
import type { StatScope, StatStore } from "../../store/stats/stat-store.ts";
import {
  countsOf,
  type StateCounts,
  type StatsWindow,
  type UnfinishedCounts,
  type WindowStats,
} from "../../task/records/stats.ts";

/** The tasks of a statistic: all, or those of one name or queue. */
export interface StatsKey {
  readonly by: StatScope["by"];
  readonly key: string;
}

/**
 * The value from which a TaskStats is resolved. Unfinished tasks are counted only if they are
 * selected.
 */
export type StatsSource = WindowStats & { readonly counts: () => Promise<StateCounts> };

export interface StatsLoaders {
  readonly ended: DataLoader<StatsKey & { readonly window: StatsWindow }, WindowStats>;
  readonly unfinished: DataLoader<StatsKey, UnfinishedCounts>;
}

const MAX_INT = 2 ** 31 - 1;

/** Limits a count to the range of GraphQL's Int. */
export function atMostInt(count: number): number {
  return Math.min(count, MAX_INT);
}

export async function statsOf(
  { loaders }: { readonly loaders: { readonly stats: StatsLoaders } },
  key: StatsKey,
  window: StatsWindow,
): Promise<StatsSource> {
  const ended = await loaders.stats.ended.load({ ...key, window });
  return { ...ended, counts: async () => countsOf(await loaders.stats.unfinished.load(key), ended) };
}

/**
 * Returns loaders with one statement for all names, or all queues, of one turn. They do not cache.
 */
export function createStatsLoaders(stats: Pick<StatStore, "ended" | "unfinished">): StatsLoaders {
  return {
    ended: new DataLoader((keys) => inGroups(keys, (scope, { window }) => stats.ended(scope, window)), {
      cache: false,
    }),
    unfinished: new DataLoader((keys) => inGroups(keys, (scope) => stats.unfinished(scope)), {
      cache: false,
    }),
  };
}

async function inGroups<Key extends StatsKey & { readonly window?: StatsWindow }, Value>(
  keys: readonly Key[],
  read: (scope: StatScope, first: Key) => Promise<ReadonlyMap<string, Value>>,
): Promise<Value[]> {
  const groups = Map.groupBy(keys, ({ by, window = "" }) => `${by} ${window}`);
  const found = new Map<string, ReadonlyMap<string, Value>>();
  await Promise.all(
    [...groups].map(async ([group, members]) => {
      const first = members[0]!;
      found.set(group, await read(scopeOf(first.by, members), first));
    }),
  );
  return keys.map(({ by, key, window = "" }) => found.get(`${by} ${window}`)!.get(key)!);
}

function scopeOf(by: StatScope["by"], members: readonly StatsKey[]): StatScope {
  return by === "all" ? { by } : { by, keys: [...new Set(members.map(({ key }) => key))] };
}
