import type { EventFeed } from "../engine/events/event-feed.ts";
import type { FeedItem } from "../engine/events/event-subscription.ts";
import type { Results } from "../engine/outcome/results.ts";
import type { TaskControl } from "../engine/control/task-control.ts";
import {
  RefusedError,
  ResultGoneError,
  TaskFailedError,
  UnavailableError,
  WaitTimeoutError,
} from "../errors.ts";
import { type DurationInput, DURATION_FORMS, parseDuration } from "../lib/duration.ts";
import type { Json } from "../lib/json/json.ts";
import type { TaskReader } from "../store/reading/task-reader.ts";
import type { LovageEvent, TaskEvent } from "../task/records/event.ts";
import { isFinal, type TaskState } from "../task/records/state.ts";
import { type LogLine, readLogCursor, TASK_LOG_LEVELS, type TaskLogLevel } from "../task/records/log-line.ts";
import type { TaskRecord, TaskError } from "../task/records/task.ts";
import type { LogFeed } from "../engine/logs/log-feed.ts";
import type { LogRequest } from "../engine/logs/log-subscription.ts";
import type { TaskLogStore } from "../store/logs/task-log-store.ts";

/** The handle of an enqueued task. */
export interface TaskHandle<Output> {
  readonly id: string;
  /** True if the key found an earlier task. The handle is that of the earlier task. */
  readonly deduplicated: boolean;
  /**
   * Returns the current state.
   *
   * @throws RefusedError (NOT_FOUND) if the task does not exist (any more)
   */
  state(): Promise<TaskState>;
  /**
   * Returns the current task, without an output that is stored in Redis.
   * @throws RefusedError (NOT_FOUND)
   */
  read(): Promise<TaskRecord>;
  /**
   * Waits for the end of the task and returns its output.
   *
   * @throws TaskFailedError if it ended in another state than SUCCESS
   * @throws ResultGoneError if its output was stored in Redis and is gone
   * @throws WaitTimeoutError if it did not end within `timeout` (default: waits forever); the task
   *   goes on
   */
  result(options?: { readonly timeout?: DurationInput }): Promise<Output>;
  /**
   * Returns the events of the task from now on. Ends after a final state, also if that came before.
   */
  events(): AsyncIterableIterator<TaskEvent>;
  /**
   * Returns the log lines of the task, oldest first. With `follow`, also each new line until the
   * task has ended.
   *
   * @throws TypeError for invalid options
   */
  logs(options?: LogsOptions): AsyncIterableIterator<LogLine>;
  /**
   * Cancels the task. With `terminate` (default true) also while it runs: `ctx.signal` aborts with
   * `reason`. Returns whether the task was cancelled or asked to stop.
   *
   * @throws RefusedError for a reason of more than 500 characters
   */
  revoke(options?: { readonly terminate?: boolean; readonly reason?: string | null }): Promise<boolean>;
}

export interface HandleParts extends LogParts {
  readonly reader: Pick<TaskReader, "byIds">;
  readonly results: Pick<Results, "read">;
  readonly taskControl: Pick<TaskControl, "revoke">;
  /** Returns the feed of this process, which starts on first use. */
  readonly feed: () => Promise<Pick<EventFeed, "subscribe">>;
}

/** The row is read again after this long without an event: an event may be lost, a row is not. */
const LOOK_EVERY_MS = 1_000;

