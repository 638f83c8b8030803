import type { LogLine, TaskLogLevel } from "../../task/records/log-line.ts";

/** A line to be stored. */
export interface NewLogLine {
  readonly taskId: string;
  /** The task's version as of the attempt's claim: it tells attempts apart, also those that were given back and not charged. */
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
export interface LogPlace {
  readonly taskId: string;
  /** Position of the last line that is known; 0 before the first. */
  readonly after: number;
  /** Only lines that are at least so important. @default all */
  readonly level?: TaskLogLevel;
  readonly limit: number;
}

/** How far a task is, for those who read its log. */
export interface LogOwner {
  readonly taskId: string;
  readonly final: boolean;
  /** It has been final for so long that its last lines are stored, too. */
  readonly settled: boolean;
}

/** The logs of tasks. All of it may throw UnavailableError. */
export interface TaskLogStore {
  /**
   * Appends lines, in their order. Lines of tasks that are not there are left out, and so are lines that are stored already. Not
   * durable yet when it resolves: a crash of the database may lose the last moments.
   */
  append(lines: readonly NewLogLine[]): Promise<StoredLines[]>;
  /** Deletes the lines of a task before a position. */
  trim(taskId: string, before: number): Promise<void>;
  /** The next lines of each place, oldest first; one list per place, in order. */
  read(places: readonly LogPlace[]): Promise<LogLine[][]>;
  /** Position of the first line that is kept; null without any. */
  firstKept(taskId: string): Promise<number | null>;
  /** Those of these tasks that are there. */
  owners(taskIds: readonly string[]): Promise<LogOwner[]>;
}
