import type {
  CallerEntityManager,
  CallerTransaction,
  CallerTransactions,
} from "../../store/transactions/transactions.ts";
import type { TaskSummary } from "../../task/records/task.ts";
import { type Enqueued, type Enqueuer, toEnqueued } from "./enqueuer.ts";
import type { NewTask } from "../../store/tasks/task-store.ts";
import { refuseIssues, type Issue } from "../../errors.ts";
import type { EnqueueRequest } from "./prepare-task.ts";

/** Tasks of one call, whose transaction may be committed or not. */
interface Waiting {
  readonly tasks: readonly TaskSummary[];
  readonly since: number;
  /** When to look at their rows, by the monotonic clock, and how long to wait after that. */
  lookAt: number;
  pauseMs: number;
}

const FIRST_PAUSE_MS = 10;
const MAX_PAUSE_MS = 1_000;
/** After this the sweeper sends the hints: it finds rows without hints anyway. */
const GIVE_UP_AFTER_MS = 60_000;
/** Tasks of one call that are looked at before all others of it. */
const PROBE = 100;
/** Tasks that are remembered for their announcement; others are left to the sweeper, too. */
const MAX_WAITING = 20_000;

/**
 * Enqueues in transactions of callers: a task exists when its caller commits. Hints and events are
 * sent after that. The end of a transaction is only a reason to read the rows: savepoints may have
 * undone a part of it, so the rows alone show what was committed.
 */
export class TransactionalEnqueuer {
  readonly #waiting = new Set<Waiting>();
  #size = 0;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer fires. */
  #nextLookAt = Infinity;
  #looking: Promise<void> | null = null;

  constructor(
    private readonly parts: {
      readonly enqueuer: Pick<Enqueuer, "prepare" | "announce">;
      readonly callers: CallerTransactions;
    },
  ) {}

  /**
   * Enqueues all of the requests or none in the open transaction of `em`; answers in their order.
   *
   * @throws TypeError for an EntityManager that cannot be used, RefusedError: the transaction goes
   *   on as if nothing had been asked
   * @throws UnavailableError when the database does not answer: the transaction has failed, and
   *   nothing was enqueued
   */
  async enqueueMany(requests: readonly EnqueueRequest[], em: CallerEntityManager): Promise<Enqueued[]> {
    const transaction = await this.parts.callers.of(em);
    if (requests.length === 0) return [];
    const rows = await this.parts.enqueuer.prepare(requests, null);
    refuseReplacing(rows);
    const answers = await transaction.insert(rows);
    const enqueued = toEnqueued(answers, rows);
    const created = enqueued.flatMap(({ task }) => task ?? []);
    // As many as one call has are taken while not much waits: they were in memory anyway.
    if (created.length > 0 && this.#size < MAX_WAITING) this.#watch(transaction, created);
    return enqueued;
  }

  /** Announces the tasks that are committed by now; others are left to the sweeper. */
  async flush(): Promise<void> {
    await this.#looking;
    clearTimeout(this.#timer);
    await this.#look([...this.#waiting]);
    for (const waiting of this.#waiting) this.#forget(waiting);
  }

  #watch(transaction: CallerTransaction, tasks: readonly TaskSummary[]): void {
    const now = performance.now();
    const waiting = { tasks, since: now, lookAt: now + FIRST_PAUSE_MS, pauseMs: FIRST_PAUSE_MS };
    this.#waiting.add(waiting);
    this.#size += tasks.length;
    transaction.onEnd((how) => {
      if (how === "rolledBack") this.#forget(waiting);
      else this.#lookNow(waiting);
    });
    this.#wakeAt(waiting.lookAt);
  }

  #forget(waiting: Waiting): void {
    if (this.#waiting.delete(waiting)) this.#size -= waiting.tasks.length;
  }

  #lookNow(waiting: Waiting): void {
    waiting.lookAt = 0;
    waiting.pauseMs = FIRST_PAUSE_MS;
    this.#wakeAt(0);
  }

  /** One look at a time: those that become due meanwhile share the next. */
  #wakeAt(at: number): void {
    if (this.#looking || at >= this.#nextLookAt) return;
    this.#nextLookAt = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#lookAtDue, Math.max(0, at - performance.now())).unref();
  }

  #lookAtDue = (): void => {
    const now = performance.now();
    const due = [...this.#waiting].filter(({ lookAt }) => lookAt <= now);
    this.#looking = this.#look(due).finally(() => {
      this.#looking = null;
      this.#nextLookAt = Infinity;
      let next = Infinity;
      for (const { lookAt } of this.#waiting) next = Math.min(next, lookAt);
      this.#wakeAt(next);
    });
  };

  async #look(due: readonly Waiting[]): Promise<void> {
    if (due.length === 0) return;
    for (const waiting of due) this.#postpone(waiting);
    const committed = await this.#committed(due);
    const tasks = due.flatMap((waiting) => {
      const there = waiting.tasks.filter((task) => committed.has(task.id));
      if (there.length > 0) this.#forget(waiting);
      return there;
    });
    await this.parts.enqueuer.announce(tasks);
  }

  /** Before the look: the end of a transaction during the look makes it due at once. */
  #postpone(waiting: Waiting): void {
    const now = performance.now();
    if (now - waiting.since > GIVE_UP_AFTER_MS) return this.#forget(waiting);
    waiting.pauseMs = Math.min(waiting.pauseMs * 2, MAX_PAUSE_MS);
    waiting.lookAt = now + waiting.pauseMs;
  }

  /**
   * Of a call with very many tasks the first ones are looked at until they are there: it may take
   * some looks.
   */
  async #committed(due: readonly Waiting[]): Promise<ReadonlySet<string>> {
    const { callers } = this.parts;
    try {
      const found = new Set(
        await callers.committed(due.flatMap(({ tasks }) => idsOf(tasks.slice(0, PROBE)))),
      );
      const rest = due.filter(({ tasks: [first] }) => found.has(first!.id));
      const ids = await callers.committed(rest.flatMap(({ tasks }) => idsOf(tasks.slice(PROBE))));
      for (const id of ids) found.add(id);
      return found;
    } catch {
      return new Set(); // The next look asks again.
    }
  }
}

function idsOf(tasks: readonly TaskSummary[]): string[] {
  return tasks.map((task) => task.id);
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
