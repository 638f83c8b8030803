import type { LogLine, TaskLogLevel } from "../../task/records/log-line.ts";

export type LogItem =
  | { readonly type: "lines"; readonly cursor: string; readonly lines: readonly LogLine[] }
  /** Lines after the asked cursor are no longer kept; what follows goes on from this one. */
  | { readonly type: "reset"; readonly cursor: string; readonly reason: string }
  /** Nothing else was to be said for a while. */
  | { readonly type: "heartbeat"; readonly cursor: string; readonly at: Date };

export interface LogRequest {
  readonly taskId: string;
  /** Position of the last line that is known. @default 0, before the first */
  readonly after?: number;
  /** Only lines that are at least so important. @default all */
  readonly level?: TaskLogLevel;
}
