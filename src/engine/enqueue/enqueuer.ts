import { show } from "../../lib/quote.ts";
import { refuseIssues, type Issue, UnavailableError, type UnavailableReason } from "../../errors.ts";
import { Batcher } from "../../lib/batcher.ts";
import { TimeSlice } from "../../lib/event-loop.ts";
import type { Clock } from "../../lib/clock.ts";
import { partsOf } from "../../lib/parts-of.ts";
import type { Middleware } from "../../task/definition/middleware.ts";
import { IdSource } from "../../lib/uuid.ts";
import { MAX_STATEMENT_ROWS } from "../../store/connection/json-statements.ts";
import type { Inserted, NewTask, TaskStore } from "../../store/tasks/task-store.ts";
import type { Registry } from "../../task/definition/registry.ts";
import type { TaskSummary } from "../../task/records/task.ts";
import { passMiddleware } from "./enqueue-middleware.ts";
import { hintOf, type HintSender } from "./hint-sender.ts";
import { type EnqueueRequest, prepareTask } from "./prepare-task.ts";
import { IssueTally } from "../control/issue-tally.ts";
import type { Publisher } from "../events/publisher.ts";
import { type Router, routerWithoutRoutes } from "./router.ts";
import { NO_SETTINGS, type EnqueueSettings } from "./stored-options.ts";

export interface Enqueued {
  readonly taskId: string;
  /** An equal task was there already, by key; it may have been given the new input. */
  readonly deduplicated: boolean;
  /** The task as this call committed it; null for one that was there already, and stays as it was. */
  readonly task: TaskSummary | null;
  /** Its hint is there already. */
  readonly hinted: boolean;
}

/** What one caller sent: inserted as a whole or not at all. */
interface Unit {
  readonly rows: readonly NewTask[];
}

/** What became of one unit. An error says that nothing of it was inserted, as far as can be known. */
type Settled = { readonly answers: readonly Inserted[] } | { readonly error: unknown };

/** Tasks that are announced in one go. A unit of more tasks shares no transaction with others. */
const MAX_TOGETHER = 1_000;
const NONE: ReadonlySet<string> = new Set();

/**
 * Where tasks begin: validate, insert, commit, then hints and events. The caller's yes means committed. Units that arrive while a
 * statement is under way share the next one; a unit of very many tasks has a separate transaction, for which no other unit waits.
 */
export class Enqueuer {
  readonly #batcher: Batcher<Unit, Settled>;
  /** For units that are too large to share a statement. */
  readonly #large: Batcher<Unit, Settled>;
  readonly #ids = new IdSource();
  readonly #router: Router;