export function makeHandle<Output>(
  parts: HandleParts,
  task: {
    readonly id: string;
    readonly deduplicated: boolean;
    /** Whether it was enqueued in a transaction of the caller, which may be open or rolled back. */
    readonly inTransaction: boolean;
  },
): TaskHandle<Output> {
  const { id, deduplicated, inTransaction } = task;
  const read = async (): Promise<TaskRecord> => {
    const [task] = await parts.reader.byIds([id]);
    if (task) return withoutSecrets(task);
    const hint = inTransaction
      ? "The transaction that enqueued it is not committed, or the task was deleted after its retention."
      : "A task is deleted after its retention.";
    throw new RefusedError([{ code: "NOT_FOUND", path: [], message: `Task ${id} does not exist.`, hint }]);
  };
  return {
    id,
    deduplicated,
    read,
    state: async () => (await read()).state,
    result: async ({ timeout } = {}) => {
      const task = await waitForEnd(parts, id, read, readTimeout(timeout));
      if (task.state === "SUCCESS") return (await outputOf(parts, task)) as Output;
      const cause = task.error ? { cause: restoreError(task.error) } : {};
      const detail = task.error?.detail;
      const declared = detail ? { task: task.name, ...detail } : null;
      throw new TaskFailedError({ taskId: id, state: task.state, declared, ...cause });
    },
    events: () => eventsOf(parts, id, read),
    logs: (options) => logsOf(parts, id, options),
    revoke: async ({ terminate = true, reason = null } = {}) => {
      const { affectedCount } = await parts.taskControl.revoke({ ids: [id] }, { terminate, reason });
      return affectedCount > 0;
    },
  };
}

/** Hides the sensitive fields of the input: they are for the task code only. */
function withoutSecrets(task: TaskRecord): TaskRecord {
  if (!task.options?.hidden) return task;
  const { hidden: _hidden, ...options } = task.options;
  return { ...task, options };
}

async function outputOf(parts: HandleParts, task: TaskRecord): Promise<Json> {
  const [found] = await parts.results.read([task]);
  if (found!.gone) throw new ResultGoneError(task.id);
  return found!.output;
}

async function waitForEnd(
  parts: HandleParts,
  id: string,
  read: () => Promise<TaskRecord>,
  timeoutMs: number | null,
): Promise<TaskRecord> {
  const deadline = timeoutMs === null ? Infinity : performance.now() + timeoutMs;
  // Subscribe first, then read: an end in between is received. Without events, reading finds the
  // end.
  const items = await listenTo(parts, id).catch(unlessAway);
  const ear = new Ear(items);
  try {
    for (;;) {
      const task = await read();
      if (isFinal(task.state)) return task;
      const left = deadline - performance.now();
      if (left <= 0) throw new WaitTimeoutError(`The end of task ${id}`, timeoutMs!);
      await ear.listen(Math.min(left, LOOK_EVERY_MS));
    }
  } finally {
    await items?.return?.();
  }
}

/** Waits for the next item of a stream, at most for some time. */
class Ear<Item> {
  #items: AsyncIterator<Item, undefined> | null;
  #next: Promise<IteratorResult<Item, undefined>> | null = null;

  /** @param items null: none. Without items, or after the last, it waits the whole time */
  constructor(items: AsyncIterator<Item, undefined> | null) {
    this.#items = items;
  }

