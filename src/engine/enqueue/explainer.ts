import { show } from "../../lib/quote.ts";
import type { Issue } from "../../errors.ts";
import type { Clock } from "../../lib/clock.ts";
import type { EnqueueSettings } from "./make-row.ts";
import { newId } from "../../lib/uuid.ts";
import type { ControlStore } from "../../store/workers/control-store.ts";
import type { KeyHolder, DryRunStore } from "../../store/tasks/dry-run-store.ts";
import type { NewTask } from "../../store/tasks/task-store.ts";
import type { WorkerStore } from "../../store/workers/worker-store.ts";
import { workerOfQueue } from "../../task/definition/names.ts";
import type { Priority } from "../../task/definition/priority.ts";
import type { Registry } from "../../task/definition/registry.ts";
import { RuntimeOverrides } from "../../task/records/task-overrides.ts";
import { LIVE_STATUSES, type WorkerRecord } from "../../task/records/worker.ts";
import { keyTaken, keyUsed } from "./enqueuer.ts";
import { type EnqueueRequest, prepareTask } from "./prepare-task.ts";
import type { Destination, Router } from "./router.ts";

/** Who chose a value of a task: the caller, its definition, one of the app's routes, or nobody. */
export const DECIDERS = ["CALL", "DEFINITION", "ROUTE", "DEFAULT"] as const;
export type Decider = (typeof DECIDERS)[number];

/** The key by which an existing task would be found. */
export const DUPLICATE_KEYS = ["UNIQUE_KEY", "IDEMPOTENCY_KEY"] as const;
export type DuplicateKey = (typeof DUPLICATE_KEYS)[number];

/** The result of an enqueue that would be accepted. */
export interface DryRun {
  readonly queue: string;
  readonly queueDecidedBy: Decider;
  readonly priority: Priority;
  readonly priorityDecidedBy: Decider;
  /** Index of the route that matched; null if none matched or none was asked. */
  readonly route: number | null;
  readonly maxAttempts: number;
  /** Time limit of one attempt, in milliseconds; null for none. */
  readonly timeLimitMs: number | null;
  /** Soft time limit of one attempt, in milliseconds; null for none. */
  readonly softTimeLimitMs: number | null;
  /** Earliest start; null for now. */
  readonly runAt: Date | null;
  /** Time at which the task expires if it has not started; null for never. */
  readonly expiresAt: Date | null;
  /** The existing task that would be returned, and its key; null if a new task would be created. */
  readonly duplicate: { readonly taskId: string; readonly key: DuplicateKey } | null;
  readonly queuePaused: boolean;
  /** Number of tasks ahead in the queue, counted up to 10,000. */
  readonly waitingBefore: number;
  /** Live workers that know the definition and fetch from the queue. */
  readonly workers: readonly WorkerRecord[];
  /** Why no worker would run it now; null if one would. */
  readonly problem: string | null;
}

/** The result of a dry run. Nothing was enqueued. */
export interface TaskExplanation {
  /** Mistakes for which it would be refused; empty if it would be accepted. */
  readonly errors: readonly Issue[];
  /** Null if it would be refused. */
  readonly dryRun: DryRun | null;
}

const COUNT_LIMIT = 10_000;

/** Returns what an enqueue would do, without doing it, by the same code. */
export class Explainer {
  constructor(
    private readonly parts: {
      readonly registry: Registry;
      readonly router: Router;
      readonly dryRun: DryRunStore;
      readonly workers: Pick<WorkerStore, "knowing" | "list">;
      readonly control: Pick<ControlStore, "overrides">;
      readonly clock: Clock;
      readonly settings: EnqueueSettings;
    },
  ) {}

  /** Paths of errors begin with `name`, `args` or `options`. */
  async explain(request: EnqueueRequest): Promise<TaskExplanation> {
    const { registry, router, clock, settings } = this.parts;
    const errors: Issue[] = [];
    let destination: Destination | null = null;
    const now = clock.now();
    const row = await prepareTask(registry, request, {
      ...{ path: [], now, createdBy: null, newId, issues: errors, router, settings },
      onRouted: (found) => (destination = found),
    });
    if (!row || !destination) return { errors, dryRun: null };
    const { holders, queuePaused, waitingBefore } = await this.parts.dryRun.look(row, COUNT_LIMIT);
    const conflict = conflictOf(row, holders);
    if (conflict) return { errors: [conflict], dryRun: null };
    const workers = await this.#workersFor(row);
    const overrides = new RuntimeOverrides(registry);
    overrides.replace(await this.parts.control.overrides());
    const limits = overrides.limitsOf(row.name, {
      timeLimitMs: row.timeLimitMs,
      options: row.options ?? null,
    });
    return {
      errors,
      dryRun: {
        ...decidersOf(destination, request, registry.get(request.name)!),
        ...timesOf(row, now),
        queue: row.queue,
        priority: row.priority,
        maxAttempts: row.maxAttempts,
        timeLimitMs: limits.hardMs,
        softTimeLimitMs: limits.softMs,
        duplicate: duplicateOf(holders),
        queuePaused,
        waitingBefore,
        workers: workers.able,
        problem: pauseOf(row, queuePaused, overrides) ?? workers.problem,
      },
    };
  }

