import { MINUTE } from "../../lib/clock.ts";
import { LogLimit } from "../../lib/log-limit.ts";
import type { Publisher } from "../../engine/events/publisher.ts";
import type { TaskStore } from "../../store/tasks/task-store.ts";
import type { RunContext } from "./run-context.ts";

/** Stores the newest progress of running tasks, a few times a second, and tells subscribers. */
export class ProgressReporter {
  readonly #dirty = new Set<RunContext>();
  readonly #complaints = new LogLimit(MINUTE);
  #timer: NodeJS.Timeout | null = null;
  #saving: Promise<void> | null = null;
  #stopped = false;

  constructor(
    private readonly store: Pick<TaskStore, "saveProgress">,
    private readonly publisher: Publisher,
    private readonly onError: (error: unknown) => void,
    /** Pause between writes, in milliseconds. */
    private readonly everyMs = 200,
  ) {}

  report = (context: RunContext): void => {
    // An attempt that heeds no abort may go on after the stop.
    if (this.#stopped) return;
    this.#dirty.add(context);
    this.#saveSoon();
  };

  /** An attempt that ended carries its last progress in its outcome. */
  forget(context: RunContext): void {
    this.#dirty.delete(context);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#dirty.clear();
    await this.#saving;
  }

  /** Writes what is new. */
  async save(): Promise<void> {
    const contexts = [...this.#dirty];
    this.#dirty.clear();
    const reports = contexts.map(({ id, task, workerId, latestProgress }) => ({
      taskId: id,
      workerId,
      version: task.summary.version,
      progress: latestProgress!,
    }));
    try {
      const stored = new Set(reports.length > 0 ? await this.store.saveProgress(reports) : []);
      const tasks = contexts.filter((context) => stored.has(context.id));
      for (const context of tasks) context.toldProgress = context.latestProgress;
      this.publisher.publish(
        tasks.map((context) => {
          const progress = context.latestProgress!;
          const task = { ...context.task.summary, progress };
          return { kind: "task", type: "PROGRESS", at: progress.updatedAt, task };
        }),
      );
    } catch (error) {
      this.#complaints.pass(() => this.onError(error)); // The next report says it all again.
    }
  }

  /** One write at a time: of two, the older could come last. */
  #saveSoon(): void {
    if (this.#timer || this.#saving) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#saving = this.save().finally(() => {
        this.#saving = null;
        if (this.#dirty.size > 0) this.#saveSoon();
      });
    }, this.everyMs);
  }
}
