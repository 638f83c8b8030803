import { UnavailableError } from "../errors.ts";
import { Batcher } from "../lib/batcher.ts";
import type { Logger } from "../lib/log.ts";
import { OutageLog } from "../lib/outage-log.ts";
import type { ClaimedTask, Finished, Outcome, TaskStore } from "../store/task-store.ts";
import type { TaskEventType } from "../task/event.ts";
import type { TaskState } from "../task/state.ts";
import type { TaskSummary } from "../task/task.ts";
import { hintOf, type HintSender } from "./hint-sender.ts";
import type { Publisher } from "./publisher.ts";
import { summaryOf } from "./summary.ts";

interface Entry {
  readonly task: ClaimedTask;
  readonly outcome: Outcome;
}

const EVENT_OF: Readonly<Partial<Record<TaskState, TaskEventType>>> = {
  SUCCESS: "SUCCEEDED",
  FAILURE: "FAILED",
  REVOKED: "REVOKED",
  RETRY: "RETRYING",
  QUEUED: "GIVEN_BACK",
};

/**
 * The only writer of outcomes: batches them into guarded statements, then tells subscribers. While the database is away outcomes wait
 * here, and callers look at `backlog` before they take on more.
 */
export class Recorder {
  readonly #batcher: Batcher<Entry, Finished>;
  readonly #outage: OutageLog;
  /** Outcomes that matched no row: the task had been taken back. */
  fenced = 0;

  constructor(
    private readonly parts: {
      readonly store: Pick<TaskStore, "finish">;
      readonly hints: HintSender;
      readonly publisher: Publisher;
      /** Told of a task that is due in so many milliseconds. */
      readonly onDelayed: (inMs: number) => void;
      readonly log: Logger;
    },
  ) {
    this.#outage = new OutageLog(
      parts.log,
      "Outcomes cannot be recorded; they wait until the database is back",
    );
    this.#batcher = new Batcher({
      maxBatch: 500,
      concurrency: 2,
      run: (entries) => this.#finish(entries),
      isolate: () => true,
    });
  }

  /** Outcomes that are not yet durable. */
  get backlog(): number {
    return this.#batcher.size;
  }

  /** Resolves when the outcome is durable, with the task's state; null when the task was no longer ours. */
  async record(task: ClaimedTask, outcome: Outcome): Promise<TaskState | null> {
    const finished = await this.#batcher.add({ task, outcome });
    return finished?.state ?? null;
  }

  /** Resolves when every outcome so far is durable. */
  flush(): Promise<void> {
    return this.#batcher.idle();
  }

  async #finish(entries: readonly Entry[]): Promise<readonly Finished[]> {
    const answers = await this.#finishUntilDone(entries.map((entry) => entry.outcome));
    const changed = entries.flatMap((entry, index) => summaryAfter(entry, answers[index] ?? null));
    if (changed.length < entries.length) this.#noteFenced(entries, answers);
    const at = new Date();
    this.parts.publisher.publish(
      changed.map((task) => ({ kind: "task", type: EVENT_OF[task.state]!, at: task.finishedAt ?? at, task })),
    );
    const back = changed.filter((task) => task.state === "QUEUED");
    if (back.length > 0) await this.parts.hints.send(back.map(hintOf));
    this.#wakeForRetries(entries);
    return answers;
  }

  async #finishUntilDone(outcomes: readonly Outcome[]): Promise<readonly Finished[]> {
    for (let pause = 50; ; pause = Math.min(pause * 2, 2_000)) {
      try {
        const answers = await this.parts.store.finish(outcomes);
        this.#outage.over();
        return answers;
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
        this.#outage.note(error);
        // The same outcomes may be sent again: what was committed before the connection broke is fenced by its version.
        await new Promise((resolve) => setTimeout(resolve, pause / 2 + Math.random() * pause));
      }
    }
  }

  #noteFenced(entries: readonly Entry[], answers: readonly Finished[]): void {
    for (const [index, { task }] of entries.entries()) {
      if (answers[index]) continue;
      this.fenced += 1;
      this.parts.log.warn("An outcome came too late and was dropped: the task had been taken back", {
        taskId: task.id,
        task: task.name,
        attempt: task.attempt,
      });
    }
  }

  #wakeForRetries(entries: readonly Entry[]): void {
    const delays = entries.flatMap(({ outcome }) => (outcome.kind === "retry" ? [outcome.delayMs] : []));
    if (delays.length > 0) this.parts.onDelayed(Math.min(...delays));
  }
}

/** The task after its outcome, as subscribers see it. Columns beyond the summary do not travel. */
function summaryAfter({ task, outcome }: Entry, finished: Finished): TaskSummary[] {
  if (!finished) return [];
  return [{ ...summaryOf(task), ...finished, progress: outcome.progress ?? task.progress }];
}
