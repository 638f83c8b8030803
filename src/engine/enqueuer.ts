import { type Issue, RefusedError, UnavailableError } from "../errors.ts";
import { Batcher } from "../lib/batcher.ts";
import type { Clock } from "../lib/clock.ts";
import type { Json } from "../lib/json.ts";
import type { Inserted, NewTask, TaskStore } from "../store/task-store.ts";
import type { EnqueueOptions } from "../task/enqueue.ts";
import type { Registry } from "../task/registry.ts";
import type { TaskSummary } from "../task/task.ts";
import { hintOf, type HintSender } from "./hint-sender.ts";
import { prepareTask } from "./prepare-task.ts";
import type { Publisher } from "./publisher.ts";

export interface EnqueueRequest {
  /** Name of the task definition. */
  readonly name: string;
  /** @default {} */
  readonly args?: Json;
  readonly options?: EnqueueOptions;
  /** The task that this one repeats. */
  readonly retryOf?: string;
}

export interface Enqueued {
  readonly taskId: string;
  /** An equal task was there already. */
  readonly deduplicated: boolean;
  /** The new task as it was committed; null for one that was there already. */
  readonly task: TaskSummary | null;
}

/** What one caller sent: inserted as a whole or not at all. */
interface Unit {
  readonly rows: readonly NewTask[];
}

const MAX_ISSUES = 20;

/**
 * Where tasks begin: validate, insert, commit, then hints and events. The caller's yes means committed. Units that arrive while a
 * statement is under way share the next one.
 */
export class Enqueuer {
  readonly #batcher: Batcher<Unit, Inserted[]>;

  constructor(
    private readonly parts: {
      readonly registry: Registry;
      readonly store: Pick<TaskStore, "insert">;
      readonly hints: HintSender;
      readonly publisher: Publisher;
      /** Told of a task that is due in so many milliseconds. */
      readonly onDelayed: (inMs: number) => void;
      readonly clock: Clock;
    },
  ) {
    this.#batcher = new Batcher({
      maxBatch: 1_000,
      concurrency: 2,
      run: (units) => this.#insert(units),
      isolate: (error) => !(error instanceof UnavailableError),
    });
  }

  /**
   * Enqueues all of the requests or none; answers in their order.
   *
   * @throws RefusedError with every issue found; paths begin with the request's index
   * @throws UnavailableError when the database does not answer; nothing was enqueued then
   */
  async enqueueMany(
    requests: readonly EnqueueRequest[],
    createdBy: string | null = null,
  ): Promise<Enqueued[]> {
    if (requests.length === 0) return [];
    const rows = await this.#prepare(requests, createdBy);
    const answers = await this.#batcher.add({ rows });
    refuseConflicts(answers);
    const created = answers.flatMap((answer) => (answer.kind === "created" ? answer.task : []));
    await this.#announce(created);
    return answers.map((answer) =>
      answer.kind === "created"
        ? { taskId: answer.task.id, deduplicated: false, task: answer.task }
        : { taskId: answer.taskId, deduplicated: true, task: null },
    );
  }

  async #prepare(requests: readonly EnqueueRequest[], createdBy: string | null): Promise<NewTask[]> {
    const issues: Issue[] = [];
    const rows: NewTask[] = [];
    const now = this.parts.clock.now();
    for (const [index, request] of requests.entries()) {
      const prepared = prepareTask(this.parts.registry, request, {
        path: [String(index)],
        now,
        createdBy,
        issues,
      });
      // Most schemas answer at once; waiting for those that do not costs a turn each.
      const row = prepared instanceof Promise ? await prepared : prepared;
      if (row) rows.push(row);
      if (issues.length >= MAX_ISSUES) break;
    }
    const [first, ...rest] = issues;
    if (first) throw new RefusedError([first, ...rest]);
    return rows;
  }

  async #insert(units: readonly Unit[]): Promise<Inserted[][]> {
    const alone = units.filter(needsOwnTransaction);
    const shared = units.filter((unit) => !needsOwnTransaction(unit));
    const answers = new Map<Unit, Inserted[]>();
    if (shared.length > 0) {
      const inserted = await this.parts.store.insert(
        shared.flatMap((unit) => unit.rows),
        "each",
      );
      let next = 0;
      for (const unit of shared) answers.set(unit, inserted.slice(next, (next += unit.rows.length)));
    }
    for (const unit of alone) answers.set(unit, await this.parts.store.insert(unit.rows, "all"));
    return units.map((unit) => answers.get(unit)!);
  }

  async #announce(created: readonly TaskSummary[]): Promise<void> {
    // Events first: both travel on one connection, so that STARTED seldom overtakes ENQUEUED.
    this.parts.publisher.publish(
      created.map((task) => ({ kind: "task", type: "ENQUEUED", at: task.createdAt, task })),
    );
    await this.parts.hints.send(created.filter((task) => task.state === "QUEUED").map(hintOf));
    const due = created.flatMap((task) =>
      task.runAt ? [task.runAt.getTime() - task.createdAt.getTime()] : [],
    );
    if (due.length > 0) this.parts.onDelayed(due.reduce((soonest, ms) => Math.min(soonest, ms)));
  }
}

/** Several rows, one of which may meet a key that was used otherwise: then none of them may stay. */
function needsOwnTransaction(unit: Unit): boolean {
  return unit.rows.length > 1 && unit.rows.some((row) => row.idempotencyKey !== null);
}

function refuseConflicts(answers: readonly Inserted[]): void {
  const issues = answers.flatMap((answer, index): Issue[] => {
    if (answer.kind !== "conflict") return [];
    const message = `was used with another task or other input (task ${answer.taskId}).`;
    const hint = "Use a new key, or send the same input.";
    return [{ code: "CONFLICT", path: [String(index), "options", "idempotencyKey"], message, hint }];
  });
  const [first, ...rest] = issues;
  if (first) throw new RefusedError([first, ...rest]);
}
