import type { LogLine, TaskLogLevel } from "../../task/records/log-line.ts";

/** A line to be stored. */
export interface NewLogLine {
  readonly taskId: string;
  /**
   * The task's version as of the attempt's claim. It distinguishes attempts, also requeued ones
   * that were not counted.
   */
  readonly version: number;
  /** Counts the lines of the attempt, from 1. */
  readonly line: number;
  readonly attempt: number;
  readonly at: Date;
  readonly level: TaskLogLevel;
  readonly message: string;
  /** A JSON object. */
  readonly fields: string | null;
}

/** Where the lines of one attempt went. */
export interface StoredLines {
  readonly taskId: string;
  readonly version: number;
  /** Position of the first of them. */
  readonly first: number;
}

/** What to read of one task's log. */
export interface LogPosition {
  readonly taskId: string;
  /** Position of the last line that is known; 0 before the first. */
  readonly after: number;
  /** Only lines of at least this level. @default all */
  readonly level?: TaskLogLevel;
  readonly limit: number;
}

/** The progress of a task, for readers of its log. */
export interface LogOwner {
  readonly taskId: string;
  readonly final: boolean;
  /** Whether it has been final long enough for its last lines to be stored. */
  readonly settled: boolean;
}

/** The logs of tasks. All methods may throw UnavailableError. */
export interface TaskLogStore {
  /**
   * Appends lines, in their order. Skips lines of missing tasks and lines that are already stored.
   * Not durable yet when it resolves: a crash of the database may lose the last lines.
   */
  append(lines: readonly NewLogLine[]): Promise<StoredLines[]>;
  /** Deletes the lines of a task before a position. */
  trim(taskId: string, before: number): Promise<void>;
  /** The next lines of each position, oldest first; one list per position, in order. */
  read(positions: readonly LogPosition[]): Promise<LogLine[][]>;
  /** Position of the first line that is kept; null without any. */
  firstKept(taskId: string): Promise<number | null>;
  /** Returns those of these tasks that exist. */
  owners(taskIds: readonly string[]): Promise<LogOwner[]>;
}
