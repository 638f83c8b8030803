import type { Signals } from "../broker/signals.ts";
import type { Json } from "../lib/json.ts";
import type { TaskControlStore } from "../store/task-control.ts";
import type { TaskFilter, TaskReader } from "../store/task-reader.ts";
import type { TaskEventType } from "../task/event.ts";
import { isFinal } from "../task/state.ts";
import type { TaskRecord, TaskSummary } from "../task/task.ts";
import type { Enqueuer } from "./enqueuer.ts";
import { hintOf, type HintSender } from "./hint-sender.ts";
import type { EnqueueRequest } from "./prepare-task.ts";
import type { Publisher } from "./publisher.ts";

/** Which tasks a bulk action is about. */
export type Selection = { readonly ids: readonly string[] } | { readonly filter: TaskFilter };

export interface BulkResult {
  readonly affectedCount: number;
  /** Selected, but in no state that the action fits. */
  readonly skippedCount: number;
  /** The first of those affected; for a retry, of the new tasks. */
  readonly taskIds: readonly string[];
}

export interface RetryChanges {
  /** Replaces the input of every selected task. */
  readonly args?: Json;
  readonly queue?: string;
  readonly createdBy: string | null;
}

const BATCH = 1_000;
const MAX_NAMED = 200;

/** What people do to tasks, one or many: a write to the database first, then the hints that make it quick. */
export class TaskControl {
  constructor(
    private readonly parts: {
      readonly store: TaskControlStore;
      readonly reader: Pick<TaskReader, "ids" | "byIds">;
      readonly enqueuer: Pick<Enqueuer, "enqueueMany">;
      readonly hints: HintSender;
      readonly publisher: Publisher;
      readonly signals: Pick<Signals, "publish">;
      /** How long ended tasks are kept, in milliseconds. */
      readonly keepMs: number;
    },
  ) {}

  /** Waiting tasks end as REVOKED; with `terminate`, running ones are asked to stop. */
  revoke(selection: Selection, { terminate }: { readonly terminate: boolean }): Promise<BulkResult> {
    return this.#inBatches(selection, async (ids) => {
      const { revoked, cancelRequested } = await this.parts.store.revoke(ids, terminate, this.parts.keepMs);
      // failpoint: cancel.written
      this.#publish("REVOKED", revoked);
      if (cancelRequested.length > 0)
        this.parts.signals.publish({ type: "cancel", taskIds: cancelRequested });
      return [...revoked.map((task) => task.id), ...cancelRequested];
    });
  }

  /** SCHEDULED and RETRY tasks become QUEUED. */
  runNow(selection: Selection): Promise<BulkResult> {
    return this.#inBatches(selection, async (ids) => {
      const queued = await this.parts.store.runNow(ids);
      this.#publish("QUEUED", queued);
      await this.parts.hints.send(queued.map(hintOf));
      return queued.map((task) => task.id);
    });
  }

  /** New tasks for finished ones, linked by `retryOf`; the old ones stay. */
  retry(selection: Selection, changes: RetryChanges): Promise<BulkResult> {
    return this.#inBatches(selection, async (ids) => {
      const found = (await this.parts.reader.byIds(ids)).filter(
        (task) => task !== null && isFinal(task.state),
      );
      const requests = found.map((task) => requestOf(task!, changes));
      return (await this.parts.enqueuer.enqueueMany(requests, changes.createdBy)).map((made) => made.taskId);
    });
  }

  async #inBatches(
    selection: Selection,
    act: (ids: readonly string[]) => Promise<readonly string[]>,
  ): Promise<BulkResult> {
    let [selected, affected] = [0, 0];
    const named: string[] = [];
    for await (const ids of this.#batches(selection)) {
      const done = await act(ids);
      selected += ids.length;
      affected += done.length;
      named.push(...done.slice(0, MAX_NAMED - named.length));
    }
    return { affectedCount: affected, skippedCount: selected - affected, taskIds: named };
  }

  /** Ids in batches, newest first; rows that come later are not selected, so that a batch of new tasks is never selected itself. */
  async *#batches(selection: Selection): AsyncGenerator<readonly string[]> {
    if ("ids" in selection) {
      const ids = [...new Set(selection.ids)];
      for (let start = 0; start < ids.length; start += BATCH) yield ids.slice(start, start + BATCH);
      return;
    }
    let after: string | undefined;
    for (;;) {
      const ids = await this.parts.reader.ids(selection.filter, BATCH, after);
      if (ids.length > 0) yield ids;
      if (ids.length < BATCH) return;
      after = ids.at(-1);
    }
  }

  #publish(type: TaskEventType, tasks: readonly TaskSummary[]): void {
    this.parts.publisher.publish(tasks.map((task) => ({ kind: "task", type, at: new Date(), task })));
  }
}

function requestOf(task: TaskRecord, changes: RetryChanges): EnqueueRequest {
  return {
    name: task.name,
    args: changes.args === undefined ? task.input : changes.args,
    options: {
      queue: changes.queue ?? task.queue,
      priority: task.priority,
      maxAttempts: task.maxAttempts,
      tags: task.tags,
      ...(task.timeLimitMs === null ? {} : { timeLimit: task.timeLimitMs }),
      ...(task.options?.softTimeLimitMs === undefined ? {} : { softTimeLimit: task.options.softTimeLimitMs }),
      ...(task.meta === null ? {} : { meta: task.meta }),
    },
    retryOf: task.id,
  };
}
