import type { EventFeed } from "../engine/events/event-feed.ts";
import type { FeedItem } from "../engine/events/feed-item.ts";
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
import type { Json } from "../lib/json.ts";
import type { TaskReader } from "../store/reading/task-reader.ts";
import type { LovageEvent, TaskEvent } from "../task/records/event.ts";
import { isFinal, type TaskState } from "../task/records/state.ts";
import type { LogLine } from "../task/records/log-line.ts";
import type { TaskRecord } from "../task/records/task.ts";
import { logsOf, type LogParts, type LogsOptions } from "./handle-logs.ts";
import { restoreError } from "./restore-error.ts";

/** A task that was enqueued, as its caller holds it. */
export interface TaskHandle<Output> {
  readonly id: string;
  /** An equal task was there already, by key: this is the handle of that one. */
  readonly deduplicated: boolean;
  /** The state now. @throws RefusedError (NOT_FOUND) when the task is no longer kept */
  state(): Promise<TaskState>;
  /** The whole task now; an output that is kept in Redis is not in it. @throws RefusedError (NOT_FOUND) */
  read(): Promise<TaskRecord>;
  /**
   * Waits for the task's end and gives back what it returned.
   *
   * @throws TaskFailedError when it ended in any way but SUCCESS
   * @throws ResultGoneError when its output was kept in Redis, and is no longer there
   * @throws WaitTimeoutError when it did not end within `timeout` (default: waits for ever); the task goes on
   */
  result(options?: { readonly timeout?: DurationInput }): Promise<Output>;
  /** What happens to the task from now on; ends after a final state, also when that came before. */
  events(): AsyncIterableIterator<TaskEvent>;
  /**
   * What the task has logged, oldest first; with `follow` also each new line, until the task has ended.
   *
   * @throws TypeError for options that cannot be used
   */
  logs(options?: LogsOptions): AsyncIterableIterator<LogLine>;
  /**
   * Cancels the task; with `terminate` (default true) also while it runs: its code is told by `ctx.signal`, with `reason`. False when it had
   * ended already.
   *
   * @throws RefusedError for a reason of more than 500 characters
   */
  revoke(options?: { readonly terminate?: boolean; readonly reason?: string | null }): Promise<boolean>;
}

export interface HandleParts extends LogParts {
  readonly reader: Pick<TaskReader, "byIds">;
  readonly results: Pick<Results, "read">;
  readonly control: Pick<TaskControl, "revoke">;
  /** The feed of this process, started when first asked for. */
  readonly feed: () => Promise<Pick<EventFeed, "subscribe">>;
}

/** While no event comes the row itself is read again: an event may be lost, a row may not. */
const LOOK_EVERY_MS = 1_000;

export function makeHandle<Output>(
  parts: HandleParts,
  task: {
    readonly id: string;
    readonly deduplicated: boolean;
    /** Enqueued in a transaction of its caller, which may be open still, or rolled back. */
    readonly inTransaction: boolean;
  },
): TaskHandle<Output> {
  const { id, deduplicated, inTransaction } = task;
  const read = async (): Promise<TaskRecord> => {
    const [task] = await parts.reader.byIds([id]);
    if (task) return withoutSecrets(task);
    const uncommitted = inTransaction ? ", the transaction that it was enqueued in is not committed" : "";
    const message = `Task ${id} does not exist${uncommitted}, or is no longer kept.`;
    throw new RefusedError([{ code: "NOT_FOUND", path: [], message }]);
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
      throw new TaskFailedError({ taskId: id, state: task.state, ...cause });
    },
    events: () => eventsOf(parts, id, read),
    logs: (options) => logsOf(parts, id, options),
    revoke: async ({ terminate = true, reason = null } = {}) => {
      const { affectedCount } = await parts.control.revoke({ ids: [id] }, { terminate, reason });
      return affectedCount > 0;
    },
  };
}

/** The sensitive fields of its input are for the code that runs. */
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
  // Subscribe first, then read: what ends in between is heard of. Without events the reading alone finds the end.
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

/** Waits for the next item of a stream or for some time, whichever comes first. */
class Ear<Item> {
  #items: AsyncIterator<Item, undefined> | null;
  #next: Promise<IteratorResult<Item, undefined>> | null = null;

  /** @param items null where there are none: then, and when they have ended, it waits the time out */
  constructor(items: AsyncIterator<Item, undefined> | null) {
    this.#items = items;
  }

  /** What came; null when nothing did, in that time. @throws what the stream throws */
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
        // Twice: the end that the row shows may have come a moment ago, with its events still on their way.
        if (ended) return;
        // Silence: the end may have come before the subscription, or its event was lost.
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
  throw new TypeError(`timeout must be ${DURATION_FORMS}; got ${JSON.stringify(timeout)}.`);
}
