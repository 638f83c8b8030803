import type { Json } from "../../lib/json/json.ts";
import type { Logger } from "../../lib/log/log.ts";
import { OutageLog } from "../../lib/log/outage-log.ts";
import type { ResultKey, ResultStore } from "../../store/results/result-store.ts";
import type { ClaimedTask, Outcome } from "../../store/tasks/task-store.ts";
import type { TaskRecord } from "../../task/records/task.ts";

/** What of a task is needed to find its output. */
export type ResultOwner = Pick<TaskRecord, "id" | "version" | "state" | "output" | "options">;

/** An output as it was found. */
export interface FoundResult {
  readonly output: Json;
  /** The task ended with an output that is no longer there. */
  readonly gone: boolean;
}

/** Outputs that are stored outside of the rows of their tasks. */
export class Results {
  readonly #outage: OutageLog;

  constructor(
    /** Null where there is none: all outputs are in the rows. */
    private readonly store: ResultStore | null,
    log: Logger,
  ) {
    this.#outage = new OutageLog(log, "Results cannot be stored in Redis; they are stored in the database");
  }

  /**
   * Stores outputs externally before the outcomes are recorded, so that a reader of a success finds
   * its output. Returns the outcomes without these outputs. An output that could not be stored
   * stays in its outcome, marked `inRow`, and is stored in the row. Never throws.
   */
  async storeExternally(
    entries: readonly { readonly task: ClaimedTask; readonly outcome: Outcome }[],
  ): Promise<Outcome[]> {
    const away = entries.filter(isExternal);
    if (away.length === 0) return entries.map(({ outcome }) => outcome);
    const stored = await this.#put(away);
    return entries.map(({ task, outcome }) => {
      if (!isExternal({ task, outcome }) || outcome.kind !== "succeeded") return outcome;
      return stored ? { ...outcome, output: null } : { ...outcome, inRow: true };
    });
  }

  /**
   * Returns the outputs of some tasks, in order.
   * @throws UnavailableError when Redis has them and does not answer
   */
  async read(tasks: readonly ResultOwner[]): Promise<FoundResult[]> {
    const away = tasks.filter((task) => this.#isAway(task));
    const keys = away.map(({ id, version }): ResultKey => ({ taskId: id, version }));
    const outputs = keys.length > 0 ? await this.store!.get(keys) : [];
    const byId = new Map(away.map((task, index) => [task, outputs[index]]));
    return tasks.map((task) => {
      if (!byId.has(task)) return { output: task.output, gone: isLost(task, this.store) };
      const output = byId.get(task);
      return { output: output ?? null, gone: output === undefined };
    });
  }

  #isAway(task: ResultOwner): boolean {
    return this.store !== null && task.state === "SUCCESS" && task.options?.resultBackend === "redis";
  }

  async #put(
    entries: readonly { readonly task: ClaimedTask; readonly outcome: Outcome }[],
  ): Promise<boolean> {
    if (!this.store) return false;
    const results = entries.flatMap(({ task, outcome }) => {
      if (outcome.kind !== "succeeded") return [];
      const keepMs = task.options?.keep?.SUCCESS ?? outcome.keepMs;
      return [{ taskId: outcome.taskId, version: outcome.version + 1, output: outcome.output, keepMs }];
    });
    try {
      await this.store.put(results);
      this.#outage.over();
      return true;
    } catch (error) {
      this.#outage.note(error);
      return false;
    }
  }
}

function isExternal({ task, outcome }: { readonly task: ClaimedTask; readonly outcome: Outcome }): boolean {
  return outcome.kind === "succeeded" && task.options?.resultBackend === "redis";
}

/** It is in a Redis that this process does not have. */
function isLost({ state, options }: ResultOwner, store: ResultStore | null): boolean {
  return store === null && state === "SUCCESS" && options?.resultBackend === "redis";
}
