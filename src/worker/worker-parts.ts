import type { Broker } from "../broker/broker.ts";
import type { Signals } from "../broker/signals.ts";
import type { Publisher } from "../engine/events/publisher.ts";
import type { Recorder } from "../engine/outcome/recorder.ts";
import type { TransactionRecorder } from "../engine/outcome/transaction-recorder.ts";
import type { ControlStore } from "../store/workers/control-store.ts";
import type { TaskLogStore } from "../store/logs/task-log-store.ts";
import type { TaskStore } from "../store/tasks/task-store.ts";
import type { WorkerStore } from "../store/workers/worker-store.ts";
import type { Middleware } from "../task/definition/middleware.ts";
import type { Keep } from "../task/records/results.ts";
import type { TimeLimits } from "../task/limits/time-limits.ts";
import type { Vault } from "../task/sensitive/vault.ts";
import type { HeartbeatOptions } from "./heartbeat.ts";
import type { PartitionsParts } from "./partitions/partitions.ts";
import type { LogWriterOptions } from "./logs/log-writer.ts";
import type { RunHost } from "./attempt/run-context.ts";
import type { RunnerOptions } from "./attempt/runner.ts";
import type { WorkerIdentity } from "./worker-state.ts";
import type { ResizablePool } from "./runtime-settings.ts";

export interface WorkerOptions extends HeartbeatOptions {
  readonly identity: WorkerIdentity;
  /** How long running tasks may take to finish after `stop`, in milliseconds. */
  readonly graceMs: number;
  /** How long ended tasks are kept, in milliseconds, where their definition does not say. */
  readonly keepMs: Keep;
  /** For attempts of tasks that name none. @default no limits */
  readonly timeLimits?: TimeLimits;
  /** What wraps the code of tasks that run in this process. @default [] */
  readonly middleware?: readonly Middleware[];
  /** Hints of consumers that are gone are taken over after so long, in milliseconds. */
  readonly claimIdleAfterMs: number;
  /** A task whose worker died so often becomes FAILURE. */
  readonly maxCrashes: number;
  /** What is stored of the logs of tasks. */
  readonly logs: LogWriterOptions;
}

export interface WorkerParts extends PartitionsParts {
  readonly tasks: TaskStore;
  readonly workers: WorkerStore;
  readonly logs: Pick<TaskLogStore, "append" | "trim">;
  readonly commands: Pick<ControlStore, "ordersFor">;
  readonly broker: Pick<Broker, "consumer" | "depth" | "wakePartitions">;
  readonly signals: Pick<Signals, "subscribe" | "publish">;
  readonly publisher: Publisher;
  readonly recorder: Recorder;
  readonly transactions: TransactionRecorder;
  /** Takes what tasks enqueue. */
  readonly enqueue: RunHost["enqueue"];
  /** Opens the sensitive fields of inputs. @default one without keys */
  readonly vault?: Pick<Vault, "hide" | "reveal" | "digest">;
  /** Where attempts run that do not run in this thread. @default all do */
  readonly elsewhere?: RunnerOptions["elsewhere"];
  /** What of that moves with the worker's size. @default nothing */
  readonly pool?: ResizablePool | null;
  /** Told to end the worker by a command. @default it ends itself */
  readonly onShutdown?: (drain: boolean) => void;
}
