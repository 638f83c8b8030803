import { show } from "../../lib/quote.ts";
import { didYouMean } from "../../lib/suggestion.ts";
import { refuseIssues, type Issue, RefusedError } from "../../errors.ts";
import type { WorkerStore } from "../../store/workers/worker-store.ts";
import type { Enqueued, Enqueuer } from "./enqueuer.ts";
import type { EnqueueRequest } from "./prepare-task.ts";

export interface Broadcast {
  /** Names of the workers, in the order of their tasks. */
  readonly workers: readonly string[];
  readonly enqueued: readonly Enqueued[];
}

/** Options that choose a queue, or make a task unique. */
const UNFIT = ["queue", "worker", "uniqueKey", "idempotencyKey"] as const;

/** Enqueues a task for each worker: one row for each, which only that worker may run. */
export class Broadcaster {
  constructor(
    private readonly parts: {
      readonly enqueuer: Pick<Enqueuer, "prepare" | "enqueueMany">;
      readonly workers: Pick<WorkerStore, "knowing">;
    },
  ) {}

  /**
   * Enqueues a task for each live worker that knows its definition, all or none. Draining workers
   * receive none, and workers of the same name receive one.
   *
   * @param named only for these, in this order; null for all, in the order of their names
   * @throws RefusedError with every mistake; NO_WORKER_REPLIED if no worker is live
   */
  async broadcast(
    request: EnqueueRequest,
    named: readonly string[] | null,
    createdBy: string | null,
  ): Promise<Broadcast> {
    const mistakes = await this.#mistakes(request, createdBy);
    const issues = [...unfit(request), ...(mistakes?.issues ?? [])];
    const there = issues.some(({ code }) => code === "NOT_REGISTERED") ? [] : await this.#there(request.name);
    issues.push(
      ...(named === null ? nobody(request.name, there, issues) : missing(request.name, there, named)),
    );
    refuseIssues(issues, mistakes?.moreIssues);
    const workers = named === null ? there : [...new Set(named)];
    const requests = workers.map((worker) => ({ ...request, options: { ...request.options, worker } }));
    return { workers, enqueued: await this.parts.enqueuer.enqueueMany(requests, createdBy) };
  }

  async #there(name: string): Promise<string[]> {
    const live = await this.parts.workers.knowing(name);
    return [...new Set(live.flatMap((worker) => (worker.status === "DRAINING" ? [] : worker.name)))].sort();
  }

  /** Returns the issues of the task itself, once rather than for each worker. */
  async #mistakes(
    request: EnqueueRequest,
    createdBy: string | null,
  ): Promise<{ readonly issues: readonly Issue[]; readonly moreIssues: number } | null> {
    try {
      await this.parts.enqueuer.prepare([request], createdBy);
      return null;
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      const issues = error.issues.map((issue) => ({ ...issue, path: issue.path.slice(1) }));
      return { issues, moreIssues: error.moreIssues };
    }
  }
}

function unfit({ options = {} }: EnqueueRequest): Issue[] {
  return UNFIT.filter((key) => options[key] !== undefined).map((key) => ({
    code: "UNSUPPORTED",
    path: ["options", key],
    message: "cannot be used in a broadcast: it makes a task for each worker.",
    hint: "Leave it out.",
  }));
}

function nobody(name: string, there: readonly string[], issues: readonly Issue[]): Issue[] {
  if (there.length > 0 || issues.length > 0) return [];
  const message = `no live worker knows the task ${show(name)}.`;
  return [{ code: "NO_WORKER_REPLIED", path: ["workers"], message, hint: "Start one with `lovage worker`." }];
}

function missing(name: string, there: readonly string[], named: readonly string[]): Issue[] {
  if (named.length === 0) {
    const hint = "Name workers, or leave it out for all of them.";
    return [{ code: "INVALID_INPUT", path: ["workers"], message: "must hold at least one name.", hint }];
  }
  return named.flatMap((worker, index): Issue[] => {
    if (there.includes(worker)) return [];
    const message = `no live worker named ${show(worker)} knows the task ${show(name)}.`;
    const hint = didYouMean(worker, there, "See `lovage workers`.");
    return [{ code: "NOT_FOUND", path: ["workers", String(index)], message, hint }];
  });
}
