import type { JsonObject } from "../../lib/json.ts";
import type { TaskState } from "../../task/records/state.ts";
import type {
  TaskOutline,
  TaskRecord,
  TaskSummary,
  TaskValueName,
  TaskValues,
} from "../../task/records/task.ts";

/** All conditions hold together; the values of one list are alternatives. An absent condition asks nothing. */
export interface TaskFilter {
  readonly ids?: readonly string[];
  readonly states?: readonly TaskState[];
  readonly names?: readonly string[];
  readonly queues?: readonly string[];
  /** Names of workers. */
  readonly workers?: readonly string[];
  readonly tags?: readonly string[];
  readonly createdAt?: TimeRange;
  readonly finishedAt?: TimeRange;
  /** Milliseconds. */
  readonly runTime?: { readonly min?: number; readonly max?: number };
  readonly fingerprint?: string;
  readonly scheduleId?: string;
  readonly uniqueKey?: string;
  /**
   * Free text over id and name, and over the first SEARCHED_CHARACTERS of input, output and error. Matched as plain text, case-insensitively.
   */
  readonly search?: string;
  /** The input contains this JSON. */
  readonly argsContain?: JsonObject;
}

/** `from` is inclusive, `to` exclusive. */
export interface TimeRange {
  readonly from?: Date;
  readonly to?: Date;
}

export const TASK_ORDER_FIELDS = ["CREATED_AT", "FINISHED_AT", "RUN_TIME", "WAIT_TIME"] as const;
export interface TaskOrder {
  readonly field: (typeof TASK_ORDER_FIELDS)[number];
  readonly direction: "ASC" | "DESC";
}

/** One keyset page: the rows after or before a place, `limit` of them at most, always in the order asked for. */
export interface PageRequest {
  readonly filter: TaskFilter;
  readonly order: TaskOrder;
  readonly limit: number;
  /** The opaque cursor of a row (from `cursorOf`). */
  readonly after?: string;
  readonly before?: string;
  /** Take the last rows of the range instead of the first. */
  readonly fromEnd?: boolean;
}

export interface TaskPage {
  readonly rows: readonly TaskOutline[];
  readonly hasMore: boolean;
  /**
   * The cursor of the last row that a search looked at, where its time ran out before the page was full: it goes on from there. Null
   * for a search that looked at all rows it had to, and without one.
   */
  readonly searchedUntil: string | null;
}

export interface TaskCount {
  readonly count: number;
  /** False where a search ran out of time: there may be more. */
  readonly isComplete: boolean;
}

/** JSON of one part of `values`: about so much is in memory at a time, and is read without a pause. */
export const VALUES_BYTES = 1024 * 1024;

/** What a search looks at of each value of a row. */
export const SEARCHED_CHARACTERS = 65_536;
/** How long one search looks. */
export const SEARCH_MS = 2_000;

interface FacetCount {
  readonly value: string;
  readonly count: number;
}
export interface TaskFacets {
  readonly states: readonly FacetCount[];
  readonly names: readonly FacetCount[];
  readonly queues: readonly FacetCount[];
  readonly workers: readonly FacetCount[];
}

/** Reads tasks for people. */
export interface TaskReader {
  /** One entry per id, in order; null for an id that does not exist. */
  byIds(ids: readonly string[]): Promise<(TaskRecord | null)[]>;
  /** As `byIds`, without the large columns. */
  outlines(ids: readonly string[]): Promise<(TaskOutline | null)[]>;
  /**
   * Large columns of tasks, in the order of their ids and in parts of about VALUES_BYTES; those that do not exist are left out. Reads a part
   * when the one before was taken, so that whoever has enough stops.
   */
  values(ids: readonly string[], names: readonly TaskValueName[]): AsyncIterable<readonly TaskValues[]>;
  /**
   * Several pages by one statement, in order; each page with a search takes separate statements, for SEARCH_MS in all.
   *
   * @throws RefusedError (INVALID_INPUT, path ["after"] or ["before"]) for a cursor that cannot be read or belongs to another order
   */
  pages(requests: readonly PageRequest[]): Promise<TaskPage[]>;
  /** The cursor of a row under an order. */
  cursorOf(task: TaskSummary, order: TaskOrder): string;
  /** Rows that match each filter, counted no further than `limit`, by one statement; searches as for `pages`. */
  counts(filters: readonly TaskFilter[], limit: number): Promise<TaskCount[]>;
  /** For each filter, counts per value over at most `limit` newest matching rows, by one statement; searches as for `pages`. */
  facets(filters: readonly TaskFilter[], limit: number): Promise<TaskFacets[]>;
  /** Ids of matching rows, newest first, at most `limit`: for bulk actions. A search looks at all rows, however long that takes. */
  ids(filter: TaskFilter, limit: number, afterId?: string): Promise<string[]>;
  /** STARTED tasks per worker incarnation. */
  activeOf(workerIds: readonly string[]): Promise<TaskOutline[]>;
}
