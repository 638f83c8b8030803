import type { Logger } from "../lib/log.ts";
import type { ClaimedTask } from "../store/task-store.ts";
import type { TaskContext } from "../task/context.ts";
import type { TaskProgress } from "../task/task.ts";

export interface RunContextParts {
  readonly task: ClaimedTask;
  readonly workerId: string;
  readonly workerName: string;
  readonly log: Logger;
  /** Told that there is newer progress. */
  readonly onProgress: (context: RunContext) => void;
}

/**
 * One attempt under way: what the task's own code sees, and what the worker holds of it. Its signal and its log are made when first
 * asked for: most tasks ask for neither.
 */
export class RunContext implements TaskContext {
  readonly #parts: RunContextParts;
  #controller: AbortController | null = null;
  #log: Logger | null = null;
  #abortReason: Error | null = null;
  readonly #abortListeners: ((reason: Error) => void)[] = [];
  /** The newest report of the task. */
  latestProgress: TaskProgress | null = null;
  input: unknown = undefined;

  constructor(parts: RunContextParts) {
    this.#parts = parts;
  }

  get task(): ClaimedTask {
    return this.#parts.task;
  }
  get id(): string {
    return this.task.id;
  }
  get name(): string {
    return this.task.name;
  }
  get attempt(): number {
    return this.task.attempt;
  }
  get maxAttempts(): number {
    return this.task.maxAttempts;
  }
  get queue(): string {
    return this.task.queue;
  }
  get tags(): readonly string[] {
    return this.task.tags;
  }
  get idempotencyKey(): string {
    return this.task.idempotencyKey ?? this.task.id;
  }
  get workerId(): string {
    return this.#parts.workerId;
  }
  get workerName(): string {
    return this.#parts.workerName;
  }
  get createdAt(): Date {
    return this.task.createdAt;
  }
  get startedAt(): Date {
    return this.task.startedAt;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#abortReason) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  get log(): Logger {
    this.#log ??= this.#parts.log.child({ taskId: this.id, task: this.name, attempt: this.attempt });
    return this.#log;
  }

  progress = (current: number, total?: number, message?: string): void => {
    if (!Number.isFinite(current) || (total !== undefined && !Number.isFinite(total))) {
      throw new TypeError(
        `progress(current, total, message) takes finite numbers; got ${current} and ${total}.`,
      );
    }
    this.latestProgress = {
      current,
      total: total ?? null,
      message: message?.slice(0, 500) ?? null,
      updatedAt: new Date(),
    };
    this.#parts.onProgress(this);
  };

  /** Why the attempt should end early; null while it should not. */
  get abortReason(): Error | null {
    return this.#abortReason;
  }

  /** Asks the attempt to end. The first reason counts. */
  abort(reason: Error): void {
    if (this.#abortReason) return;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
    for (const listener of this.#abortListeners) listener(reason);
  }

  onAbort(listener: (reason: Error) => void): void {
    if (this.#abortReason) listener(this.#abortReason);
    else this.#abortListeners.push(listener);
  }
}
