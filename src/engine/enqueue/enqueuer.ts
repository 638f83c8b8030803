import { show } from "../../lib/quote.ts";
import { refuseIssues, type Issue, UnavailableError, type UnavailableReason } from "../../errors.ts";
import { Batcher } from "../../lib/async/batcher.ts";
import { TimeSlice } from "../../lib/async/event-loop.ts";
import type { Clock } from "../../lib/clock.ts";
import { partsOf } from "../../lib/async/in-parts.ts";
import type { Middleware } from "../../task/definition/middleware.ts";
import { IdSource } from "../../lib/uuid.ts";
import { MAX_STATEMENT_ROWS } from "../../store/tasks/json-statements.ts";
import type { Inserted, NewTask, TaskStore } from "../../store/tasks/task-store.ts";
import type { Registry } from "../../task/definition/registry.ts";
import type { TaskSummary } from "../../task/records/task.ts";
import { hintOf, type HintSender } from "./hint-sender.ts";
import { type EnqueueSettings, NO_SETTINGS } from "./make-row.ts";
import { type EnqueueRequest, IssueTally, passMiddleware, prepareTask } from "./prepare-task.ts";
import type { Publisher } from "../events/publisher.ts";
import { type Router, routerWithoutRoutes } from "./router.ts";

export interface Enqueued {
  readonly taskId: string;
  /** Whether a task with the same key existed. With REPLACE it has the new input. */
  readonly deduplicated: boolean;
  /** The task as this call committed it; null for an existing task that was not changed. */
  readonly task: TaskSummary | null;
  /** Whether the broker has its hint already. */
  readonly hinted: boolean;
}

/** The rows of one caller: inserted as a whole or not at all. */
interface Unit {
  readonly rows: readonly NewTask[];
}

/**
 * The answers to one unit, or its error. After an UnavailableError it is unknown whether the unit
 * was inserted.
 */
type Inserting = { readonly answers: readonly Inserted[] } | { readonly error: unknown };

/** Tasks that are announced at once. A unit of more tasks has a separate transaction. */
const MAX_TOGETHER = 1_000;
const NONE: ReadonlySet<string> = new Set();

/**
 * Enqueues tasks: checks the requests, inserts and commits the rows, then sends hints and events. A
 * successful return means committed. Units that arrive while a statement runs share the next one; a
 * unit of very many tasks has a separate transaction, and no other unit waits for it.
 */
export class Enqueuer {
  readonly #batcher: Batcher<Unit, Inserting>;
  /** For units that are too large to share a statement. */
  readonly #large: Batcher<Unit, Inserting>;
  readonly #ids = new IdSource();
  readonly #newId = (): string => this.#ids.next();
  readonly #router: Router;

