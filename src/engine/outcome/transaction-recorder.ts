import { jittered } from "../../lib/async/backoff.ts";
import { TaskRescuedError, UnavailableError } from "../../errors.ts";
import type { Logger } from "../../lib/log/log.ts";
import { OutageLog } from "../../lib/log/outage-log.ts";
import type { ClaimedTask, Finished, Outcome, TaskStore } from "../../store/tasks/task-store.ts";
import type { TaskTransactions } from "../../store/transactions/transactions.ts";
import type { EntityManager } from "../../task/definition/context.ts";
import type { TaskState } from "../../task/records/state.ts";
import type { Publisher } from "../events/publisher.ts";
import type { Results } from "./results.ts";

/**
 * Records outcomes together with what the task's own code writes: all of it is committed, or
 * nothing.
 */
export class TransactionRecorder {
  readonly #outage: OutageLog;

  constructor(
    private readonly parts: {
      readonly transactions: TaskTransactions;
      readonly store: Pick<TaskStore, "findFinished">;
      readonly publisher: Publisher;
      readonly results: Pick<Results, "storeExternally">;
      readonly log: Logger;
    },
  ) {
    this.#outage = new OutageLog(parts.log, "It is not known whether a task's transaction was committed");
  }

  /**
   * Runs `work`, which writes and gives the outcome, in a transaction that records this. Resolves
   * with the state once that is durable.
   *
   * @param signal when it aborts nobody waits for the answer any more
   * @throws TaskRescuedError when the task is no longer ours; nothing was written
   * @throws UnavailableError when the database does not answer. Nothing was written, unless
   *   `signal` ended the search for the answer to a commit: then it is unknown, and the row decides
   */
  async record(
    task: ClaimedTask,
    work: (em: EntityManager) => Promise<Outcome>,
    signal: AbortSignal,
  ): Promise<TaskState> {
    let outcome: Outcome | null = null;
    let sent: Outcome | null = null;
    let finished: Finished = null;
    try {
      await this.parts.transactions.run(async (transaction) => {
        if (!(await transaction.holds(task))) throw new TaskRescuedError(task.summary.id);
        outcome = await work(transaction.em);
        const [stored] = await this.parts.results.storeExternally([{ task, outcome }]);
        finished = await transaction.finish(stored!);
        if (!finished) throw new TaskRescuedError(task.summary.id);
        sent = stored!;
      });
    } catch (error) {
      // Before the finish was answered no commit was asked for. After it the answer to the commit
      // may be what was lost.
      if (!sent || !(await this.#wasCommitted(task, sent, signal))) throw error;
    }
    return this.#publish(task, outcome!, finished!);
  }

  /**
   * Reads the row until it can: a wrong guess would run the task again, or publish what did not
   * happen.
   */
  async #wasCommitted(task: ClaimedTask, outcome: Outcome, signal: AbortSignal): Promise<boolean> {
    for (let pause = 50; ; pause = Math.min(pause * 2, 2_000)) {
      try {
        const sent = { outcome, crashCount: task.summary.crashCount };
        const [finished] = await this.parts.store.findFinished([sent]);
        this.#outage.over();
        return (finished ?? null) !== null;
      } catch (error) {
        if (!(error instanceof UnavailableError) || signal.aborted) throw error;
        this.#outage.note(error);
        await new Promise((resolve) => setTimeout(resolve, jittered(pause)));
      }
    }
  }

  #publish(task: ClaimedTask, outcome: Outcome, finished: NonNullable<Finished>): TaskState {
    const after = { ...task.summary, ...finished, progress: outcome.progress };
    const at = finished.finishedAt ?? new Date();
    this.parts.publisher.publish([{ kind: "task", type: "SUCCEEDED", at, task: after }], () => [outcome]);
    return finished.state;
  }
}
