import { show } from "../../lib/quote.ts";
import type { Signals } from "../../broker/signals.ts";
import { type Issue, MAX_ISSUES, RefusedError } from "../../errors.ts";
import type { Json } from "../../lib/json/json.ts";
import type { TaskControlStore } from "../../store/tasks/task-control-store.ts";
import type { TaskFilter, TaskReader } from "../../store/reading/task-reader.ts";
import type { EnqueueOptions } from "../../task/call/enqueue-options.ts";
import type { TaskEventType } from "../../task/records/event.ts";
import { workerOfQueue } from "../../task/definition/names.ts";
import type { KeepTimes, ResultsExpire } from "../../task/records/results.ts";
import { isFinal } from "../../task/records/state.ts";
import type { TaskRecord, TaskSummary } from "../../task/records/task.ts";
import type { Enqueuer } from "../enqueue/enqueuer.ts";
import { hintOf, type HintSender } from "../enqueue/hint-sender.ts";
import type { EnqueueRequest } from "../enqueue/prepare-task.ts";
import type { Publisher } from "../events/publisher.ts";
import type { Vault } from "../../task/sensitive/vault.ts";

/** The tasks that a bulk action selects. */
export type Selection = { readonly ids: readonly string[] } | { readonly filter: TaskFilter };

export interface BulkResult {
  readonly affectedCount: number;
  /** Selected tasks whose state the action does not apply to. */
  readonly skippedCount: number;
  /** Ids of the first affected tasks, 1,000 of a deletion; for a retry, of the new tasks. */
  readonly taskIds: readonly string[];
  /**
   * The first reasons why tasks were skipped: for a retry, tasks whose input or options are no longer
   * accepted.
   */
  readonly issues: readonly Issue[];
  /** Number of issues that are not listed. */
  readonly moreIssues: number;
}

/** What an action did with one batch. */
interface Acted {
  readonly taskIds: readonly string[];
  readonly issues?: readonly Issue[];
  /** How many there are besides. */
  readonly moreIssues?: number;
}

export interface RevokeOptions {
  /** Whether running tasks are asked to stop, too. */
  readonly terminate: boolean;
  /** By whom. @default null: not known */
  readonly by?: string | null;
  /** Why: up to 500 characters. @default null */
  readonly reason?: string | null;
}

export interface RetryChanges {
  /** Replaces the input of every selected task. */
  readonly args?: Json;
  readonly queue?: string;
  readonly createdBy: string | null;
}

const BATCH = 1_000;
const MAX_NAMED = 200;
const MAX_REASON = 500;

/**
 * Actions of people on one or many tasks: a write to the database first, then hints and signals.
 */
export class TaskControl {
  constructor(
    private readonly parts: {
      readonly store: TaskControlStore;
      readonly reader: Pick<TaskReader, "ids" | "byIds">;
      readonly enqueuer: Pick<Enqueuer, "enqueueMany">;
      readonly hints: HintSender;
      readonly publisher: Publisher;
      readonly signals: Pick<Signals, "publish">;
      readonly vault: Pick<Vault, "reveal">;
      /** How long ended tasks are kept, in milliseconds. */
      readonly keepMs: number;
    },
  ) {}

