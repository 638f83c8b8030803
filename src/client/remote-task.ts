import { RefusedError, ResultGoneError, TaskFailedError, WaitTimeoutError } from "../errors.ts";
import { type DurationInput, DURATION_FORMS, parseDuration } from "../lib/duration.ts";
import type { Json } from "../lib/json/json.ts";
import { show } from "../lib/quote.ts";
import type { TaskLogLevel } from "../task/records/log-line.ts";
import { isFinal } from "../task/records/state.ts";
import {
  ClientAwaitResultDocument,
  type ClientAwaitResultSubscription,
  ClientReadLogsDocument,
  ClientReadTaskDocument,
  ClientRevokeDocument,
  type ClientTaskFragment,
  ClientWatchLogsDocument,
  type ClientWatchLogsSubscription,
  ClientWatchTaskDocument,
  type ClientWatchTaskSubscription,
} from "./generated/graphql.ts";
import { ClientError, unexpectedAnswer } from "./answer.ts";
import type { GraphqlClient, RequestOptions } from "./graphql-client.ts";
import { acceptPayload } from "./refusal.ts";

/** A task as the server returns it. Times are in ISO 8601. */
export type TaskData = ClientTaskFragment;

type Message<Name extends string, Subscription> =
  Subscription extends Readonly<Record<string, infer M>> ? Extract<M, { readonly __typename: Name }> : never;

/** An event of a task. Pass its `cursor` as `after` to continue behind it. */
export type RemoteTaskEvent = Omit<Message<"TaskUpdate", ClientWatchTaskSubscription>, "__typename">;
/** A line of the log of a task. */
export type RemoteLogLine = Message<"LogUpdate", ClientWatchLogsSubscription>["lines"][number];

export interface RemoteLogsOptions extends RequestOptions {
  /** Whether to wait for new lines until the task has ended. @default false */
  readonly follow?: boolean;
  /** Only lines of this level or above. @default all */
  readonly level?: TaskLogLevel;
  /** Only lines behind the line with this cursor. @default all */
  readonly after?: string;
}

/**
 * The handle of a task on a server. Every method throws
 *
 * - RefusedError (NOT_FOUND) if the task does not exist (any more) or this token may not read it;
 *   `revoke` returns false instead
 * - ClientError if the server is unreachable or refuses the request
 * - the reason of `signal` after it aborted
 */
export interface RemoteTask<Output> {
  readonly id: string;
  /** Whether a key found an earlier task. Always false for a handle made from an id. */
  readonly deduplicated: boolean;
  /** Returns the current task. */
  read(options?: RequestOptions): Promise<TaskData>;
  /**
   * Waits for the end of the task, also over a restart of the server, and returns its output.
   *
   * @throws TaskFailedError if it ended in another state than SUCCESS. `client.declaredError` reads
   *   the declared error with its type
   * @throws ResultGoneError if its output was stored in Redis and is gone
   * @throws WaitTimeoutError if it did not end within `timeout` (at most 24 days; default: waits
   *   forever); the task goes on
   */
  result(options?: RequestOptions & { readonly timeout?: DurationInput }): Promise<Output>;
  /**
   * Returns the current state as an event, then every event until the task has ended. With `after`,
   * the events after that cursor instead. Events that a lost connection delayed come once each.
   */
  events(options?: RequestOptions & { readonly after?: string }): AsyncGenerator<RemoteTaskEvent>;
  /** Returns the log lines of the task, oldest first. */
  logs(options?: RemoteLogsOptions): AsyncGenerator<RemoteLogLine>;
  /**
   * Cancels the task. With `terminate` (default true) also while it runs. Returns whether the task
   * was cancelled or asked to stop.
   *
   * @throws RefusedError for a reason of more than 500 characters
   */
  revoke(
    options?: RequestOptions & { readonly terminate?: boolean; readonly reason?: string },
  ): Promise<boolean>;
}

export function remoteTask<Output>(
  client: GraphqlClient,
  id: string,
  deduplicated: boolean,
): RemoteTask<Output> {
  return {
    id,
    deduplicated,
    read: async (options) => {
      const { task } = await client.query(ClientReadTaskDocument, { id }, options);
      return found(id, task);
    },
    result: (options = {}) => resultOf<Output>(client, id, options),
    events: ({ after, signal } = {}) => eventsOf(client, id, after ?? null, signalOf(signal)),
    logs: (options = {}) =>
      options.follow === true ? followLogs(client, id, options) : storedLogs(client, id, options),
    revoke: async ({ terminate = true, reason, ...options } = {}) => {
      const variables = { id, terminate, reason: reason ?? null };
      const { revokeTasks } = await client.mutate(ClientRevokeDocument, variables, options);
      return acceptPayload(revokeTasks).affectedCount > 0;
    },
  };
}

