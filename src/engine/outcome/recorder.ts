import { jittered } from "../../lib/async/backoff.ts";
import { UnavailableError } from "../../errors.ts";
import { Batcher, type ItemListener } from "../../lib/async/batcher.ts";
import { type Part, runInParts } from "../../lib/async/in-parts.ts";
import { MINUTE } from "../../lib/clock.ts";
import type { Logger } from "../../lib/log/log.ts";
import { LogLimit } from "../../lib/log/log-limit.ts";
import { OutageLog } from "../../lib/log/outage-log.ts";
import type { ClaimedTask, Finished, Outcome, TaskStore } from "../../store/tasks/task-store.ts";
import type { TaskEventType } from "../../task/records/event.ts";
import type { TaskState } from "../../task/records/state.ts";
import type { TaskError, TaskSummary } from "../../task/records/task.ts";
import { hintOf, type HintSender } from "../enqueue/hint-sender.ts";
import type { Publisher } from "../events/publisher.ts";
import type { Results } from "./results.ts";

/**
 * `finishedAt` is the database's time; null where the task continues, or this worker no longer owns
 * it.
 */
type OnRecorded = (state: TaskState | null, task: ClaimedTask, finishedAt: Date | null) => void;

interface Entry {
  readonly task: ClaimedTask;
  readonly outcome: Outcome;
  readonly onRecorded: OnRecorded;
  /** It was sent before. Only the answer may have been lost, so it may be recorded already. */
  inDoubt: boolean;
  /** How often it was deferred. */
  deferrals: number;
  /**
   * The value of `#outages` when a success last sent it again. If it fails after that, only its
   * back-off sends it.
   */
  resumedIn: number;
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
const MIN_DEFERRAL_MS = 1_000;
const MAX_DEFERRAL_MS = 30_000;
/**
 * While nothing can be recorded, one deferred outcome is sent this often to find the end of the
 * outage.
 */
const PROBE_MS = 2_000;

/**
 * Records the outcomes of attempts: batches them into guarded statements, then publishes the
 * events. Others record outcomes too: `TransactionRecorder` with the writes of the task's code, the
 * sweeper and `TaskControl` for tasks without an attempt to report.
 *
 * While the database is away outcomes wait here, and the fetcher reads `backlog` before it fetches
 * more. An outcome is refused only if PostgreSQL refuses its values twice, sent alone. Any other
 * failure defers it: its neighbours are recorded, and it is sent again after a back-off, or as soon
 * as a statement succeeds.
 */
export class Recorder {
  readonly #batcher: Batcher<Entry, Part<Finished>>;
  readonly #deferred = new Map<Entry, NodeJS.Timeout>();
  readonly #outage: OutageLog;
  readonly #fencedLog = new LogLimit(FENCED_LOG_MS);
  readonly #deferralLog = new LogLimit(MINUTE);
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
  /**
   * Counts outcomes that failed for the first time. An outcome that always fails does not raise it,
   * so it is not sent at every success.
   */
  #outages = 0;
  /** The next send of one deferred outcome; null while statements succeed. */
  #probe: NodeJS.Timeout | null = null;
  /** Outcomes that matched no row: the task had been rescued. */
  fenced = 0;

