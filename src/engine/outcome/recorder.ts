import { jittered } from "../../lib/backoff.ts";
import { UnavailableError } from "../../errors.ts";
import { Batcher, type ItemListener } from "../../lib/batcher.ts";
import { type Part, runInParts } from "../../lib/in-parts.ts";
import { MINUTE } from "../../lib/clock.ts";
import type { Logger } from "../../lib/log.ts";
import { LogLimit } from "../../lib/log-limit.ts";
import { OutageLog } from "../../lib/outage-log.ts";
import type { ClaimedTask, Finished, Outcome, TaskStore } from "../../store/tasks/task-store.ts";
import type { TaskEventType } from "../../task/records/event.ts";
import type { TaskState } from "../../task/records/state.ts";
import type { TaskSummary } from "../../task/records/task.ts";
import { hintOf, type HintSender } from "../enqueue/hint-sender.ts";
import type { Publisher } from "../events/publisher.ts";
import { insteadOf } from "./refused-outcome.ts";
import type { Results } from "./results.ts";

/** `finishedAt` is the database's time of the end; null where the task goes on, or is no longer ours. */
type OnRecorded = (state: TaskState | null, task: ClaimedTask, finishedAt: Date | null) => void;

interface Entry {
  readonly task: ClaimedTask;
  readonly outcome: Outcome;
  readonly onRecorded: OnRecorded;
  /** It was sent before, and the answer may be what was lost: it may be recorded already. */
  inDoubt: boolean;
  /** How often it was put aside. */
  asides: number;
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
const MIN_ASIDE_MS = 1_000;
const MAX_ASIDE_MS = 30_000;

/**
 * Records the outcomes of attempts: batches them into guarded statements, then publishes the events. (`TransactionRecorder` records a SUCCESS
 * together with what the task writes; the sweeper and cancels end tasks that have no attempt to report.) While the database is away outcomes wait
 * here, and callers look at `backlog` before they take on more. An outcome is refused only where PostgreSQL refuses its values, twice, and alone.
 * One that it cannot record for any other reason is put aside, so that its neighbours are recorded, and sent again.
 */
export class Recorder {
  readonly #batcher: Batcher<Entry, Part<Finished>>;
  readonly #aside = new Map<Entry, NodeJS.Timeout>();
  readonly #outage: OutageLog;
  readonly #fencedLog = new LogLimit(FENCED_LOG_MS);
  readonly #asideLog = new LogLimit(MINUTE);
  readonly #listener: ItemListener<Entry, Part<Finished>> = {
    onResult: (part, entry) => {
      if ("result" in part) {
        const { state = null, finishedAt = null } = part.result ?? {};
        entry.onRecorded(state, entry.task, finishedAt);
      } else this.#failed(entry, part.error);
    },
    onError: (error, entry) => this.#failed(entry, error),
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
      run: (entries) =>
        runInParts(entries, {
          run: (some) => this.#finish(some),
          isGeneral: (error) => error instanceof UnavailableError,
        }),
      onListenerError: (error) => parts.log.error("Handling a recorded outcome failed", { err: error }),
    });
  }

  /** Outcomes that are not yet durable. */
  get backlog(): number {
    return this.#batcher.size + this.#aside.size;
  }

  /** Takes an outcome. `onRecorded` hears of the task's state once that is durable; of null when the task is no longer ours. */
  record(task: ClaimedTask, outcome: Outcome, onRecorded: OnRecorded): void {
    this.#batcher.push({ task, outcome, onRecorded, inDoubt: false, asides: 0 }, this.#listener);
  }

  /** Resolves when every outcome so far is durable; after so long, the rest is dropped, and with it all that is recorded later. */
  async flush(withinMs: number): Promise<void> {
    const timer = setTimeout(() => (this.#givenUp = true), withinMs);
    while (this.backlog > 0) {
      for (const entry of this.#aside.keys()) this.#sendAgain(entry);
      await this.#batcher.idle();
    }
    clearTimeout(timer);
  }

  #failed(entry: Entry, error: unknown): void {
    if (error instanceof UnavailableError && !this.#givenUp) this.#putAside(entry, error);
    else this.#refused(entry, error);
  }

  #putAside(entry: Entry, error: UnavailableError): void {
    const { id, name } = entry.task.summary;
    this.#asideLog.pass(() =>
      this.parts.log.error("PostgreSQL cannot record an outcome now; it is sent again", {
        taskId: id,
        task: name,
        err: error.cause ?? error,
      }),
    );
    const pause = Math.min(MIN_ASIDE_MS * 2 ** entry.asides, MAX_ASIDE_MS);
    entry.asides += 1;
    this.#aside.set(
      entry,
      setTimeout(() => this.#sendAgain(entry), jittered(pause)),
    );
  }

  #sendAgain(entry: Entry): void {
    clearTimeout(this.#aside.get(entry));
    this.#aside.delete(entry);
    this.#batcher.push(entry, this.#listener);
  }

  #refused({ task, outcome, onRecorded }: Entry, error: unknown): void {
    const facts = { taskId: outcome.taskId, task: task.summary.name, err: error };
    const instead = this.#givenUp ? null : insteadOf(outcome);
    if (instead) {
      this.parts.log.error("PostgreSQL refuses an outcome; it is recorded without what was refused", {
        ...facts,
        kind: instead.kind,
      });
      return this.record(task, instead, onRecorded);
    }
    const why = this.#givenUp
      ? "An outcome could not be recorded before the stop; the task will run again"
      : "PostgreSQL refuses an outcome even without its values; the task will run again";
    this.parts.log.error(why, facts);
    onRecorded(null, task, null);
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
    let answered = 0;
    for (let pause = 50; ; pause = Math.min(pause * 2, 2_000)) {
      try {
        const answers = await this.parts.store.finish(outcomes);
        const all = await this.#withEarlier(entries, answers);
        this.#outage.over();
        return all;
      } catch (error) {
        // The same outcomes may be sent again: what was committed before the connection broke is fenced by its version.
        for (const entry of entries) entry.inDoubt = true;
        const isAway = error instanceof UnavailableError;
        if (!isAway || error.answered) answered += 1;
        if (this.#givenUp || answered >= triesFor(entries, isAway)) throw error;
        if (isAway) this.#outage.note(error);
        await new Promise((resolve) => setTimeout(resolve, jittered(pause)));
      }
    }
  }

  /** An earlier try may have been committed, though its answer was lost: the rows that it changed match no second time, but are ours. */
  async #withEarlier(entries: readonly Entry[], answers: readonly Finished[]): Promise<readonly Finished[]> {
    const open = entries.filter(({ inDoubt }, index) => inDoubt && answers[index] === null);
    if (open.length === 0) return answers;
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

/** After so many answers that outcomes cannot be recorded, they go in smaller parts; an outcome alone is refused, or put aside. */
function triesFor(entries: readonly Entry[], isAway: boolean): number {
  if (isAway) return 3;
  return entries.length > 1 ? 1 : 2;
}

/** The task after its outcome, as subscribers see it. Columns beyond the summary do not travel. */
function summaryAfter({ task, outcome }: Entry, finished: Finished): TaskSummary[] {
  if (!finished) return [];
  return [{ ...task.summary, ...finished, progress: outcome.progress }];
}
