import type { Json } from "../../lib/json/json.ts";
import type { Logger } from "../../lib/log/log.ts";
import { OutageLog } from "../../lib/log/outage-log.ts";
import type { ResultKey, ResultStore } from "../../store/tasks/result-store.ts";
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

/** Outputs of tasks that keep them outside of their rows. */
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
   * Puts outputs where their tasks say, before the outcomes are recorded: who hears of a success finds its output. What that outcome then
   * lacks is its output; one that could not be put keeps it, and says so, for then it goes into the row. Never throws.
   */
  async storeExternally(
    entries: readonly { readonly task: ClaimedTask; readonly outcome: Outcome }[],
  ): Promise<Outcome[]> {
    const away = entries.filter(isElsewhere);
    if (away.length === 0) return entries.map(({ outcome }) => outcome);
    const stored = await this.#put(away);
    return entries.map(({ task, outcome }) => {
      if (!isElsewhere({ task, outcome }) || outcome.kind !== "succeeded") return outcome;
      return stored ? { ...outcome, output: null } : { ...outcome, inRow: true };
    });
  }

  /** The outputs of some tasks, in order. @throws UnavailableError when they are elsewhere and cannot be asked for */
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

function isElsewhere({ task, outcome }: { readonly task: ClaimedTask; readonly outcome: Outcome }): boolean {
  return outcome.kind === "succeeded" && task.options?.resultBackend === "redis";
}

/** It is in a Redis that this process does not have. */
function isLost({ state, options }: ResultOwner, store: ResultStore | null): boolean {
  return store === null && state === "SUCCESS" && options?.resultBackend === "redis";
}
