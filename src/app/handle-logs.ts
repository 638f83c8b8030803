import type { LogFeed } from "../engine/logs/log-feed.ts";
import type { LogRequest } from "../engine/logs/log-item.ts";
import { RefusedError } from "../errors.ts";
import type { TaskLogStore } from "../store/logs/task-log-store.ts";
import { type LogLine, readLogCursor, TASK_LOG_LEVELS, type TaskLogLevel } from "../task/records/log-line.ts";

export interface LogsOptions {
  /** Returns each new line until the task has ended. @default false: ends after the last stored line */
  readonly follow?: boolean;
  /** Only lines after this cursor. @default all */
  readonly after?: string;
  /** Only lines of this level and above. @default all */
  readonly level?: TaskLogLevel;
}

export interface LogParts {
  readonly logs: Pick<TaskLogStore, "read">;
  readonly logFeed: Pick<LogFeed, "subscribe">;
}

const PAGE = 500;

/** Returns the log of a task. @throws TypeError at once for invalid options */
export function logsOf(
  parts: LogParts,
  taskId: string,
  options: LogsOptions = {},
): AsyncIterableIterator<LogLine> {
  const request = readOptions(taskId, options);
  return options.follow === true ? follow(parts, request) : readAll(parts, request);
}

function readOptions(taskId: string, { after = "0", level }: LogsOptions): LogRequest {
  const position = readLogCursor(after);
  if (position === null)
    throw new TypeError(`after must be the cursor of a line; got ${JSON.stringify(after)}.`);
  if (level !== undefined && !TASK_LOG_LEVELS.includes(level))
    throw new TypeError(`level must be one of ${TASK_LOG_LEVELS.join(", ")}; got ${JSON.stringify(level)}.`);
  return { taskId, after: position, ...(level === undefined ? {} : { level }) };
}

async function* readAll({ logs }: LogParts, request: LogRequest): AsyncGenerator<LogLine> {
  for (let after = request.after ?? 0; ;) {
    const [lines = []] = await logs.read([{ ...request, after, limit: PAGE }]);
    yield* lines;
    if (lines.length < PAGE) return;
    after = Number(lines.at(-1)!.cursor);
  }
}

async function* follow({ logFeed }: LogParts, request: LogRequest): AsyncGenerator<LogLine> {
  const items = await logFeed.subscribe(request);
  if (items === null) {
    const message = `Task ${request.taskId} does not exist or has expired.`;
    throw new RefusedError([{ code: "NOT_FOUND", path: [], message }]);
  }
  for await (const item of items) if (item.type === "lines") yield* item.lines;
}