  constructor(
    private readonly parts: {
      readonly registry: Registry;
      readonly store: Pick<TaskStore, "insert">;
      readonly hints: HintSender;
      readonly publisher: Publisher;
      /** Called with the milliseconds until a new task is due. */
      readonly onDelayed: (inMs: number) => void;
      readonly clock: Clock;
      /** @default without routes */
      readonly router?: Router;
      /** Changes or refuses requests before they are checked. @default [] */
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
      run: this.#insert,
    });
    this.#large = new Batcher({ maxBatch: 1, concurrency: 2, run: this.#insert });
  }

  /**
   * Enqueues all of the requests or none, however many; answers in their order.
   *
   * @throws RefusedError with the first issues and the number of the others; paths begin with the
   *   request's index
   * @throws UnavailableError when the database does not answer. It is then unknown whether the
   *   tasks exist, since only the answer to the commit may have been lost. Send the same requests
   *   with the same `idempotencyKey` again: that gives one task each in either case
   */
  async enqueueMany(
    requests: readonly EnqueueRequest[],
    createdBy: string | null = null,
  ): Promise<Enqueued[]> {
    if (requests.length === 0) return [];
    return this.enqueueRows(await this.prepare(requests, createdBy));
  }

  /** Enqueues the rows of `prepare`, all or none, and throws like `enqueueMany`. */
  async enqueueRows(rows: readonly NewTask[]): Promise<Enqueued[]> {
    const batcher = rows.length > MAX_TOGETHER ? this.#large : this.#batcher;
    const inserting = await batcher.add({ rows });
    if ("error" in inserting) throw withRemedy(inserting.error);
    // failpoint: enqueue.committed
    const enqueued = toEnqueued(inserting.answers, rows);
    await this.announce(
      enqueued.flatMap(({ task }) => task ?? []),
      new Set(enqueued.flatMap(({ taskId, hinted }) => (hinted ? taskId : []))),
    );
    // failpoint: enqueue.announced
    return enqueued;
  }

  /**
   * Checks requests and returns their rows.
   *
   * @throws RefusedError with the first issues and the number of the others; paths begin with the
   *   request's index
   */
  async prepare(requests: readonly EnqueueRequest[], createdBy: string | null): Promise<NewTask[]> {
    const issues: Issue[] = [];
    const tally = new IssueTally();
    const rows: NewTask[] = [];
    const { registry, clock, middleware = [], settings = NO_SETTINGS } = this.parts;
    const now = clock.now();
    const common = { now, createdBy, newId: this.#newId, issues, router: this.#router, settings };
    const slice = new TimeSlice();
    for (const [index, given] of requests.entries()) {
      const pause = slice.yield();
      if (pause) await pause;
      const path = [String(index)];
      const request =
        middleware.length > 0 ? await passMiddleware(middleware, given, createdBy, path) : given;
      const prepared = prepareTask(registry, request, { ...common, path });
      const row = prepared instanceof Promise ? await prepared : prepared;
      if (row) rows.push(row);
      tally.take(issues);
    }
    tally.refuse();
    return rows;
  }

  /**
   * Never throws: a statement that fails must not fail the units of one that was committed already.
   */
  #insert = async (units: readonly Unit[]): Promise<Inserting[]> => {
    const settled = new Map<Unit, Inserting>();
    for (const group of statementsFor(units)) await this.#insertTogether(group, settled);
    return units.map((unit) => settled.get(unit)!);
  };

  /**
   * Inserts units by one statement. If it is refused, by one for each, so that a bad unit does not
   * fail its neighbours.
   */
  async #insertTogether(units: readonly Unit[], settled: Map<Unit, Inserting>): Promise<void> {
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
   * Publishes the events of tasks that are committed now, new ones and replaced ones, and sends
   * their hints.
   *
   * @param hinted ids of tasks whose hint the broker has already
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
    const enqueuedAt = (task: TaskSummary): Date => (task.version === 1 ? task.createdAt : now);
    // Before the hints, which cannot arrive earlier: no subscriber should receive a task's start
    // first.
    this.parts.publisher.publish(
      created.map((task) => ({ kind: "task", type: "ENQUEUED", at: enqueuedAt(task), task })),
    );
    const ready = created.filter(({ id, state }) => state === "QUEUED" && !hinted.has(id));
    await this.parts.hints.send(ready.map(hintOf));
    const due = created.flatMap((task) =>
      task.runAt ? [task.runAt.getTime() - enqueuedAt(task).getTime()] : [],
    );
    if (due.length > 0) this.parts.onDelayed(due.reduce((soonest, ms) => Math.min(soonest, ms)));
  }
}

/**
 * Groups units by statement. Units with keys form a group: theirs may be several statements, the
 * last of which may fail. Then only tasks with a key are in doubt, and sending those again is safe.
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

/**
 * Returns whether a unit has several rows, one of which may conflict with a key: then none of them
 * may stay.
 */
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
    return answer.kind === "conflict" ? [keyUsed([String(index)], answer.taskId)] : [];
  });
  refuseIssues(issues);
}

/** Returns the issue of a call whose idempotency key was used otherwise. */
export function keyUsed(base: readonly string[], holder: string): Issue {
  const message = `was used with another task or other input (task ${holder}).`;
  const hint = "Use a new key, or send the same input.";
  return { code: "CONFLICT", path: [...base, "options", "idempotencyKey"], message, hint };
}

/** Returns the issue of a call whose unique key is held by a task that it may not replace. */
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

/** Adds to an error how to enqueue again, where it is unknown whether the tasks exist. */
function withRemedy(error: unknown): unknown {
  if (!(error instanceof UnavailableError) || !UNKNOWN_OUTCOME.has(error.reason)) return error;
  const { service, cause, retryAfterMs, reason, answered, hint } = error;
  const message = `${error.message} An enqueue with the same idempotencyKey makes no second task.`;
  return new UnavailableError(service, { message, cause, retryAfterMs, reason, answered, hint });
}

const UNKNOWN_OUTCOME: ReadonlySet<UnavailableReason> = new Set(["NO_ANSWER", "CONNECTION_LOST"]);
