import { UnavailableError } from "../errors.ts";
import { Batcher, type ItemListener } from "../lib/batcher.ts";
import type { Logger } from "../lib/log.ts";
import { LogLimit } from "../lib/log-limit.ts";
import { OutageLog } from "../lib/outage-log.ts";
import type { ClaimedTask, Finished, Outcome, TaskStore } from "../store/task-store.ts";
import type { TaskEventType } from "../task/event.ts";
import type { TaskState } from "../task/state.ts";
import type { TaskError, TaskSummary } from "../task/task.ts";
import { hintOf, type HintSender } from "./hint-sender.ts";
import type { Publisher } from "./publisher.ts";
import type { Results } from "./results.ts";

type OnRecorded = (state: TaskState | null, task: ClaimedTask) => void;

interface Entry {
  readonly task: ClaimedTask;
  readonly outcome: Outcome;
  readonly onRecorded: OnRecorded;
}

const EVENT_OF: Readonly<Partial<Record<TaskState, TaskEventType>>> = {
  SUCCESS: "SUCCEEDED",
  FAILURE: "FAILED",
  REVOKED: "REVOKED",
  RETRY: "RETRYING",
  QUEUED: "GIVEN_BACK",
};

/** A worker that was cut off is late with everything that it ran. */
const FENCED_LOG_MS = 10_000;

/**
 * Records the outcomes of attempts: batches them into guarded statements, then publishes the events. (`TransactionRecorder` records a SUCCESS
 * together with what the task writes; the sweeper and cancels end tasks that have no attempt to report.) While the database is away outcomes wait
 * here, and callers look at `backlog` before they take on more.
 */
