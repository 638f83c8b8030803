import "./refuse-old-node.ts";

export * from "./task-file-exports.ts";

export type { TaskDefinition } from "./task/definition/definition.ts";
export type { DeclaredErrorOptions, ErrorSchemas } from "./task/definition/declared-errors.ts";
export type { TaskOptions } from "./task/definition/task-options.ts";
export type { Schema } from "./task/definition/schema.ts";
export type { EntityManager, TaskContext } from "./task/definition/context.ts";
export type { TaskEmission } from "./task/call/emission.ts";
export type { EnqueuedTask, EnqueueOptions } from "./task/call/enqueue-options.ts";
export type { ConcurrencyOptions, LimitKey, RateLimitOptions } from "./task/limits/limits.ts";
export type { Route, RouteFunction, RouteRule, RoutedTask, Routes } from "./task/call/route.ts";
export type { ResultBackend, ResultsExpire } from "./task/records/results.ts";
export type { RetryTaskOptions } from "./task/retry/control-errors.ts";
export type { ErrorClass, ErrorMatch } from "./task/retry/error-match.ts";
export type {
  Hooks,
  TaskHooks,
  TaskAttemptFailed,
  TaskHookEvent,
  TaskSucceeded,
  WorkerHookEvent,
} from "./task/definition/hooks.ts";
export type { EnqueueCall, EnqueueChange, Extensions, Middleware } from "./task/definition/middleware.ts";
export type { BackoffFunction, RetryOptions } from "./task/retry/retry.ts";
export type { TaskEvent, TaskEventType } from "./task/records/event.ts";
export type { LogLine, TaskLogLevel } from "./task/records/log-line.ts";
export type { TaskAttempt, TaskError, TaskErrorCause, TaskRecord, TaskSummary } from "./task/records/task.ts";
export type { DefinitionSchedule, ScheduleInput } from "./task/schedule/schedule-input.ts";
export type {
  MisfirePolicy,
  OverlapPolicy,
  ScheduleRecord,
  SkippedSlots,
  TaskSchedule,
} from "./task/schedule/schedule.ts";
export type { Timing } from "./task/timing/timing.ts";
export type { TimingJson } from "./task/timing/timing-json.ts";
export type { TaskState } from "./task/records/state.ts";
export type { Priority } from "./task/definition/priority.ts";
export type { UniqueConflict } from "./task/call/unique.ts";
export { createApp } from "./app/create-app.ts";
export type { CreateAppOptions } from "./app/create-app.ts";
export type { App, AppRole } from "./app/app.ts";
export type { AppDescription, BroadcastOptions, InTransaction } from "./app/calls.ts";
export type { AnyTransaction, RunStatement } from "./store/transactions/run-statement.ts";
export type { TaskExplanation, DryRun } from "./engine/enqueue/explainer.ts";
export type { LogsOptions, TaskHandle } from "./app/handle.ts";
export type { AppWorkers } from "./app/app-workers.ts";
export type { WorkerAnswers, WorkerReply } from "./engine/control/worker-commands.ts";
export type { WorkerSelection } from "./engine/control/worker-control.ts";
export type { ControlEntry } from "./task/records/control.ts";
export type { WorkerRecord } from "./task/records/worker.ts";
export type { AppSchedules, TypedSchedule } from "./app/schedules.ts";
export type { AppStatistics, StatsRequest } from "./app/statistics.ts";
export type {
  FailureGroup,
  Overview,
  Point,
  StateCounts,
  StatsWindow,
  TaskStats,
} from "./task/records/stats.ts";
export { defineConfig } from "./config/config.ts";
export type { ConfigInput } from "./config/config.ts";
export type { Logger } from "./lib/log/log.ts";
export type { Json, JsonObject } from "./lib/json/json.ts";
export type { Issue, RefusalCode, TaskFailure, UnavailableReason } from "./errors.ts";