  constructor(
    private readonly parts: {
      readonly registry: Registry;
      readonly store: Pick<TaskStore, "insert">;
      readonly hints: HintSender;
      readonly publisher: Publisher;
      /** Told of a task that is due in so many milliseconds. */
      readonly onDelayed: (inMs: number) => void;
      readonly clock: Clock;
      /** @default without routes */
      readonly router?: Router;
      /** What requests pass before they are checked. @default [] */
      readonly middleware?: readonly Middleware[];
      /** @default NO_SETTINGS */
      readonly settings?: EnqueueSettings;
    },
  ) {
    this.#router = parts.router ?? routerWithoutRoutes();
    this.#batcher = new Batcher({
      maxBatch: MAX_STATEMENT_ROWS,
      sizeOf: ({ rows }) => rows.length,
      concurrency: 2,
      run: (units) => this.#insert(units),
    });
    this.#large = new Batcher({ maxBatch: 1, concurrency: 2, run: (units) => this.#insert(units) });
  }

  /**
   * Enqueues all of the requests or none, however many; answers in their order.
   *
   * @throws RefusedError with the first issues, and how many more were found; paths begin with the request's index
   * @throws UnavailableError when the database does not answer. Whether the tasks exist is then unknown: the answer to a commit may be what
   *   was lost. The same requests with the same `idempotencyKey` give one task each in either case
   */
  async enqueueMany(
    requests: readonly EnqueueRequest[],
    createdBy: string | null = null,
  ): Promise<Enqueued[]> {
    if (requests.length === 0) return [];
    const rows = await this.prepare(requests, createdBy);
    const batcher = rows.length > MAX_TOGETHER ? this.#large : this.#batcher;
    const settled = await batcher.add({ rows });
    if ("error" in settled) throw sayHowToRepeat(settled.error);
    // failpoint: enqueue.committed
    const enqueued = toEnqueued(settled.answers, rows);
    await this.announce(
      enqueued.flatMap(({ task }) => task ?? []),
      new Set(enqueued.flatMap(({ taskId, hinted }) => (hinted ? taskId : []))),
    );
    // failpoint: enqueue.announced
    return enqueued;
  }

  /** Checks requests and makes rows of them. @throws RefusedError with the first issues, and how many more were found; paths begin with the request's index */
  async prepare(requests: readonly EnqueueRequest[], createdBy: string | null): Promise<NewTask[]> {
    const issues: Issue[] = [];
    const tally = new IssueTally();
    const rows: NewTask[] = [];
    const now = this.parts.clock.now();
    const newId = (): string => this.#ids.next();
    const { settings = NO_SETTINGS } = this.parts;
    const slice = new TimeSlice();
    for (const [index, asked] of requests.entries()) {
      const pause = slice.yield();
      if (pause) await pause;
      const request = this.#passes
        ? await passMiddleware(this.parts.middleware!, asked, createdBy, [String(index)])
        : asked;
      const prepared = prepareTask(this.parts.registry, request, {
        path: [String(index)],
        now,
        createdBy,
        newId,
        issues,
        router: this.#router,
        settings,
      });
      // Most schemas answer at once; waiting for those that do not costs a turn each.
      const row = prepared instanceof Promise ? await prepared : prepared;
      if (row) rows.push(row);
      tally.take(issues);
    }
    tally.refuse();
    return rows;
  }

  get #passes(): boolean {
    return (this.parts.middleware?.length ?? 0) > 0;
  }

  /** Never throws: a statement that fails must not fail the units of one that was committed already. */
  async #insert(units: readonly Unit[]): Promise<Settled[]> {
    const settled = new Map<Unit, Settled>();
    for (const group of statementsFor(units)) await this.#insertTogether(group, settled);
    return units.map((unit) => settled.get(unit)!);
  }

  /** One statement for some units; where it is refused, one for each, so that a bad one does not fail its neighbours. */
  async #insertTogether(units: readonly Unit[], settled: Map<Unit, Settled>): Promise<void> {
    try {
      const rows = units.flatMap((unit) => unit.rows);
      // failpoint: enqueue.inserting
      const inserted = await this.parts.store.insert(rows, units.some(needsOwnTransaction) ? "all" : "each");
      let next = 0;
      for (const unit of units)
        settled.set(unit, { answers: inserted.slice(next, (next += unit.rows.length)) });
    } catch (error) {
      if (units.length > 1 && !(error instanceof UnavailableError)) {
        for (const unit of units) await this.#insertTogether([unit], settled);
      } else {
        for (const unit of units) settled.set(unit, { error });
      }
    }
  }

  /**
   * Tells of tasks that are committed now, new ones and such as were given a new input, and sends their hints.
   *
   * @param hinted ids of those whose hint is there already
   */
  async announce(created: readonly TaskSummary[], hinted: ReadonlySet<string> = NONE): Promise<void> {
    if (created.length <= MAX_TOGETHER) return this.#announcePart(created, hinted);
    const slice = new TimeSlice();
    for (const part of partsOf(created, MAX_TOGETHER)) {
      await this.#announcePart(part, hinted);
      await slice.yield();
    }
  }

  async #announcePart(created: readonly TaskSummary[], hinted: ReadonlySet<string>): Promise<void> {
    const now = this.parts.clock.now();
    const begunAt = (task: TaskSummary): Date => (task.version === 1 ? task.createdAt : now);
    // Before the hints, which do not overtake it: nobody should hear of a task's start first.
    this.parts.publisher.publish(
      created.map((task) => ({ kind: "task", type: "ENQUEUED", at: begunAt(task), task })),
    );
    const ready = created.filter(({ id, state }) => state === "QUEUED" && !hinted.has(id));
    await this.parts.hints.send(ready.map(hintOf));
    const due = created.flatMap((task) =>
      task.runAt ? [task.runAt.getTime() - begunAt(task).getTime()] : [],
    );
    if (due.length > 0) this.parts.onDelayed(due.reduce((soonest, ms) => Math.min(soonest, ms)));
  }
}

