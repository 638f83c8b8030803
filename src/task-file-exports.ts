/**
 * Exports of "lovage" for files of tasks. Both the whole package and its small form for child
 * processes export them, so nothing here may import what only servers and workers need.
 */
export { declaredError } from "./task/definition/declared-failure.ts";
export { defineTask } from "./task/definition/define-task.ts";
export { RateLimitedTask, RetryTask, SnoozeTask } from "./task/retry/control-errors.ts";
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
  TaskRescuedError,
  TimeLimitExceeded,
  UnavailableError,
  WaitTimeoutError,
  WorkerStopping,
} from "./errors.ts";