/** The task in the answer to a query. */
function found<Task>(id: string, task: Task | null | undefined): Task {
  if (task === null) throw notFound(id);
  if (task === undefined) throw unexpectedAnswer();
  return task;
}

function notFound(id: string): RefusedError {
  const message = `Task ${id} does not exist, or this token may not read it.`;
  const hint = "A task is deleted after its retention.";
  return new RefusedError([{ code: "NOT_FOUND", path: [], message, hint }]);
}

/** The messages of a subscription to a task, with the same error of a missing task as a query. */
async function* ofTask<Result>(id: string, messages: AsyncIterable<Result>): AsyncGenerator<Result> {
  try {
    yield* messages;
  } catch (error) {
    throw error instanceof ClientError && error.code === "NOT_FOUND" ? notFound(id) : error;
  }
}

function signalOf(signal: AbortSignal | undefined): RequestOptions {
  return signal ? { signal } : {};
}

async function resultOf<Output>(
  client: GraphqlClient,
  id: string,
  { timeout, signal }: RequestOptions & { readonly timeout?: DurationInput },
): Promise<Output> {
  const ms = readTimeout(timeout);
  const deadline = ms === null ? null : AbortSignal.timeout(ms);
  const signals = [deadline, signal].filter((one) => one !== null && one !== undefined);
  const options = { signal: AbortSignal.any(signals) };
  try {
    const messages = client.subscribe(ClientAwaitResultDocument, { id }, options);
    for await (const { task: message } of ofTask(id, messages))
      if (message.__typename === "TaskUpdate" && isFinal(message.task.state))
        return outputOf(id, message.task) as Output;
  } catch (error) {
    if (deadline?.aborted && error === deadline.reason)
      throw new WaitTimeoutError(`The end of task ${id}`, ms!);
    throw error;
  }
  // It was deleted, or may no longer be read, while this waited.
  throw notFound(id);
}

function outputOf(id: string, task: Message<"TaskUpdate", ClientAwaitResultSubscription>["task"]): unknown {
  if (task.resultGone) throw new ResultGoneError(id);
  if (task.state === "SUCCESS") return task.result;
  const { name, state, error } = task;
  const declared = error?.declared
    ? { task: name, ...error.declared, data: error.declared.data as Json }
    : null;
  throw new TaskFailedError({
    taskId: id,
    state,
    declared,
    ...(error ? { cause: restoreError(error) } : {}),
  });
}

function restoreError({ type, message, stack }: NonNullable<TaskData["error"]>): Error {
  const error = new Error(message);
  Object.defineProperty(error, "name", { value: type, configurable: true });
  if (stack !== null) error.stack = stack;
  return error;
}

/** Timers of browsers and of Node hold no more. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** @throws TypeError */
function readTimeout(timeout: DurationInput | undefined): number | null {
  if (timeout === undefined) return null;
  const ms = parseDuration(timeout);
  if (ms === null) throw new TypeError(`timeout: expected ${DURATION_FORMS}, got ${show(timeout)}.`);
  if (ms > MAX_TIMEOUT_MS)
    throw new TypeError(
      `timeout: expected at most 24 days, got ${show(timeout)}. Leave it out to wait forever.`,
    );
  return ms;
}

async function* eventsOf(
  client: GraphqlClient,
  id: string,
  after: string | null,
  options: RequestOptions,
): AsyncGenerator<RemoteTaskEvent> {
  const messages = client.subscribe(ClientWatchTaskDocument, { id, after }, options);
  for await (const { task: message } of ofTask(id, messages)) {
    if (message.__typename !== "TaskUpdate") continue;
    const { __typename, ...event } = message;
    yield event;
    // Not the server's end of the subscription: the connection may break before that arrives.
    if (isFinal(event.task.state)) return;
  }
}

async function* storedLogs(
  client: GraphqlClient,
  id: string,
  { level, after, signal }: RemoteLogsOptions,
): AsyncGenerator<RemoteLogLine> {
  for (let cursor = after ?? null; ;) {
    const variables = { id, after: cursor, level: level ?? null };
    const { task } = await client.query(ClientReadLogsDocument, variables, signalOf(signal));
    const { nodes, pageInfo } = found(id, task).logs;
    yield* nodes;
    cursor = pageInfo.endCursor ?? cursor;
    if (!pageInfo.hasNextPage) return;
  }
}

async function* followLogs(
  client: GraphqlClient,
  id: string,
  { level, after, signal }: RemoteLogsOptions,
): AsyncGenerator<RemoteLogLine> {
  const variables = { id, after: after ?? null, level: level ?? null };
  const messages = client.subscribe(ClientWatchLogsDocument, variables, signalOf(signal));
  for await (const { taskLogs } of ofTask(id, messages))
    if (taskLogs.__typename === "LogUpdate") yield* taskLogs.lines;
}
