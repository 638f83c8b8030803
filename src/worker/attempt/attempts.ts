import type { Recorder } from "../../engine/outcome/recorder.ts";
import { IntrusiveSet } from "../../lib/intrusive-set.ts";
import type { ClaimedTask, Outcome } from "../../store/tasks/task-store.ts";
import type { Registry } from "../../task/definition/registry.ts";
import type { TaskState } from "../../task/records/state.ts";
import type { PartitionGates } from "../partitions/partition-gates.ts";
import type { LogWriter } from "../logs/log-writer.ts";
import type { ProgressReporter } from "./progress-reporter.ts";
import { RunContext, type RunHost } from "./run-context.ts";
import type { Runner } from "./runner.ts";
import type { Slots } from "../slots.ts";

export interface AttemptsParts {
  readonly registry: Pick<Registry, "get">;
  readonly runner: Pick<Runner, "run">;
  readonly host: RunHost;
  readonly progress: Pick<ProgressReporter, "forget">;
  readonly logs: Pick<LogWriter, "ended">;
  readonly gates: Pick<PartitionGates, "closeFor">;
  readonly recorder: Pick<Recorder, "record">;
  readonly slots: Pick<Slots, "release">;
  /** Told what a task is once that is durable: QUEUED when it will go on, null when it was no longer ours. */
  readonly onRecorded: (state: TaskState | null, task: ClaimedTask, finishedAt: Date | null) => void;
}

/** The attempts under way in this process, each from its claim until its outcome is handed over to be recorded. */
export class Attempts {
  readonly #contexts = new IntrusiveSet<RunContext>();

  constructor(private readonly parts: AttemptsParts) {}

  /** Those of some tasks. A task that was lost may have come again while its earlier attempt still ends. */
  of(taskIds: readonly string[]): RunContext[] {
    const wanted = new Set(taskIds);
    return this.#contexts.filter(({ id }) => wanted.has(id));
  }

  all(): RunContext[] {
    return this.#contexts.all();
  }

  /** Runs a task that is ours and has its slot. Returns at once. */
  begin(task: ClaimedTask): void {
    const { registry, runner, host } = this.parts;
    const definition = registry.get(task.summary.name)!; // The claim takes only names of the registry.
    const context = new RunContext(task, host);
    this.#contexts.add(context);
    runner.run(definition, context, this.#onSettled);
  }

  #onSettled = (context: RunContext, outcome: Outcome | null): void => {
    // failpoint: run.settled
    this.parts.progress.forget(context);
    context.logDropped();
    this.#contexts.remove(context);
    if (outcome?.kind !== "snoozed") return this.#handOver(context, outcome);
    void this.parts.gates.closeFor(outcome, context.name).then(() => this.#handOver(context, outcome));
  };

  #handOver(context: RunContext, outcome: Outcome | null): void {
    const stored = this.parts.logs.ended(context);
    if (stored) void stored.then(() => this.#record(context, outcome));
    else this.#record(context, outcome);
    // The slot is free as soon as the outcome is handed over: the next task begins while this one is being recorded.
    this.parts.slots.release();
  }

  #record({ task, recorded }: RunContext, outcome: Outcome | null): void {
    const { recorder, onRecorded } = this.parts;
    if (!outcome) onRecorded(recorded, task, null);
    else recorder.record(task, outcome, outcome.kind === "snoozed" ? this.#onSnoozed : onRecorded);
  }

  #onSnoozed = (state: TaskState | null, task: ClaimedTask): void =>
    this.parts.onRecorded(state === "RETRY" ? "QUEUED" : state, task, null);
}