  /**
   * Ends waiting tasks as REVOKED; with `terminate`, cancels running ones too. Each task stores by
   * whom and why, and the code of a running one can read it.
   *
   * @throws RefusedError for a reason that cannot be stored
   */
  async revoke(
    selection: Selection,
    { terminate, by = null, reason = null }: RevokeOptions,
  ): Promise<BulkResult> {
    checkReason(reason);
    const revocation = by === null && reason === null ? null : { by, reason };
    return this.#inBatches(selection, async (ids) => {
      const { store, keepMs } = this.parts;
      const { revoked, cancelRequested } = await store.revoke(ids, terminate, keepMs, revocation);
      // failpoint: cancel.written
      this.#publish("REVOKED", revoked);
      if (cancelRequested.length > 0)
        this.parts.signals.publish({ type: "cancel", taskIds: cancelRequested });
      return { taskIds: [...revoked.map((task) => task.id), ...cancelRequested] };
    });
  }

  /**
   * Deletes finished tasks, for good: nothing of them can be read any more, and their keys are
   * free.
   */
  delete(selection: Selection): Promise<BulkResult> {
    const act = async (ids: readonly string[]): Promise<Acted> => ({
      taskIds: await this.parts.store.deleteFinished(ids),
    });
    return this.#inBatches(selection, act, BATCH);
  }

  /** Makes SCHEDULED and RETRY tasks QUEUED. */
  runNow(selection: Selection): Promise<BulkResult> {
    return this.#inBatches(selection, async (ids) => {
      const queued = await this.parts.store.runNow(ids);
      this.#publish("QUEUED", queued);
      await this.parts.hints.send(queued.map(hintOf));
      return { taskIds: queued.map((task) => task.id) };
    });
  }

  /**
   * Enqueues new tasks for finished ones, linked by `retryOf`; the old ones stay. Tasks that would
   * be refused are left out, with their issues: a path begins with the task's id, then come `name`,
   * `args` or `options`.
   */
  retry(selection: Selection, changes: RetryChanges): Promise<BulkResult> {
    return this.#inBatches(selection, async (ids) => {
      const found = (await this.parts.reader.byIds(ids)).filter((task) => task !== null);
      return this.#retryGood(
        found.filter((task) => isFinal(task.state)),
        changes,
      );
    });
  }

  async #retryGood(tasks: readonly TaskRecord[], changes: RetryChanges): Promise<Acted> {
    const issues: Issue[] = [];
    let more = 0;
    const again = (task: TaskRecord) => requestOf(task, changes, this.parts.vault, issues);
    for (let open = tasks.flatMap((task) => again(task) ?? []); ;) {
      try {
        const requests = open.map(({ request }) => request);
        const made = await this.parts.enqueuer.enqueueMany(requests, changes.createdBy);
        return { taskIds: made.map(({ taskId }) => taskId), issues, moreIssues: more };
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        // An enqueue is all or none: it is repeated without the refused tasks until the others are
        // accepted.
        more += error.moreIssues;
        issues.push(...error.issues.map((issue) => nameTask(issue, open[Number(issue.path[0])]!.task)));
        open = open.filter((_, index) => !error.heads.has(String(index)));
      }
    }
  }

  async #inBatches(
    selection: Selection,
    act: (ids: readonly string[]) => Promise<Acted>,
    maxNamed = MAX_NAMED,
  ): Promise<BulkResult> {
    let [selected, affected] = [0, 0];
    const named: string[] = [];
    const shownIssues: Issue[] = [];
    let notShown = 0;
    for await (const ids of this.#batches(selection)) {
      const { taskIds, issues = [], moreIssues = 0 } = await act(ids);
      selected += ids.length;
      affected += taskIds.length;
      named.push(...taskIds.slice(0, maxNamed - named.length));
      const shown = issues.slice(0, MAX_ISSUES - shownIssues.length);
      shownIssues.push(...shown);
      notShown += issues.length - shown.length + moreIssues;
    }
    return {
      affectedCount: affected,
      skippedCount: selected - affected,
      taskIds: named,
      issues: shownIssues,
      moreIssues: notShown,
    };
  }

  /**
   * Ids in batches, newest first; rows that come later are not selected, so that a batch of new
   * tasks is never selected itself.
   */
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

/**
 * Refuses a reason that PostgreSQL cannot store: one such string would fail the whole statement.
 */
function checkReason(reason: string | null): void {
  const isText = typeof reason === "string";
  const isStorable = reason === null || (isText && reason.isWellFormed() && !reason.includes("\0"));
  if (isStorable && (reason?.length ?? 0) <= MAX_REASON) return;
  const message = `expected at most ${MAX_REASON} characters of text, got ${show(reason)}.`;
  throw new RefusedError([{ code: "INVALID_INPUT", path: ["reason"], message }]);
}

function nameTask(issue: Issue, { id, name }: TaskRecord): Issue {
  const [, ...path] = issue.path;
  return { ...issue, path: [id, ...path], message: `${issue.message} (Task ${id}, ${name}.)` };
}

/** A task that was for one worker is for that one again. */
function queueOption(queue: string): EnqueueOptions {
  const worker = workerOfQueue(queue);
  return worker === null ? { queue } : { worker };
}

/** Null, and an issue more, for a task whose input has sensitive fields that cannot be read. */
function requestOf(
  task: TaskRecord,
  changes: RetryChanges,
  vault: Pick<Vault, "reveal">,
  issues: Issue[],
): { readonly task: TaskRecord; readonly request: EnqueueRequest } | null {
  try {
    const args = changes.args === undefined ? (vault.reveal(task)?.input ?? task.input) : changes.args;
    return { task, request: { ...sameAgain(task, changes), args } };
  } catch (error) {
    const issue: Issue = { code: "ILLEGAL_STATE", path: ["", "args"], message: (error as Error).message };
    issues.push(nameTask(issue, task));
    return null;
  }
}

function sameAgain(task: TaskRecord, changes: RetryChanges): EnqueueRequest {
  return {
    name: task.name,
    options: {
      ...queueOption(changes.queue ?? task.queue),
      priority: task.priority,
      maxAttempts: task.maxAttempts,
      tags: task.tags,
      ...ownLimits(task),
      ...(task.meta === null ? {} : { meta: task.meta }),
      ...(task.options?.keep ? { resultsExpire: asInput(task.options.keep) } : {}),
      ...(task.options?.ignoreResult ? { ignoreResult: true } : {}),
    },
    retryOf: task.id,
  };
}

function asInput(keep: Partial<KeepTimes>): ResultsExpire {
  return Object.fromEntries(Object.entries(keep).map(([state, ms]) => [state.toLowerCase(), ms]));
}

/** Returns the time limits of the original call; those of the definition are read again. */
function ownLimits({
  timeLimitMs,
  options,
}: TaskRecord): Pick<EnqueueOptions, "timeLimit" | "softTimeLimit"> {
  const { ownTimeLimit, ownSoftTimeLimit, softTimeLimitMs } = options ?? {};
  return {
    ...(ownTimeLimit && timeLimitMs !== null ? { timeLimit: timeLimitMs } : {}),
    ...(ownSoftTimeLimit && softTimeLimitMs !== undefined ? { softTimeLimit: softTimeLimitMs } : {}),
  };
}