export class Recorder {
  readonly #batcher: Batcher<Entry, Finished>;
  readonly #outage: OutageLog;
  readonly #fencedLog = new LogLimit(FENCED_LOG_MS);
  readonly #listener: ItemListener<Entry, Finished> = {
    onResult: (finished, { task, onRecorded }) => onRecorded(finished?.state ?? null, task),
    onError: (error, entry) => this.#refused(entry, error),
  };
  #givenUp = false;
  /** Outcomes that matched no row: the task had been taken back. */
  fenced = 0;

  constructor(
    private readonly parts: {
      readonly store: Pick<TaskStore, "finish" | "findFinished">;
      readonly hints: HintSender;
      readonly publisher: Publisher;
      readonly results: Pick<Results, "putAway">;
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
      maxBatch: 1_000,
      concurrency: 2,
      run: (entries) => this.#finish(entries),
      isolate: (error) => !(error instanceof UnavailableError),
      onListenerError: (error) => parts.log.error("Handling a recorded outcome failed", { err: error }),
    });
  }

  /** Outcomes that are not yet durable. */
  get backlog(): number {
    return this.#batcher.size;
  }

  /** Takes an outcome. `onRecorded` hears of the task's state once that is durable; of null when the task is no longer ours. */
  record(task: ClaimedTask, outcome: Outcome, onRecorded: OnRecorded): void {
    this.#batcher.push({ task, outcome, onRecorded }, this.#listener);
  }

  /** Resolves when every outcome so far is durable; after so long, the rest is dropped, and with it all that is recorded later. */
  async flush(withinMs: number): Promise<void> {
    const idle = this.#batcher.idle();
    const timer = setTimeout(() => (this.#givenUp = true), withinMs);
    await idle;
    clearTimeout(timer);
  }

  #refused({ task, outcome, onRecorded }: Entry, error: unknown): void {
    const facts = { taskId: outcome.taskId, task: task.summary.name, err: error };
    if (this.#givenUp) {
      this.parts.log.error(
        "An outcome could not be recorded before the stop; the task will run again",
        facts,
      );
    } else if (outcome.kind === "failed" && outcome.error === REFUSED) {
      this.parts.log.error("PostgreSQL refuses even to record a task as failed; it will run again", facts);
    } else {
      this.parts.log.error("PostgreSQL refuses an outcome; the task is recorded as failed", facts);
      return this.record(task, refusedOutcome(outcome), onRecorded);
    }
    onRecorded(null, task);
  }

  async #finish(entries: readonly Entry[]): Promise<readonly Finished[]> {
    // failpoint: finish.sending
    const answers = await this.#finishUntilDone(entries);
    // failpoint: finish.committed
    const changed = entries.flatMap((entry, index) => summaryAfter(entry, answers[index] ?? null));
    if (changed.length < entries.length) this.#noteFenced(entries, answers);
    const at = new Date();
    this.parts.publisher.publish(
      changed.map((task) => ({ kind: "task", type: EVENT_OF[task.state]!, at: task.finishedAt ?? at, task })),
      () => entries.flatMap(({ outcome }, index) => (answers[index] ? [outcome] : [])),
    );
    const back = changed.filter((task) => task.state === "QUEUED");
    if (back.length > 0) await this.parts.hints.send(back.map(hintOf));
    // failpoint: finish.told
    this.#wakeForRetries(entries);
    return answers;
  }

  async #finishUntilDone(entries: readonly Entry[]): Promise<readonly Finished[]> {
    const outcomes = await this.parts.results.putAway(entries);
    let again = false;
    for (let pause = 50; ; pause = Math.min(pause * 2, 2_000)) {
      try {
        const answers = await this.parts.store.finish(outcomes);
        const all = again && answers.includes(null) ? await this.#withEarlier(entries, answers) : answers;
        this.#outage.over();
        return all;
      } catch (error) {
        if (!(error instanceof UnavailableError) || this.#givenUp) throw error;
        this.#outage.note(error);
        // The same outcomes may be sent again: what was committed before the connection broke is fenced by its version.
        again = true;
        await new Promise((resolve) => setTimeout(resolve, pause / 2 + Math.random() * pause));
      }
    }
  }

  /** An earlier try may have been committed, though its answer was lost: the rows that it changed match no second time, but are ours. */
  async #withEarlier(entries: readonly Entry[], answers: readonly Finished[]): Promise<readonly Finished[]> {
    const open = entries.filter((_, index) => answers[index] === null);
    const sent = open.map(({ task, outcome }) => ({ outcome, crashCount: task.summary.crashCount }));
    const found = await this.parts.store.findFinished(sent);
    const byEntry = new Map(open.map((entry, index) => [entry, found[index] ?? null]));
    return entries.map((entry, index) => answers[index] ?? byEntry.get(entry) ?? null);
  }

  #noteFenced(entries: readonly Entry[], answers: readonly Finished[]): void {
    const fenced = entries.filter((_, index) => !answers[index]);
    this.fenced += fenced.length;
    const { id, name, attempt } = fenced[0]!.task.summary;
    this.#fencedLog.pass(() =>
      this.parts.log.warn("An outcome came too late and was dropped: the task had been taken back", {
        ...{ taskId: id, task: name, attempt },
        droppedSoFar: this.fenced,
      }),
    );
  }

  #wakeForRetries(entries: readonly Entry[]): void {
    const delays = entries.flatMap(({ outcome }) => ("delayMs" in outcome ? [outcome.delayMs] : []));
    if (delays.length > 0) this.parts.onDelayed(Math.min(...delays));
  }
}

/** Recorded in place of an outcome that the database does not take: a task must not stay STARTED for that. */
const REFUSED: TaskError = {
  type: "OutcomeRefused",
  message: "The database refused to store how this attempt ended; the worker's log has the reason.",
  stack: null,
  retryable: false,
  fingerprint: "OutcomeRefused",
};

function refusedOutcome({ taskId, workerId, version, keepMs }: Outcome): Outcome {
  return { taskId, workerId, version, progress: null, kind: "failed", error: REFUSED, keepMs };
}

/** The task after its outcome, as subscribers see it. Columns beyond the summary do not travel. */
function summaryAfter({ task, outcome }: Entry, finished: Finished): TaskSummary[] {
  if (!finished) return [];
  return [{ ...task.summary, ...finished, progress: outcome.progress }];
}
