import "./refuse-old-node.ts";
import "reflect-metadata";

export { defineTask } from "./task/definition.ts";
export type { TaskDefinition } from "./task/definition.ts";
export type { TaskOptions } from "./task/task-options.ts";
export type { Schema } from "./task/schema.ts";
export type { EntityManager, TaskContext } from "./task/context.ts";
export type { TaskEmission } from "./task/emission.ts";
export type { EnqueuedTask, EnqueueOptions } from "./task/enqueue.ts";
export type { ConcurrencyOptions, LimitKey, RateLimitOptions } from "./task/limits.ts";
export type { Route, RouteFunction, RouteRule, RoutedTask, Routes } from "./task/route.ts";
export type { ResultBackend, ResultsExpire } from "./task/results.ts";
export { RateLimitedTask, RetryTask, SnoozeTask } from "./task/control-errors.ts";
export type { RetryTaskOptions } from "./task/control-errors.ts";
export type { ErrorClass, ErrorMatch } from "./task/error-match.ts";
export type {
  Hooks,
  TaskHooks,
  TaskAttemptFailed,
  TaskHookEvent,
  TaskSucceeded,
  WorkerHookEvent,
} from "./task/hooks.ts";
export type { EnqueueCall, EnqueueChange, Extensions, Middleware } from "./task/middleware.ts";
export type { BackoffFunction, RetryOptions } from "./task/retry.ts";
export type { TaskEvent, TaskEventType } from "./task/event.ts";
export type { LogLine, TaskLogLevel } from "./task/log-line.ts";
export type { TaskAttempt, TaskError, TaskErrorCause, TaskRecord, TaskSummary } from "./task/task.ts";
export type { DefinitionSchedule, ScheduleInput } from "./task/schedule-input.ts";
export type {
  MisfirePolicy,
  OverlapPolicy,
  ScheduleRecord,
  SkippedSlots,
  TaskSchedule,
} from "./task/schedule.ts";
export type { Timing } from "./task/timing/timing.ts";
export type { TimingJson } from "./task/timing/timing-json.ts";
export type { TaskState } from "./task/state.ts";
export type { Priority } from "./task/priority.ts";
export type { UniqueConflict } from "./task/unique.ts";
export { createApp } from "./create-app.ts";
export type { CreateAppOptions } from "./create-app.ts";
export type { App, AppRole } from "./app.ts";
export type { AppDescription, BroadcastOptions, InTransaction } from "./app/app-types.ts";
export type { TaskExplanation, TaskProspect } from "./engine/explainer.ts";
export type { TaskHandle } from "./app/handle.ts";
export type { AppWorkers } from "./app/app-workers.ts";
export type { WorkerAnswers, WorkerReply } from "./engine/worker-asker.ts";
export type { WorkerSelection } from "./engine/worker-control.ts";
export type { ControlEntry } from "./task/control.ts";
export type { WorkerRecord } from "./task/worker.ts";
export type { LogsOptions } from "./app/handle-logs.ts";
export type { AppSchedules, TypedSchedule } from "./app/schedules.ts";
export type { AppStatistics, StatsRequest } from "./app/statistics.ts";
export type { FailureGroup, Overview, Point, StateCounts, StatsWindow, TaskStats } from "./task/stats.ts";
export { defineConfig } from "./config.ts";
export type { ConfigInput } from "./config.ts";
export type { Logger } from "./lib/log.ts";
export type { Json, JsonObject } from "./lib/json.ts";
export {
  ConfigError,
  DefinitionError,
  FatalError,
  RefusedError,
  ResultGoneError,
  SoftTimeLimitExceeded,
  StartError,
  TaskCancelled,
  TaskFailedError,
  TaskTakenBackError,
  TimeLimitExceeded,
  UnavailableError,
  WaitTimeoutError,
  WorkerStopping,
} from "./errors.ts";
export type { Issue, RefusalCode, TaskFailure, UnavailableReason } from "./errors.ts";
