import type { Signals } from "../../broker/signals.ts";
import { type Issue, refuseIssues } from "../../errors.ts";
import type { NewTask } from "../../store/tasks/task-store.ts";
import type { AnyTransaction } from "../../store/transactions/run-statement.ts";
import type { CallerTransactions } from "../../store/transactions/transactions.ts";
import { type Enqueued, type Enqueuer, toEnqueued } from "./enqueuer.ts";
import type { EnqueueRequest } from "./prepare-task.ts";

/**
 * When dispatchers look for tasks of a caller's transaction, in milliseconds: most are committed by
 * then. Those of the others are found within a second, by the dispatchers' own timer.
 */
const LIKELY_COMMITTED_MS = 50;

/**
 * Enqueues in transactions of callers: a task exists when its caller commits. Nobody else knows when
 * that is, so their rows are marked as new: see `announceNew`.
 */
export class TransactionalEnqueuer {
  constructor(
    private readonly parts: {
      readonly enqueuer: Pick<Enqueuer, "prepare">;
      readonly callers: CallerTransactions;
      readonly signals: Pick<Signals, "publish">;
    },
  ) {}

  /**
   * Enqueues all of the requests or none in an open transaction; answers in their order.
   *
   * @throws TypeError for a transaction that cannot be used, RefusedError: the transaction goes on
   *   as if nothing had been asked
   * @throws UnavailableError when the database does not answer: the transaction has failed, and
   *   nothing was enqueued
   */
  async enqueueMany(requests: readonly EnqueueRequest[], transaction: AnyTransaction): Promise<Enqueued[]> {
    const { enqueuer, callers, signals } = this.parts;
    const { insert } = await callers.of(transaction);
    if (requests.length === 0) return [];
    const rows = await enqueuer.prepare(requests, null);
    refuseReplacing(rows);
    const answers = await insert(rows.map((row) => ({ ...row, isAnnounced: false })));
    const enqueued = toEnqueued(answers, rows);
    signals.publish({ type: "due", inMs: LIKELY_COMMITTED_MS });
    return enqueued;
  }
}

/**
 * A replaced task would be locked until the caller commits, and every worker that wants to claim it
 * would wait as long.
 */
function refuseReplacing(rows: readonly NewTask[]): void {
  const issues = rows.flatMap(({ onConflict }, index): Issue[] => {
    if (onConflict !== "REPLACE") return [];
    const message =
      "cannot be REPLACE, nor can there be debounce, in a transaction of the caller: it would hold the waiting task, and workers with it.";
    const path = [String(index), "options", "onConflict"];
    return [{ code: "UNSUPPORTED", path, message, hint: "Enqueue it after the commit." }];
  });
  refuseIssues(issues);
}
