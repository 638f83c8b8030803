import type { EventFeed } from "../engine/event-feed.ts";
import type { TaskControl } from "../engine/task-control.ts";
import { RefusedError, TaskFailedError, WaitTimeoutError } from "../errors.ts";
import { type DurationInput, DURATION_FORMS, parseDuration } from "../lib/duration.ts";
import type { TaskReader } from "../store/task-reader.ts";
import type { LovageEvent, TaskEvent } from "../task/event.ts";
import { isFinal, type TaskState } from "../task/state.ts";
import type { TaskRecord } from "../task/task.ts";

/** A task that was enqueued, as its caller holds it. */
export interface TaskHandle<Output> {
  readonly id: string;
  /** An equal task was there already, by key: this is the handle of that one. */
  readonly deduplicated: boolean;
  /** The state now. @throws RefusedError (NOT_FOUND) when the task is no longer kept */
  state(): Promise<TaskState>;
  /** The whole task now. @throws RefusedError (NOT_FOUND) */
  read(): Promise<TaskRecord>;
  /**
   * Waits for the task's end and gives back what it returned.
   *
   * @throws TaskFailedError when it ended in any way but SUCCESS
   * @throws WaitTimeoutError when it did not end within `timeout` (default: waits for ever); the task goes on
   */
  result(options?: { readonly timeout?: DurationInput }): Promise<Output>;
  /** What happens to the task from now on; ends after a final state. */
  events(): AsyncIterableIterator<TaskEvent>;
  /** Cancels the task; with `terminate` (default true) also while it runs. False when it had ended already. */
  revoke(options?: { readonly terminate?: boolean }): Promise<boolean>;
}

export interface HandleParts {
  readonly reader: Pick<TaskReader, "byIds">;
  readonly control: Pick<TaskControl, "revoke">;
  /** The feed of this process, started when first asked for. */
  readonly feed: () => Promise<Pick<EventFeed, "subscribe">>;
}

/** While no event comes the row itself is read again: an event may be lost, a row may not. */
const LOOK_EVERY_MS = 1_000;

export function makeHandle<Output>(
  parts: HandleParts,
  id: string,
  deduplicated: boolean,
): TaskHandle<Output> {
  const read = async (): Promise<TaskRecord> => {
    const [task] = await parts.reader.byIds([id]);
    if (task) return task;
    throw new RefusedError([
      { code: "NOT_FOUND", path: [], message: `Task ${id} does not exist, or is no longer kept.` },
    ]);
  };
  return {
    id,
    deduplicated,
    read,
    state: async () => (await read()).state,
    result: async ({ timeout } = {}) => {
      const task = await waitForEnd(parts, id, read, readTimeout(timeout));
      if (task.state === "SUCCESS") return task.output as Output;
      const message = task.error?.message ?? `The task ended as ${task.state}.`;
      throw new TaskFailedError(id, task.state, task.error?.type ?? null, message);
    },
    events: () => eventsOf(parts, id),
    revoke: async ({ terminate = true } = {}) => {
      const { affectedCount } = await parts.control.revoke({ ids: [id] }, { terminate });
      return affectedCount > 0;
    },
  };
}

async function waitForEnd(
  parts: HandleParts,
  id: string,
  read: () => Promise<TaskRecord>,
  timeoutMs: number | null,
): Promise<TaskRecord> {
  const deadline = timeoutMs === null ? Infinity : performance.now() + timeoutMs;
  // Subscribe first, then read: what ends in between is heard of.
  const feed = await parts.feed();
  const items = feed.subscribe({ ids: [id], accept: (event) => concerns(event, id) });
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
    await items.return?.();
  }
}

/** Waits for the next item of a stream or for some time, whichever comes first. */
class Ear {
  #wake: () => void = () => undefined;
  #pending = false;

  constructor(private readonly items: AsyncIterator<unknown>) {}

  listen(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    this.#wake = () => {
      clearTimeout(timer);
      resolve();
    };
    if (!this.#pending) {
      this.#pending = true;
      const heard = (): void => {
        this.#pending = false;
        this.#wake();
      };
      this.items.next().then(heard, heard);
    }
    return promise;
  }
}

function concerns(event: LovageEvent, id: string): boolean {
  return event.kind === "task" && event.task.id === id;
}

async function* eventsOf(parts: HandleParts, id: string): AsyncIterableIterator<TaskEvent> {
  const feed = await parts.feed();
  const items = feed.subscribe({ ids: [id], accept: (event) => concerns(event, id) });
  try {
    for await (const item of items) {
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