/**
 * Which units share a statement. Those with keys have their own, since theirs may be several statements, the last of which may fail: then
 * only tasks that were sent with a key are in doubt, and sending them again is safe.
 */
function statementsFor(units: readonly Unit[]): Unit[][] {
  const alone = units.filter(needsOwnTransaction).map((unit) => [unit]);
  const shared = units.filter((unit) => !needsOwnTransaction(unit));
  const keyed = shared.filter(hasKey);
  const plain = keyed.length === 0 ? shared : shared.filter((unit) => !hasKey(unit));
  return [plain, keyed, ...alone].filter((group) => group.length > 0);
}

function hasKey(unit: Unit): boolean {
  return unit.rows.some((row) => row.idempotencyKey !== null || row.uniqueKey !== null);
}

/** Several rows, one of which may meet a key that was used otherwise, or is taken: then none of them may stay. */
function needsOwnTransaction(unit: Unit): boolean {
  return unit.rows.length > 1 && unit.rows.some(mayConflict);
}

function mayConflict({ idempotencyKey, onConflict = "RETURN" }: NewTask): boolean {
  return idempotencyKey !== null || onConflict !== "RETURN";
}

/** @throws RefusedError (CONFLICT) when a key was used otherwise, or is taken */
export function toEnqueued(answers: readonly Inserted[], rows: readonly NewTask[]): Enqueued[] {
  refuseConflicts(answers, rows);
  return answers.map((answer) => {
    if (!("task" in answer)) return { taskId: answer.taskId, deduplicated: true, task: null, hinted: false };
    const deduplicated = answer.kind === "replaced";
    const hinted = answer.kind === "replaced" && answer.hinted;
    return { taskId: answer.task.id, deduplicated, task: answer.task, hinted };
  });
}

function refuseConflicts(answers: readonly Inserted[], rows: readonly NewTask[]): void {
  const issues = answers.flatMap((answer, index): Issue[] => {
    if (answer.kind === "taken") return [keyTaken([String(index)], rows[index]!, answer.taskId)];
    if (answer.kind !== "conflict") return [];
    const message = `was used with another task or other input (task ${answer.taskId}).`;
    const hint = "Use a new key, or send the same input.";
    return [{ code: "CONFLICT", path: [String(index), "options", "idempotencyKey"], message, hint }];
  });
  refuseIssues(issues);
}

/** What is said of a call whose unique key is held by a task that it may not replace. */
export function keyTaken(
  base: readonly string[],
  { uniqueKey, onConflict }: Pick<NewTask, "uniqueKey" | "onConflict">,
  holder: string,
): Issue {
  const path = [...base, "options", "uniqueKey"];
  const message = `${show(uniqueKey)} is held by the unfinished task ${holder}.`;
  const hint =
    onConflict === "REPLACE"
      ? "It is of another definition, or PENDING: such a task cannot be replaced."
      : 'Wait for its end, or use onConflict "RETURN" or "REPLACE".';
  return { code: "CONFLICT", path, message, hint };
}

/** Where it is unknown whether the tasks exist, the error says how to enqueue them again. */
function sayHowToRepeat(error: unknown): unknown {
  if (!(error instanceof UnavailableError) || !UNKNOWN_OUTCOME.has(error.reason)) return error;
  const { service, cause, retryAfterMs, reason, answered, hint } = error;
  const message = `${error.message} An enqueue with the same idempotencyKey makes no second task.`;
  return new UnavailableError(service, { message, cause, retryAfterMs, reason, answered, hint });
}

const UNKNOWN_OUTCOME: ReadonlySet<UnavailableReason> = new Set(["NO_ANSWER", "CONNECTION_LOST"]);