  async #workersFor(row: NewTask): Promise<{ able: readonly WorkerRecord[]; problem: string | null }> {
    const knowing = await this.parts.workers.knowing(row.name);
    const listening = knowing.filter((worker) => listensTo(worker, row.queue));
    const able = listening.filter(({ status }) => status !== "DRAINING");
    if (able.some(({ status }) => status === "ONLINE")) return { able, problem: null };
    return { able, problem: await this.#problem(row, knowing, listening) };
  }

  async #problem(
    { name, queue }: NewTask,
    knowing: readonly WorkerRecord[],
    listening: readonly WorkerRecord[],
  ): Promise<string> {
    if (listening.length > 0) {
      const names = namesOf(listening.map((worker) => `${worker.name} is ${worker.status}`));
      return `No worker that could run it is taking tasks: ${names}.`;
    }
    const live = knowing.length > 0 ? knowing : await this.parts.workers.list(LIVE_STATUSES);
    if (live.length === 0) return "No worker is alive.";
    const wanted = workerOfQueue(queue);
    if (wanted !== null) {
      const isThere = live.some((worker) => worker.name === wanted);
      return `The worker ${show(wanted)} ${isThere ? `does not know the task ${show(name)}` : "is not alive"}.`;
    }
    if (knowing.length === 0) return `No live worker knows the task ${show(name)}.`;
    const queues = namesOf([...new Set(knowing.flatMap((worker) => worker.queues))].sort());
    return `No live worker that knows the task ${show(name)} takes tasks from the queue ${show(queue)}; they take from ${queues}.`;
  }
}

function listensTo(worker: WorkerRecord, queue: string): boolean {
  return worker.queues.includes(queue) || workerOfQueue(queue) === worker.name;
}

const MAX_NAMED = 10;

function namesOf(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function decidersOf(
  { route }: Destination,
  { options = {} }: EnqueueRequest,
  definition: { readonly queue: string | null; readonly priority: Priority | null },
): Pick<DryRun, "queueDecidedBy" | "priorityDecidedBy" | "route"> {
  const decider = (said: boolean, defined: boolean, routed: boolean): Decider => {
    if (said) return "CALL";
    if (defined) return "DEFINITION";
    return routed ? "ROUTE" : "DEFAULT";
  };
  const { queue, worker, priority } = options;
  return {
    queueDecidedBy: decider(
      queue !== undefined || worker !== undefined,
      definition.queue !== null,
      route?.queue !== undefined,
    ),
    priorityDecidedBy: decider(
      priority !== undefined,
      definition.priority !== null,
      route?.priority !== undefined,
    ),
    route: route?.index ?? null,
  };
}

/** By this process' clock; the database's decides at the enqueue. */
function timesOf({ runAt, delayMs, expiresInMs }: NewTask, now: Date): Pick<DryRun, "runAt" | "expiresAt"> {
  const due = runAt ?? after(now, delayMs);
  return { runAt: due !== null && due > now ? due : null, expiresAt: after(now, expiresInMs) };
}

function after(now: Date, ms: number | null): Date | null {
  return ms === null ? null : new Date(now.getTime() + ms);
}

function duplicateOf([holder]: readonly KeyHolder[]): DryRun["duplicate"] {
  if (!holder) return null;
  return { taskId: holder.taskId, key: holder.key === "idempotency" ? "IDEMPOTENCY_KEY" : "UNIQUE_KEY" };
}

function pauseOf({ name, queue }: NewTask, queuePaused: boolean, overrides: RuntimeOverrides): string | null {
  if (queuePaused) return `The queue ${show(queue)} is paused.`;
  return overrides.of(name).paused ? `The task definition ${show(name)} is paused.` : null;
}

/** Returns the conflict with the holder of a key, or null. */
function conflictOf(row: NewTask, [holder]: readonly KeyHolder[]): Issue | null {
  if (!holder || (holder.key === "idempotency" && holder.same)) return null;
  const { taskId } = holder;
  if (holder.key === "unique") {
    const isInTheWay = row.onConflict === "REJECT" || (row.onConflict === "REPLACE" && !holder.same);
    return isInTheWay ? keyTaken([], row, taskId) : null;
  }
  return holder.key === "slot" ? null : keyUsed([], taskId);
}
