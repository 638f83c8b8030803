import type { JsonObject } from "../lib/json.ts";
import type { TaskState } from "../task/state.ts";
import type { TaskRecord } from "../task/task.ts";

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
  /** Free text over id, name, input, output and error. Matched as plain text, case-insensitively. */
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
  readonly rows: readonly TaskRecord[];
  readonly hasMore: boolean;
}

export interface FacetCount {
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
  /** @throws RefusedError (INVALID_INPUT, path ["after"] or ["before"]) for a cursor that cannot be read or belongs to another order */
  page(request: PageRequest): Promise<TaskPage>;
  /** The cursor of a row under an order. */
  cursorOf(task: TaskRecord, order: TaskOrder): string;
  /** Matching rows, counted no further than `limit`. */
  count(filter: TaskFilter, limit: number): Promise<number>;
  /** Counts per value over at most `limit` newest matching rows. */
  facets(filter: TaskFilter, limit: number): Promise<TaskFacets>;
  /** Ids of matching rows, newest first, at most `limit`: for bulk actions. */
  ids(filter: TaskFilter, limit: number, afterId?: string): Promise<string[]>;
  /** STARTED tasks per worker incarnation. */
  activeOf(workerIds: readonly string[]): Promise<TaskRecord[]>;
}