  /**
   * Returns the item; null if none came in time.
   *
   * @throws what the stream throws
   */
  async listen(ms: number): Promise<IteratorResult<Item, undefined> | null> {
    const silence = Promise.withResolvers<null>();
    const timer = setTimeout(silence.resolve, ms, null);
    this.#next ??= this.#items?.next() ?? null;
    try {
      const heard = await Promise.race([silence.promise, ...(this.#next ? [this.#next] : [])]);
      if (heard !== null) this.#next = null;
      if (heard?.done) this.#items = null;
      return heard;
    } finally {
      clearTimeout(timer);
    }
  }
}

async function listenTo(parts: HandleParts, id: string): Promise<AsyncIterableIterator<FeedItem, undefined>> {
  const feed = await parts.feed();
  return feed.subscribe({ ids: [id], accept: (event) => concerns(event, id) });
}

function unlessAway(error: unknown): null {
  if (error instanceof UnavailableError) return null;
  throw error;
}

function concerns(event: LovageEvent, id: string): boolean {
  return event.kind === "task" && event.task.id === id;
}

async function* eventsOf(
  parts: HandleParts,
  id: string,
  read: () => Promise<TaskRecord>,
): AsyncIterableIterator<TaskEvent> {
  const items = await listenTo(parts, id);
  const ear = new Ear(items);
  let ended = false;
  try {
    for (;;) {
      const heard = await ear.listen(LOOK_EVERY_MS);
      if (heard === null) {
        // Twice: the row may show an end whose events have not arrived yet.
        if (ended) return;
        // No event: the end came before the subscription, or its event was lost.
        ended = isFinal((await read()).state);
        continue;
      }
      if (heard.done) return;
      const item = heard.value;
      if (item.type !== "event" || item.event.kind !== "task") continue;
      yield item.event;
      if (isFinal(item.event.task.state)) return;
    }
  } finally {
    await items.return?.();
  }
}

function readTimeout(timeout: DurationInput | undefined): number | null {
  if (timeout === undefined) return null;
  const parsed = parseDuration(timeout);
  if (parsed !== null) return parsed;
  throw new TypeError(`timeout: expected ${DURATION_FORMS}, got ${JSON.stringify(timeout)}.`);
}

export interface LogsOptions {
  /**
   * Returns each new line until the task has ended. @default false: ends after the last stored line
   */
  readonly follow?: boolean;
  /** Only lines after this cursor. @default all */
  readonly after?: string;
  /** Only lines of this level and above. @default all */
  readonly level?: TaskLogLevel;
}

interface LogParts {
  readonly logs: Pick<TaskLogStore, "read">;
  readonly logFeed: Pick<LogFeed, "subscribe">;
}

const PAGE = 500;

/**
 * Returns the log of a task.
 *
 * @throws TypeError at once for invalid options
 */
function logsOf(parts: LogParts, taskId: string, options: LogsOptions = {}): AsyncIterableIterator<LogLine> {
  const request = readOptions(taskId, options);
  return options.follow === true ? follow(parts, request) : readAll(parts, request);
}

function readOptions(taskId: string, { after = "0", level }: LogsOptions): LogRequest {
  const position = readLogCursor(after);
  if (position === null)
    throw new TypeError(`after: expected the cursor of a line, got ${JSON.stringify(after)}.`);
  if (level !== undefined && !TASK_LOG_LEVELS.includes(level))
    throw new TypeError(
      `level: expected one of ${TASK_LOG_LEVELS.join(", ")}, got ${JSON.stringify(level)}.`,
    );
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
    const message = `Task ${request.taskId} does not exist.`;
    const hint = "A task is deleted after its retention.";
    throw new RefusedError([{ code: "NOT_FOUND", path: [], message, hint }]);
  }
  for await (const item of items) if (item.type === "lines") yield* item.lines;
}

/** A part of a recorded error. */
interface Part {
  readonly type: string;
  readonly message: string;
  readonly stack?: string | null | undefined;
}

/**
 * Restores an Error from its record, with name, message, stack and causes. Its class is not
 * restored: that belongs to another process. The causes of an AggregateError become its `errors`;
 * others form a chain.
 */
export function restoreError({ type, message, stack, causes = [] }: TaskError): Error {
  const [own, ...rest] = stack?.split("\nCaused by: ") ?? [];
  const parts: Part[] = causes.map((cause, index) => ({ ...cause, stack: rest[index] }));
  const self = { type, message, stack: own };
  if (type === "AggregateError")
    return described(
      new AggregateError(
        parts.map((part) => described(new Error(part.message), part)),
        message,
      ),
      self,
    );
  return [self, ...parts].reduceRight<Error | undefined>(
    (cause, part) => described(new Error(part.message, cause && { cause }), part),
    undefined,
  )!;
}

function described(error: Error, { type, message, stack }: Part): Error {
  Object.defineProperty(error, "name", { value: type, configurable: true });
  error.stack = stack ?? `${type}: ${message}`;
  return error;
}