  constructor(
    private readonly parts: {
      readonly store: Pick<TaskStore, "finish" | "findFinished">;
      readonly hints: HintSender;
      readonly publisher: Publisher;
      readonly results: Pick<Results, "storeExternally">;
      /** Called with the milliseconds until a retried or snoozed task is due. */
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
    return this.#batcher.size + this.#deferred.size;
  }

  /**
   * Records an outcome. `onRecorded` receives the task's state once that is durable, or null if
   * this worker no longer owns the task.
   */
  record(task: ClaimedTask, outcome: Outcome, onRecorded: OnRecorded): void {
    const entry = { task, outcome, onRecorded, inDoubt: false, deferrals: 0, resumedIn: 0 };
    this.#batcher.push(entry, this.#listener);
  }

  /**
   * Resolves when every outcome so far is durable. After `withinMs` the others are dropped, and so
   * are all outcomes that are recorded later.
   */
  async flush(withinMs: number): Promise<void> {
    const timer = setTimeout(() => (this.#givenUp = true), withinMs);
    while (this.backlog > 0) {
      for (const entry of this.#deferred.keys()) this.#sendAgain(entry);
      await this.#batcher.idle();
    }
    clearTimeout(timer);
    this.#stopProbing();
  }

  #failed(entry: Entry, error: unknown): void {
    if (error instanceof UnavailableError && !this.#givenUp) this.#defer(entry, error);
    else this.#refused(entry, error);
  }

  #defer(entry: Entry, error: UnavailableError): void {
    const { id, name } = entry.task.summary;
    this.#deferralLog.pass(() =>
      this.parts.log.error("PostgreSQL cannot record an outcome now; it is sent again", {
        taskId: id,
        task: name,
        err: error.cause ?? error,
      }),
    );
    const pause = Math.min(MIN_DEFERRAL_MS * 2 ** entry.deferrals, MAX_DEFERRAL_MS);
    if (entry.deferrals === 0) this.#outages += 1;
    entry.deferrals += 1;
    this.#deferred.set(
      entry,
      setTimeout(() => this.#sendAgain(entry), jittered(pause)),
    );
    this.#probe ??= setTimeout(this.#sendProbe, jittered(PROBE_MS));
  }

  /** A statement succeeded: sends each deferred outcome at once, but only once for one outage. */
  #resume(): void {
    this.#stopProbing();
    for (const entry of this.#deferred.keys()) {
      if (entry.resumedIn === this.#outages) continue;
      entry.resumedIn = this.#outages;
      this.#sendAgain(entry);
    }
  }

  /**
   * Sends the outcome that waits longest. If it fails, it becomes the last in line, and the next
   * probe sends another.
   */
  #sendProbe = (): void => {
    this.#probe = null;
    for (const entry of this.#deferred.keys())
      if (entry.resumedIn !== this.#outages) return this.#sendAgain(entry);
  };

  #stopProbing(): void {
    if (this.#probe) clearTimeout(this.#probe);
    this.#probe = null;
  }

  #sendAgain(entry: Entry): void {
    clearTimeout(this.#deferred.get(entry));
    this.#deferred.delete(entry);
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
    // failpoint: finish.published
    this.#wakeForRetries(entries);
    return answers;
  }

  async #finishUntilDone(entries: readonly Entry[]): Promise<readonly Finished[]> {
    const outcomes = await this.parts.results.storeExternally(entries);
    let answered = 0;
    for (let pause = 50; ; pause = Math.min(pause * 2, 2_000)) {
      try {
        const answers = await this.parts.store.finish(outcomes);
        const all = await this.#withEarlier(entries, answers);
        this.#outage.over();
        this.#resume();
        return all;
      } catch (error) {
        // The same outcomes may be sent again: the version fences those that were committed before
        // the connection broke.
        for (const entry of entries) entry.inDoubt = true;
        const isAway = error instanceof UnavailableError;
        if (!isAway || error.answered) answered += 1;
        if (this.#givenUp || answered >= triesFor(entries, isAway)) throw error;
        if (isAway) this.#outage.note(error);
        await new Promise((resolve) => setTimeout(resolve, jittered(pause)));
      }
    }
  }

  /**
   * Adds the outcomes that an earlier try committed although its answer was lost: their rows do not
   * match a second time, but this worker recorded them.
   */
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
      this.parts.log.warn("An outcome came too late and was dropped: the task had been rescued", {
        taskId: id,
        task: name,
        attempt,
        droppedSoFar: this.fenced,
      }),
    );
  }

  #wakeForRetries(entries: readonly Entry[]): void {
    const delays = entries.flatMap(({ outcome }) => ("delayMs" in outcome ? [outcome.delayMs] : []));
    if (delays.length > 0) this.parts.onDelayed(Math.min(...delays));
  }
}

/**
 * Returns after how many failed answers outcomes are sent in smaller parts; a single one is then
 * refused or deferred.
 */
function triesFor(entries: readonly Entry[], isAway: boolean): number {
  if (isAway) return 3;
  return entries.length > 1 ? 1 : 2;
}

/**
 * Returns the task after its outcome, as subscribers see it. Events carry the columns of the
 * summary only.
 */
function summaryAfter({ task, outcome }: Entry, finished: Finished): TaskSummary[] {
  if (!finished) return [];
  return [{ ...task.summary, ...finished, progress: outcome.progress }];
}

/**
 * Recorded in place of an outcome that the database does not store, so that the task does not stay
 * STARTED.
 */
const REFUSED: TaskError = {
  type: "OutcomeRefused",
  message: "The database refused to store how this attempt ended; the worker's log has the reason.",
  stack: null,
  retryable: false,
  fingerprint: "OutcomeRefused",
};

/** The same for an attempt after which the task is tried again. */
const REFUSED_RETRY: TaskError = { ...REFUSED, retryable: true };

/**
 * Returns what to record in place of an outcome whose values the database refuses, or null if
 * nothing is left to try. A retry stays a retry: first without its error and its progress, then
 * without its new input.
 *
 * A success becomes FAILURE. Without its output it would give every reader of the result a value
 * that the code did not return. The worker checks outputs before, so this ends a task that a hole
 * in that check would leave STARTED, and people see the error and can retry it.
 */
function insteadOf(outcome: Outcome): Outcome | null {
  if (outcome.kind === "succeeded") return failed(outcome);
  if (outcome.kind === "failed") return outcome.error === REFUSED ? null : failed(outcome);
  if (outcome.kind === "retry" && outcome.error !== REFUSED_RETRY)
    return { ...outcome, progress: null, error: REFUSED_RETRY };
  if (outcome.progress !== null) return { ...outcome, progress: null };
  return outcome.kind === "retry" && outcome.newInput
    ? { ...outcome, newInput: null, newHidden: null }
    : null;
}

function failed({ taskId, workerId, version, keepMs }: Outcome): Outcome {
  return { taskId, workerId, version, progress: null, kind: "failed", error: REFUSED, keepMs };
}
