import type { Publisher } from "../../engine/events/publisher.ts";
import type { Recorder } from "../../engine/outcome/recorder.ts";
import { TaskCancelled } from "../../errors.ts";
import { IntrusiveSet } from "./intrusive-set.ts";
import type { Logger } from "../../lib/log/log.ts";
import type { CancelRequest, ClaimedTask, Outcome, StartedTask } from "../../store/tasks/task-store.ts";
import type { Registry } from "../../task/definition/registry.ts";
import { type Keep, keepMsFor } from "../../task/records/results.ts";
import type { TaskState } from "../../task/records/state.ts";
import type { InFlightTasks } from "../fetch/in-flight-tasks.ts";
import type { LogWriter } from "../logs/log-writer.ts";
import type { PartitionGates } from "../partitions/partition-gates.ts";
import type { Slots } from "../slots.ts";
import type { TaskEndLog } from "../logs/task-end-log.ts";
import type { WorkerState } from "../worker-state.ts";
import type { AttemptRunner } from "./attempt.ts";
import type { ProgressReporter } from "./reports.ts";
import { RunContext, type RunHost } from "./run-context.ts";

export interface AttemptsParts {
  readonly registry: Pick<Registry, "get">;
  readonly runner: Pick<AttemptRunner, "run">;
  readonly host: RunHost;
  readonly progress: Pick<ProgressReporter, "forget">;
  readonly logs: Pick<LogWriter, "ended" | "recorded">;
  readonly gates: Pick<PartitionGates, "closeFor" | "ended">;
  readonly publisher: Pick<Publisher, "publish">;
  readonly recorder: Pick<Recorder, "record">;
  readonly slots: Pick<Slots, "release">;
  readonly inFlight: InFlightTasks;
  readonly state: Pick<WorkerState, "count">;
  readonly endLog: Pick<TaskEndLog, "ended">;
  /** How long finished tasks are kept, in milliseconds, unless the definition sets it. */
  readonly keepMs: Keep;
  readonly log: Logger;
}

/** The attempts of this process, each from the claim of its task until its outcome is recorded. */
export class Attempts {
  /** Those whose outcome is not known yet. */
  readonly #running = new IntrusiveSet<RunContext>();

  constructor(private readonly parts: AttemptsParts) {}

  all(): RunContext[] {
    return this.#running.all();
  }

  /** Starts the attempts of claimed tasks. Each task has its slot already. */
  start = (tasks: readonly ClaimedTask[]): void => {
    this.parts.publisher.publish(
      tasks.map(({ summary }) => ({ kind: "task", type: "STARTED", at: summary.startedAt, task: summary })),
    );
    for (const task of tasks) this.#start(task);
  };

  abortAll(reason: Error): void {
    for (const context of this.#running.all()) context.abort.request(reason);
  }

  /** Returns those of these tasks whose attempts run here and were not aborted yet. */
  running = (taskIds: readonly string[]): string[] => {
    const wanted = new Set(taskIds);
    return this.#running
      .filter(({ id, abort }) => wanted.has(id) && abort.reason === null)
      .map(({ id }) => id);
  };

  /**
   * Cancels the attempts of a task. A rescued task may have a second attempt here while its first
   * one still ends.
   */
  cancel = ({ taskId, revocation }: CancelRequest): void => {
    for (const context of this.#running.filter(({ id }) => id === taskId))
      context.abort.request(new TaskCancelled(revocation?.by, revocation?.reason));
  };

  /**
   * Compares the attempts with the worker's STARTED rows. Cancels those whose signal was lost, and
   * requeues tasks whose claim was committed but whose reply was lost.
   */
  compare(started: readonly StartedTask[]): void {
    for (const { cancelRequested, summary, revocation } of started)
      if (cancelRequested) this.cancel({ taskId: summary.id, revocation });
    for (const { summary } of this.parts.inFlight.findForgotten(started)) this.#requeueForgotten(summary);
  }

  #start(task: ClaimedTask): void {
    const { registry, runner, host, inFlight } = this.parts;
    inFlight.add(task);
    const definition = registry.get(task.summary.name)!; // A claim returns only registered names.
    const context = new RunContext(task, host);
    this.#running.add(context);
    runner.run(definition, context, this.#onOutcome);
  }

  #onOutcome = (context: RunContext, outcome: Outcome | null): void => {
    // failpoint: run.settled
    if (context.reportsIfAny) {
      this.parts.progress.forget(context.reportsIfAny);
      context.logDropped();
    }
    this.#running.remove(context);
    if (outcome?.kind !== "snoozed") return this.#handOver(context, outcome);
    void this.parts.gates.closeFor(outcome, context.name).then(() => this.#handOver(context, outcome));
  };

  #handOver(context: RunContext, outcome: Outcome | null): void {
    const logsStored = this.parts.logs.ended(context);
    if (logsStored) void logsStored.then(() => this.#record(context, outcome));
    else this.#record(context, outcome);
    // The next task starts while this outcome is being recorded.
    this.parts.slots.release();
  }

  #record({ task, callsIfAny: calls }: RunContext, outcome: Outcome | null): void {
    if (!outcome) this.#onRecorded(calls?.committed ?? null, task, null);
    else
      this.parts.recorder.record(
        task,
        outcome,
        outcome.kind === "snoozed" ? this.#onSnoozed : this.#onRecorded,
      );
  }

  #onSnoozed = (state: TaskState | null, task: ClaimedTask): void =>
    this.#onRecorded(state === "RETRY" ? "QUEUED" : state, task, null);

  /**
   * @param state the recorded state: QUEUED when the task will run again, null when this worker had
   * lost it
   */
  #onRecorded = (state: TaskState | null, task: ClaimedTask, finishedAt: Date | null): void => {
    const { inFlight, gates, logs, endLog } = this.parts;
    inFlight.remove(task);
    gates.ended(task);
    logs.recorded(task.summary.id);
    if (state === null || state === "QUEUED") return;
    this.parts.state.count(state);
    endLog.ended(task, state, finishedAt);
  };

  #requeueForgotten(summary: ClaimedTask["summary"]): void {
    const { inFlight, recorder, keepMs, log } = this.parts;
    const { id: taskId, name, workerId, version } = summary;
    log.warn("A claim was committed but its reply was lost; the task is requeued", { taskId, task: name });
    const unread = { input: null, timeLimitMs: null, options: null, idempotencyKey: null, schedule: null };
    const task: ClaimedTask = { summary, ...unread };
    inFlight.add(task);
    const outcome: Outcome = {
      kind: "givenBack",
      taskId,
      workerId,
      version,
      progress: null,
      keepMs: keepMsFor(keepMs, "REVOKED"),
    };
    recorder.record(task, outcome, this.#onRecorded);
  }
}
