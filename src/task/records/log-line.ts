import type { JsonObject } from "../../lib/json.ts";

/** From the least to the most important. */
export const TASK_LOG_LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;
export type TaskLogLevel = (typeof TASK_LOG_LEVELS)[number];

/** One line of a task's log. */
export interface LogLine {
  /** Its place in the log of its task: lines are in the order in which they were stored, counted from 1. */
  readonly cursor: string;
  /** When it was written, by the worker's clock. */
  readonly at: Date;
  readonly level: TaskLogLevel;
  readonly message: string;
  /** The attempt that wrote it. */
  readonly attempt: number;
  readonly fields: JsonObject | null;
}

/** As the database compares them. */
export function logLevelRank(level: TaskLogLevel): number {
  return TASK_LOG_LEVELS.indexOf(level);
}

/** @param rank a rank that is none counts as INFO: one odd row must not make a log unreadable */
export function logLevelOf(rank: number): TaskLogLevel {
  return TASK_LOG_LEVELS[rank] ?? "INFO";
}

/** Before the first line of a log. */
export const LOG_START = "0";
const CURSOR = /^\d{1,9}$/;

/** The place that a cursor names; null for a text that is none. */
export function readLogCursor(cursor: string): number | null {
  return CURSOR.test(cursor) ? Number(cursor) : null;
}
