import type { JsonObject } from "../../lib/json/json.ts";

/** From the least to the most important. */
export const TASK_LOG_LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;
export type TaskLogLevel = (typeof TASK_LOG_LEVELS)[number];

/** One line of a task's log. */
export interface LogLine {
  /** Number of the line in the log of its task, from 1, in the order in which lines were stored. */
  readonly cursor: string;
  /** Time of the record, by the clock of the worker. */
  readonly at: Date;
  readonly level: TaskLogLevel;
  readonly message: string;
  /** Number of the attempt. */
  readonly attempt: number;
  readonly fields: JsonObject | null;
}

/** Returns the rank of a level, as the database compares levels. */
export function logLevelRank(level: TaskLogLevel): number {
  return TASK_LOG_LEVELS.indexOf(level);
}

/**
 * Returns the level of a rank.
 * @param rank an unknown rank counts as INFO, so that one odd row does not make a log unreadable
 */
export function logLevelOf(rank: number): TaskLogLevel {
  return TASK_LOG_LEVELS[rank] ?? "INFO";
}

/** The cursor before the first line of a log. */
export const LOG_START = "0";
const CURSOR = /^\d{1,9}$/;

/** Reads a cursor; returns null for an invalid one. */
export function readLogCursor(cursor: string): number | null {
  return CURSOR.test(cursor) ? Number(cursor) : null;
}
