import { type Issue, RefusedError, refusalOfOne } from "../../errors.ts";
import type { DryRunStore } from "../../store/tasks/dry-run-store.ts";
import type { NewTask } from "../../store/tasks/task-store.ts";
import { type Enqueuer, keyUsed } from "./enqueuer.ts";
import type { EnqueueRequest } from "./prepare-task.ts";

/** A request with its idempotency key. */
export interface RunRequest extends EnqueueRequest {
  readonly idempotencyKey: string;
}

/** The task of a run. */
export interface TaskRun {
  readonly taskId: string;
  /** Whether this call enqueued it. */
  readonly isNew: boolean;
}

/**
 * Enqueues tasks for callers that follow them to the end, and that find them again by their
 * idempotency key. Paths of refusals begin with `name`, `args` or `options`.
 */
export class TaskRuns {
  constructor(
    private readonly parts: {
      readonly enqueuer: Pick<Enqueuer, "prepare" | "enqueueRows">;
      readonly dryRun: Pick<DryRunStore, "holders">;
    },
  ) {}

  /**
   * Enqueues a task, or returns the one that has the key.
   * @throws RefusedError, also if another task holds the unique key: this key would not lead to it
   * @throws UnavailableError as `enqueueMany` of the enqueuer does
   */
  async start(request: RunRequest, createdBy: string | null): Promise<TaskRun> {
    try {
      const row = await this.#prepare(request, createdBy);
      const [enqueued] = await this.parts.enqueuer.enqueueRows([row]);
      const { taskId, task } = enqueued!;
      if (task !== null) return { taskId, isNew: true };
      if ((await this.#find(row)) === null) throw new RefusedError([heldBy(taskId)]);
      return { taskId, isNew: false };
    } catch (error) {
      throw refusalOfOne(error);
    }
  }

  /**
   * Returns the task that has the key. Never enqueues one.
   * @throws RefusedError (NOT_FOUND) if there is none
   */
  async find(request: RunRequest, createdBy: string | null): Promise<TaskRun> {
    try {
      const taskId = await this.#find(await this.#prepare(request, createdBy));
      if (taskId === null) throw new RefusedError([GONE]);
      return { taskId, isNew: false };
    } catch (error) {
      throw refusalOfOne(error);
    }
  }

  async #prepare({ idempotencyKey, ...request }: RunRequest, createdBy: string | null): Promise<NewTask> {
    const { options = {} } = request;
    if (options.idempotencyKey !== undefined) throw new RefusedError([SECOND_KEY]);
    const keyed = { ...request, options: { ...options, idempotencyKey } };
    return (await this.parts.enqueuer.prepare([keyed], createdBy))[0]!;
  }

  async #find(row: NewTask): Promise<string | null> {
    const holder = (await this.parts.dryRun.holders(row)).find(({ key }) => key === "idempotency");
    if (holder?.same === false) throw new RefusedError([keyUsed(FIRST, holder.taskId)]);
    return holder?.taskId ?? null;
  }
}

/** The step of paths that names the request. */
const FIRST = ["0"];

const SECOND_KEY: Issue = {
  code: "INVALID_INPUT",
  path: [...FIRST, "options"],
  message: "expected no idempotencyKey beside that of the run, got one.",
};

const GONE: Issue = {
  code: "NOT_FOUND",
  path: [...FIRST, "options", "idempotencyKey"],
  message: "expected the key of a task that is kept, got one without a task.",
  hint: "To run the task again, start without `after`, with a new key.",
};

function heldBy(taskId: string): Issue {
  return {
    code: "CONFLICT",
    path: [...FIRST, "options", "uniqueKey"],
    message: `is held by the unfinished task ${taskId}.`,
    hint: "Follow that task by `task`, or wait for its end.",
  };
}
