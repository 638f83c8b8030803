import type { JsonObject } from "../../lib/json/json.ts";
import type { TaskState } from "../../task/records/state.ts";
import type {
  TaskOutline,
  TaskRecord,
  TaskSummary,
  TaskValueName,
  TaskValues,
} from "../../task/records/task.ts";

/**
 * All conditions must hold; the values of one array are alternatives. An absent condition always
 * holds.
 */
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
   * Substring of the id, the name, or the first SEARCHED_CHARACTERS of input, output and error.
   * Case-insensitive, without wildcards.
   */
  readonly search?: string;
  /** JSON that the input contains. */
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

/** One keyset page: at most `limit` rows after or before a position, always in the given order. */
export interface PageRequest {
  readonly filter: TaskFilter;
  readonly order: TaskOrder;
  readonly limit: number;
  /** The opaque cursor of a row (from `cursorOf`). */
  readonly after?: string;
  readonly before?: string;
  /** Whether to take the last rows of the range instead of the first. */
  readonly fromEnd?: boolean;
}

export interface TaskPage {
  readonly rows: readonly TaskOutline[];
  readonly hasMore: boolean;
  /**
   * The cursor of the last row read, if a search ran out of time before the page was full: the next
   * page continues there. Null for a complete search, and without a search.
   */
  readonly searchedUntil: string | null;
}

export interface TaskCount {
  readonly count: number;
  /** False if a search ran out of time: there may be more. */
  readonly isComplete: boolean;
}

/**
 * Size of one part of `values` in bytes: about this much JSON is in memory at a time, and parsed
 * without a pause.
 */
export const VALUES_BYTES = 1024 * 1024;

/** Number of characters of each value that a search reads. */
export const SEARCHED_CHARACTERS = 65_536;
/** Time limit of one search. */
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
   * Yields large columns of tasks, in the order of the ids and in parts of about VALUES_BYTES;
   * missing tasks are left out. Reads a part when the previous one was consumed, so that the caller
   * can stop early.
   */
  values(ids: readonly string[], names: readonly TaskValueName[]): AsyncIterable<readonly TaskValues[]>;
  /**
   * Reads several pages by one statement, in order. Each page with a search takes separate
   * statements, for SEARCH_MS in total.
   *
   * @throws RefusedError (INVALID_INPUT, path ["after"] or ["before"]) for a cursor that cannot be
   *   read or belongs to another order
   */
  pages(requests: readonly PageRequest[]): Promise<TaskPage[]>;
  /** Returns the cursor of a row in an order. */
  cursorOf(task: TaskSummary, order: TaskOrder): string;
  /**
   * Counts the rows that match each filter, up to `limit`, by one statement; searches as for
   * `pages`.
   */
  counts(filters: readonly TaskFilter[], limit: number): Promise<TaskCount[]>;
  /**
   * For each filter, counts per value over at most `limit` newest matching rows, by one statement;
   * searches as for `pages`.
   */
  facets(filters: readonly TaskFilter[], limit: number): Promise<TaskFacets[]>;
  /**
   * Ids of matching rows, newest first, at most `limit`: for bulk actions. A search reads all rows,
   * without a time limit.
   */
  ids(filter: TaskFilter, limit: number, afterId?: string): Promise<string[]>;
  /** STARTED tasks per worker incarnation. */
  activeOf(workerIds: readonly string[]): Promise<TaskOutline[]>;
}
