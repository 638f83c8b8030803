/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** The bounds of automatic scaling. */
export type AutoscaleWorkersInput = {
  /** Maximum number of tasks at the same time, 1 to 1024. */
  readonly max: number;
  /** Minimum number of tasks at the same time, 1 to 1024. */
  readonly min: number;
  /** The workers to address. */
  readonly target: WorkerTarget;
  /** Time to wait for replies, up to PT20S. */
  readonly timeout?: string | number;
};

/** A task to enqueue for each worker. The options cannot contain `queue`, `worker` or keys. */
export type BroadcastTaskInput = {
  /** The task's input. Defaults to {}. */
  readonly args?: unknown;
  /** Name of the task definition. */
  readonly name: string;
  /** Options of the call. */
  readonly options?: EnqueueOptions | null | undefined;
  /** Names of the workers. Defaults to all. */
  readonly workers?: ReadonlyArray<string> | null | undefined;
};

/** A schedule to create. */
export type CreateScheduleInput = {
  /** Input of the tasks. Strings may contain `{{slot}}`, `{{lastRunAt}}` and `{{name}}`. Defaults to {}. */
  readonly args?: unknown;
  /** A description for people. */
  readonly description?: string | null | undefined;
  /** Whether the schedule creates tasks. */
  readonly enabled?: boolean;
  /** End of the schedule: no slot is later. */
  readonly endAt?: string | null | undefined;
  /** Maximum random delay of each task after its slot: up to one day. */
  readonly jitter?: string | number | null | undefined;
  /** Maximum number of tasks, after which the schedule ends. */
  readonly maxRuns?: number | null | undefined;
  /** Handling of missed slots. */
  readonly misfire?: MisfirePolicy;
  /** Unique name of 1 to 128 visible characters. */
  readonly name: string;
  /** Options of the tasks, without `runAt` and `idempotencyKey`. */
  readonly options?: EnqueueOptions | null | undefined;
  /** Handling of a slot that comes while a task of the schedule is unfinished. */
  readonly overlap?: OverlapPolicy;
  /** Start of the schedule: no slot is earlier, and intervals are counted from here. */
  readonly startAt?: string | null | undefined;
  /** Name of the task definition. */
  readonly taskName: string;
  /** Time zone of a crontab. Defaults to the server's. */
  readonly timeZone?: string | null | undefined;
  /** The timing. */
  readonly timing: TimingInput;
};

/** The source of a decision about a task. */
export type Decider =
  /** The caller chose the value. */
  | 'CALL'
  /** The value is the default. */
  | 'DEFAULT'
  /** The task definition sets the value. */
  | 'DEFINITION'
  /** A route of the app sets the value. */
  | 'ROUTE';

/** The schedules to delete. */
export type DeleteSchedulesInput = {
  /** The schedules to act on. */
  readonly select: ScheduleSelection;
};

/** The tasks to delete. */
export type DeleteTasksInput = {
  /** The tasks to act on. */
  readonly select: TaskSelection;
};

/** The key by which a call matches an existing task. */
export type DuplicateKey =
  /** A task has the same `idempotencyKey`, name and input. */
  | 'IDEMPOTENCY_KEY'
  /** An unfinished task has the same `uniqueKey`. */
  | 'UNIQUE_KEY';

/** A range of durations, both bounds inclusive. A missing bound means unlimited. */
export type DurationRange = {
  /** Maximum duration. */
  readonly max?: string | number | null | undefined;
  /** Minimum duration. */
  readonly min?: string | number | null | undefined;
};

/** Options of one call. Options that are not given come from the task definition. */
export type EnqueueOptions = {
  /** The task starts this long after the latest call with the same unique key, with the input of that call. */
  readonly debounce?: string | number | null | undefined;
  /** Time to wait before the task may start: up to 10 years. */
  readonly delay?: string | number | null | undefined;
  /** The task expires if it has not started after this duration. */
  readonly expiresIn?: string | number | null | undefined;
  /** Key that makes repeated calls safe: a call with the same key and input always returns the same task. */
  readonly idempotencyKey?: string | null | undefined;
  /** Whether the output is checked but not stored. */
  readonly ignoreResult?: boolean | null | undefined;
  /** Maximum number of attempts, 1 to 1000. */
  readonly maxAttempts?: number | null | undefined;
  /** With `debounce`: the task starts at the latest this long after the first of these calls. */
  readonly maxWait?: string | number | null | undefined;
  /** Any JSON object to store with the task. The task's code does not receive it. */
  readonly meta?: { readonly [key: string]: unknown } | null | undefined;
  /** Handling of this call if an unfinished task has the same unique key. */
  readonly onConflict?: UniqueConflict | null | undefined;
  /** The task's priority within its queue. */
  readonly priority?: Priority | null | undefined;
  /** The queue in which the task waits. */
  readonly queue?: string | null | undefined;
  /** Retention of the task after it has ended. Defaults to the definition's, else to the app's. */
  readonly resultsExpire?: ResultsExpireInput | null | undefined;
  /** Earliest start time. Cannot be combined with `delay`. */
  readonly runAt?: string | null | undefined;
  /** Duration after which an attempt is asked to stop. Must be shorter than `timeLimit`. */
  readonly softTimeLimit?: string | number | null | undefined;
  /** Labels by which the task can be found. They are added to the definition's tags. */
  readonly tags?: ReadonlyArray<string> | null | undefined;
  /** Maximum duration of an attempt. An attempt that exceeds it is ended. */
  readonly timeLimit?: string | number | null | undefined;
  /** Key that only one unfinished task may have. `onConflict` decides how a second call is handled. */
  readonly uniqueKey?: string | null | undefined;
  /** Name of the only worker that may run the task, such as `worker@host`. The task waits while no such worker is live. Cannot be combined with `queue`. */
  readonly worker?: string | null | undefined;
};

/** A task to enqueue. */
export type EnqueueTaskInput = {
  /** The task's input. Defaults to {}. */
  readonly args?: unknown;
  /** Name of the task definition. */
  readonly name: string;
  /** Options of the call. */
  readonly options?: EnqueueOptions | null | undefined;
};

/** The kind of an error that a caller can act on. Codes are stable. */
export type ErrorCode =
  /** The name is taken. */
  | 'ALREADY_EXISTS'
  /** A key is held or was used with another input, or the object was changed since it was read. */
  | 'CONFLICT'
  /** The app refused the call: the caller is not allowed to do this. */
  | 'FORBIDDEN'
  /** The action is not possible in the current state. */
  | 'ILLEGAL_STATE'
  /** A value breaks a rule. The message names the rule. */
  | 'INVALID_INPUT'
  /** The object of the request does not exist. */
  | 'NOT_FOUND'
  /** No task definition has this name. */
  | 'NOT_REGISTERED'
  /** No live worker can carry out the request. */
  | 'NO_WORKER_REPLIED'
  /** The app refused the call: the queue accepts no more tasks now. */
  | 'QUEUE_FULL'
  /** The app refused the call: there were too many. Wait and try again. */
  | 'RATE_LIMITED'
  /** This installation does not support the action. */
  | 'UNSUPPORTED';

/** A timing at equal intervals. */
export type IntervalInput = {
  /** The interval: at least one second. */
  readonly every: string | number;
};

/** The language of strings for people. */
export type Language =
  /** English. */
  | 'EN'
  /** Simplified Chinese. */
  | 'ZH_CN';

/** The level of a log line, from least to most important: TRACE, DEBUG, INFO, WARN, ERROR, FATAL. */
export type LogLevel =
  /** Details that help to find a mistake. */
  | 'DEBUG'
  /** Something failed. */
  | 'ERROR'
  /** The task cannot continue. */
  | 'FATAL'
  /** Normal operation. */
  | 'INFO'
  /** Every step, for a close look. */
  | 'TRACE'
  /** Something is odd, and the task continues. */
  | 'WARN';

/** Handling of missed slots: no scheduler ran, or the schedule was disabled. */
export type MisfirePolicy =
  /** Each missed slot creates a task: at most the last 100, of the last 7 days. */
  | 'CATCH_UP'
  /** The last missed slot creates a task. */
  | 'FIRE_ONCE'
  /** Missed slots create no task if they are more than 10 seconds old. */
  | 'SKIP';

/** The direction of an order. */
export type OrderDirection =
  /** Smallest or oldest first. */
  | 'ASC'
  /** Largest or newest first. */
  | 'DESC';

/** Handling of a slot that comes while a task of the schedule is unfinished. */
export type OverlapPolicy =
  /** Another task is created. */
  | 'ALLOW'
  /** The unfinished tasks are revoked, and running ones are asked to stop. */
  | 'CANCEL_PREVIOUS'
  /** A task is created that stays PENDING until those before it have ended. At most 100 tasks may be unfinished. */
  | 'QUEUE'
  /** No task is created, and the slot is noted as skipped. */
  | 'SKIP';

/** The queue to pause. */
export type PauseQueueInput = {
  /** The queue's name. The queue need not exist yet. */
  readonly name: string;
};

/** The task definition to pause. */
export type PauseTaskInput = {
  /** Name of the task definition. */
  readonly name: string;
};

/** The workers to pause. */
export type PauseWorkersInput = {
  /** The workers to address. */
  readonly target: WorkerTarget;
  /** Time to wait for replies, up to PT20S. */
  readonly timeout?: string | number;
};

/** A command that Asks workers to reply. */
export type PingWorkersInput = {
  /** The workers to address. */
  readonly target: WorkerTarget;
  /** Time to wait for replies, up to PT20S. */
  readonly timeout?: string | number;
};

/** The priority of a task within its queue. Higher priorities are delivered first, and no priority waits forever. */
export type Priority =
  /** Delivered before all others. */
  | 'CRITICAL'
  /** Delivered before NORMAL and LOW. */
  | 'HIGH'
  /** Delivered after all others. */
  | 'LOW'
  /** The default priority. */
  | 'NORMAL';

/** The queue to purge. */
export type PurgeQueueInput = {
  /** The queue's name, repeated. */
  readonly confirm: string;
  /** The queue's name. */
  readonly name: string;
};

/** The runtime settings to remove. */
export type ResetWorkerSettingsInput = {
  /** The settings to remove. Defaults to all. */
  readonly settings?: ReadonlyArray<WorkerSetting> | null | undefined;
  /** The workers to address. */
  readonly target: WorkerTarget;
  /** Time to wait for replies, up to PT20S. */
  readonly timeout?: string | number;
};

/** The number of tasks that workers run at the same time. */
export type ResizeWorkerPoolInput = {
  /** Number of tasks at the same time, 1 to 1024. */
  readonly concurrency: number;
  /** The workers to address. */
  readonly target: WorkerTarget;
  /** Time to wait for replies, up to PT20S. */
  readonly timeout?: string | number;
};

/** The workers whose child processes are replaced. */
export type RestartWorkerPoolsInput = {
  /** The workers to address. */
  readonly target: WorkerTarget;
  /** Time to wait for replies, up to PT20S. */
  readonly timeout?: string | number;
};

/** Retention of a task after it has ended, by final state. */
export type ResultsExpireInput = {
  /** Retention after any end that is not named separately. */
  readonly all?: string | number | null | undefined;
  /** Retention of a task that ends in this state. Defaults to `all`, else to the retention that applies without this option. */
  readonly expired?: string | number | null | undefined;
  /** Retention of a task that ends in this state. Defaults to `all`, else to the retention that applies without this option. */
  readonly failure?: string | number | null | undefined;
  /** Retention of a task that ends in this state. Defaults to `all`, else to the retention that applies without this option. */
  readonly revoked?: string | number | null | undefined;
  /** Retention of a task that ends in this state. Defaults to `all`, else to the retention that applies without this option. */
  readonly success?: string | number | null | undefined;
};

/** The queue to resume. */
export type ResumeQueueInput = {
  /** The queue's name. */
  readonly name: string;
};

/** The task definition to resume. */
export type ResumeTaskInput = {
  /** Name of the task definition. */
  readonly name: string;
};

/** The workers to resume. */
export type ResumeWorkersInput = {
  /** The workers to address. */
  readonly target: WorkerTarget;
  /** Time to wait for replies, up to PT20S. */
  readonly timeout?: string | number;
};

/** The tasks to run again. */
export type RetryTasksInput = {
  /** Input of the new tasks. Defaults to the input of each old task. */
  readonly args?: unknown;
  /** Queue of the new tasks. Defaults to the queue of each old task. */
  readonly queue?: string | null | undefined;
  /** The tasks to act on. */
  readonly select: TaskSelection;
};

/** The tasks to revoke. */
export type RevokeTasksInput = {
  /** The reason, of up to 500 characters. It is shown with the tasks and passed to the code of running ones. */
  readonly reason?: string | null | undefined;
  /** The tasks to act on. */
  readonly select: TaskSelection;
  /** Whether to stop running tasks too. */
  readonly terminate?: boolean;
};

/** The schedules to run. */
export type RunSchedulesNowInput = {
  /** The schedules to act on. */
  readonly select: ScheduleSelection;
};

/** The tasks to queue. */
export type RunTasksNowInput = {
  /** The tasks to act on. */
  readonly select: TaskSelection;
};

/** A key of a schedule. Exactly one field must be given. */
export type ScheduleBy =
  {   /** ID of the schedule. */
  readonly id: string | number; readonly name?: never; }
  |  { readonly id?: never;   /** Exact name of the schedule. */
  readonly name: string; };

/** Conditions that a schedule must meet. All given conditions apply. */
export type ScheduleFilter = {
  /** Selects enabled or disabled schedules. */
  readonly enabled?: boolean | null | undefined;
  /** Selects schedules whose name, description or task name contains this string of up to 200 characters. */
  readonly search?: string | null | undefined;
  /** Selects schedules by their source. */
  readonly source?: ScheduleSource | null | undefined;
  /** Selects schedules of these task definitions: 1 to 1,000 names. */
  readonly taskNames?: ReadonlyArray<string> | null | undefined;
};

/** A selection of schedules, by IDs or by names. */
export type ScheduleSelection =
  {   /** IDs of the schedules: 1 to 1,000. */
  readonly ids: ReadonlyArray<string | number>; readonly names?: never; }
  |  { readonly ids?: never;   /** Exact names of the schedules: 1 to 1,000. */
  readonly names: ReadonlyArray<string>; };

/** The source of a schedule. */
export type ScheduleSource =
  /** The API, while the app runs. */
  | 'API'
  /** The configuration or a task definition. The API can only enable and disable such a schedule. */
  | 'CODE';

/** The limits of a queue. Both replace what there was. */
export type SetQueueLimitsInput = {
  /** Maximum number of running tasks, at least 1. Unlimited if null or omitted. */
  readonly concurrency?: number | null | undefined;
  /** The queue's name. The queue need not exist yet. */
  readonly name: string;
  /** Maximum rate at which tasks start: `100/s`, `10/m`, `5/h`, `1000/d`. Unlimited if null or omitted. */
  readonly rateLimit?: string | null | undefined;
};

/** The schedules to enable or disable. */
export type SetSchedulesEnabledInput = {
  /** Whether the schedules create tasks. */
  readonly enabled: boolean;
  /** The schedules to act on. */
  readonly select: ScheduleSelection;
};

/** The rate limit of a task definition. */
export type SetTaskRateLimitInput = {
  /** Name of the task definition. */
  readonly name: string;
  /** The rate, such as `"10/s"`, `"100/m"` or `"1000/h"`. Null restores the definition's own limit. */
  readonly rateLimit?: string | null | undefined;
};

/** The time limits of a task definition. */
export type SetTaskTimeLimitInput = {
  /** Duration after which an attempt is ended. Null restores the definition's own limit. If omitted, the limit does not change. */
  readonly hard?: string | number | null | undefined;
  /** Name of the task definition. */
  readonly name: string;
  /** Duration after which an attempt is asked to stop. Null restores the definition's own limit. If omitted, the limit does not change. */
  readonly soft?: string | number | null | undefined;
};

/** The log level of the workers' processes. */
export type SetWorkerLogLevelInput = {
  /** The lowest level that is logged. */
  readonly level: LogLevel;
  /** The workers to address. */
  readonly target: WorkerTarget;
  /** Time to wait for replies, up to PT20S. */
  readonly timeout?: string | number;
};

/** Changes to the queues that workers fetch tasks from. */
export type SetWorkerQueuesInput = {
  /** Queues to fetch from additionally. */
  readonly add?: ReadonlyArray<string> | null | undefined;
  /** Queues to stop fetching from. */
  readonly remove?: ReadonlyArray<string> | null | undefined;
  /** The workers to address. */
  readonly target: WorkerTarget;
  /** Time to wait for replies, up to PT20S. */
  readonly timeout?: string | number;
};

/** The workers to end. */
export type ShutdownWorkersInput = {
  /** Whether running tasks may finish within the grace time. Otherwise they are requeued at once. */
  readonly drain?: boolean;
  /** The workers to address. */
  readonly target: WorkerTarget;
  /** Time to wait for replies, up to PT20S. */
  readonly timeout?: string | number;
};

/** The reason why a slot created no task. */
export type SkipReason =
  /** A task with the same `uniqueKey` was unfinished and could not be replaced. */
  | 'DUPLICATE'
  /** The slot was missed, and the misfire policy skipped it. */
  | 'MISFIRED'
  /** A task of the schedule was unfinished, and the overlap policy skipped the slot. */
  | 'OVERLAP';

/** An event of the sun that happens once on most days. Dawn and dusk are defined by the angle of the sun below the horizon. */
export type SolarEvent =
  /** The rising sun is 18 degrees below the horizon: the end of the night. */
  | 'DAWN_ASTRONOMICAL'
  /** The rising sun is 6 degrees below the horizon. */
  | 'DAWN_CIVIL'
  /** The rising sun is 12 degrees below the horizon. */
  | 'DAWN_NAUTICAL'
  /** The setting sun is 18 degrees below the horizon: the start of the night. */
  | 'DUSK_ASTRONOMICAL'
  /** The setting sun is 6 degrees below the horizon. */
  | 'DUSK_CIVIL'
  /** The setting sun is 12 degrees below the horizon. */
  | 'DUSK_NAUTICAL'
  /** The sun is at its highest. */
  | 'SOLAR_NOON'
  /** The upper edge of the sun appears. */
  | 'SUNRISE'
  /** The upper edge of the sun disappears. */
  | 'SUNSET';

/** A timing by the sun's position at a place. Days without the event are skipped. */
export type SolarInput = {
  /** The solar event. */
  readonly event: SolarEvent;
  /** Latitude in degrees, -90 to 90. North is positive. */
  readonly latitude: number;
  /** Longitude in degrees, -180 to 180. East is positive. */
  readonly longitude: number;
};

/** A period up to now, divided into steps. It starts with a whole step. */
export type StatsWindow =
  /** 5 minutes in steps of a minute. */
  | 'LAST_5_MINUTES'
  /** 6 hours in steps of 5 minutes. */
  | 'LAST_6_HOURS'
  /** 24 hours in steps of 15 minutes. */
  | 'LAST_DAY'
  /** An hour in steps of a minute. */
  | 'LAST_HOUR'
  /** 30 days in steps of 6 hours. */
  | 'LAST_MONTH'
  /** 7 days in steps of an hour. */
  | 'LAST_WEEK';

/** The kind of a task's event. */
export type TaskEventType =
  /** The task sent an event with `ctx.emit`: see `emitted`. */
  | 'EMITTED'
  /** The task was accepted and stored. */
  | 'ENQUEUED'
  /** The task was not started in time. */
  | 'EXPIRED'
  /** The task failed for good. */
  | 'FAILED'
  /** The task's worker left or died, and the task was queued again. */
  | 'GIVEN_BACK'
  /** The task reported its progress. */
  | 'PROGRESS'
  /** The task became ready for a worker. */
  | 'QUEUED'
  /** An attempt failed, or the task snoozed. The task will run again at `runAt`. */
  | 'RETRYING'
  /** The task was cancelled. */
  | 'REVOKED'
  /** A worker started an attempt. */
  | 'STARTED'
  /** The task succeeded. */
  | 'SUCCEEDED';

/** Conditions that a task must meet. All given conditions apply. The values of one array are alternatives. Arrays hold 1 to 1,000 values. */
export type TaskFilter = {
  /** Selects tasks whose `args` contain this JSON. */
  readonly argsContain?: { readonly [key: string]: unknown } | null | undefined;
  /** Selects tasks that were enqueued in this range. */
  readonly createdAt?: TimeRange | null | undefined;
  /** Selects tasks whose error has this fingerprint. */
  readonly fingerprint?: string | null | undefined;
  /** Selects tasks that reached a final state in this range. */
  readonly finishedAt?: TimeRange | null | undefined;
  /** Selects tasks with these IDs. */
  readonly ids?: ReadonlyArray<string | number> | null | undefined;
  /** Selects tasks of these definitions. */
  readonly names?: ReadonlyArray<string> | null | undefined;
  /** Selects tasks in these queues. */
  readonly queues?: ReadonlyArray<string> | null | undefined;
  /** Selects tasks by the duration of their last attempt. */
  readonly runTime?: DurationRange | null | undefined;
  /** Selects tasks of this schedule. */
  readonly scheduleId?: string | number | null | undefined;
  /** Selects tasks that contain this string of up to 200 characters in their ID, name, or the first 65,536 characters of args, result and error. Case does not matter. The search stops after 2 seconds: see `searchedUntil`. */
  readonly search?: string | null | undefined;
  /** Selects tasks in these states. */
  readonly states?: ReadonlyArray<TaskState> | null | undefined;
  /** Selects tasks with any of these tags. */
  readonly tags?: ReadonlyArray<string> | null | undefined;
  /** Selects tasks with this unique key. */
  readonly uniqueKey?: string | null | undefined;
  /** Selects tasks that workers of these names run or ran. */
  readonly workers?: ReadonlyArray<string> | null | undefined;
};

/** An order of tasks. */
export type TaskOrder = {
  /** The direction of the order. */
  readonly direction?: OrderDirection;
  /** The value to order by. */
  readonly field?: TaskOrderField;
};

/** A value to order tasks by. Tasks without the value are left out. */
export type TaskOrderField =
  /** Time at which the task was enqueued. */
  | 'CREATED_AT'
  /** Time at which the task reached a final state. */
  | 'FINISHED_AT'
  /** Duration of the last attempt. */
  | 'RUN_TIME'
  /** Time that the task waited for a worker. */
  | 'WAIT_TIME';

/** A selection of tasks: IDs, or a filter with at least one condition. */
export type TaskSelection =
  {   /** A filter. All matching tasks are selected. */
  readonly filter: TaskFilter; readonly ids?: never; }
  |  { readonly filter?: never;   /** IDs of the tasks: 1 to 1,000. */
  readonly ids: ReadonlyArray<string | number>; };

/** A setting of a task definition that operators can override at run time. */
export type TaskSetting =
  /** Whether the tasks wait: `pauseTask`. */
  | 'PAUSED'
  /** The rate at which tasks start: `setTaskRateLimit`. */
  | 'RATE_LIMIT'
  /** The duration after which an attempt is asked to stop: `setTaskTimeLimit`. */
  | 'SOFT_TIME_LIMIT'
  /** The maximum duration of an attempt: `setTaskTimeLimit`. */
  | 'TIME_LIMIT';

/** The state of a task. SUCCESS, FAILURE, REVOKED and EXPIRED are final. */
export type TaskState =
  /** The task was not started before `expiresAt`. */
  | 'EXPIRED'
  /** The task failed for good: its attempts are used up, its error is fatal, or its worker died too often. */
  | 'FAILURE'
  /** The task waits until earlier tasks of its schedule have ended. */
  | 'PENDING'
  /** The task waits for a worker. */
  | 'QUEUED'
  /** An attempt failed, or the task snoozed. The task will be queued again at `runAt`. */
  | 'RETRY'
  /** The task was cancelled. */
  | 'REVOKED'
  /** The task will be queued at `runAt`. */
  | 'SCHEDULED'
  /** A worker runs the task. */
  | 'STARTED'
  /** The task succeeded. `result` holds its output. */
  | 'SUCCESS';

/** A range of time. A missing bound means unlimited. */
export type TimeRange = {
  /** Start of the range, inclusive. */
  readonly from?: string | null | undefined;
  /** End of the range, exclusive. */
  readonly to?: string | null | undefined;
};

/** The timing of a schedule. Exactly one field must be given. */
export type TimingInput =
  {   /** A single time. */
  readonly clocked: string; readonly crontab?: never; readonly interval?: never; readonly solar?: never; }
  |  { readonly clocked?: never;   /** Crontab expression: minute, hour, day of month, month, day of week, with seconds first if there are six fields: `30 9 * * MON-FRI`, `0 0 L * *`. Or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. */
  readonly crontab: string; readonly interval?: never; readonly solar?: never; }
  |  { readonly clocked?: never; readonly crontab?: never;   /** Equal intervals, independent of clock changes. */
  readonly interval: IntervalInput; readonly solar?: never; }
  |  { readonly clocked?: never; readonly crontab?: never; readonly interval?: never;   /** A solar event. */
  readonly solar: SolarInput; };

/** Handling of a call whose unique key belongs to an unfinished task. */
export type UniqueConflict =
  /** The call is refused as a CONFLICT that names the unfinished task. */
  | 'REJECT'
  /** A waiting task takes the input and options of the call. A running task hands its key over to a new task. */
  | 'REPLACE'
  /** The call returns the unfinished task unchanged. */
  | 'RETURN';

/** Changes to a schedule. Omitted fields keep their values. Null removes a description, options, a bound or the jitter. */
export type UpdateScheduleInput = {
  /** Input of the tasks. Strings may contain `{{slot}}`, `{{lastRunAt}}` and `{{name}}`. */
  readonly args?: unknown;
  /** The schedule to change. */
  readonly by: ScheduleBy;
  /** A description for people. */
  readonly description?: string | null | undefined;
  /** Whether the schedule creates tasks. */
  readonly enabled?: boolean | null | undefined;
  /** End of the schedule: no slot is later. */
  readonly endAt?: string | null | undefined;
  /** Maximum random delay of each task after its slot: up to one day. */
  readonly jitter?: string | number | null | undefined;
  /** Maximum number of tasks, after which the schedule ends. */
  readonly maxRuns?: number | null | undefined;
  /** Handling of missed slots. */
  readonly misfire?: MisfirePolicy | null | undefined;
  /** Unique name of 1 to 128 visible characters. */
  readonly name?: string | null | undefined;
  /** Options of the tasks, without `runAt` and `idempotencyKey`. */
  readonly options?: EnqueueOptions | null | undefined;
  /** Handling of a slot that comes while a task of the schedule is unfinished. */
  readonly overlap?: OverlapPolicy | null | undefined;
  /** Start of the schedule: no slot is earlier, and intervals are counted from here. */
  readonly startAt?: string | null | undefined;
  /** Name of the task definition. */
  readonly taskName?: string | null | undefined;
  /** Time zone of a crontab. */
  readonly timeZone?: string | null | undefined;
  /** The timing. */
  readonly timing?: TimingInput | null | undefined;
  /** The version that the caller read. If the schedule was changed since, the request is refused as a CONFLICT. */
  readonly version: number;
};

/** A setting of a worker that operators can change at run time. */
export type WorkerSetting =
  /** The bounds of automatic scaling: `autoscaleWorkers`. */
  | 'AUTOSCALE'
  /** The number of tasks at the same time: `resizeWorkerPool`. */
  | 'CONCURRENCY'
  /** The log level of the worker's process: `setWorkerLogLevel`. */
  | 'LOG_LEVEL'
  /** Whether the worker fetches no tasks: `pauseWorkers`. */
  | 'PAUSED'
  /** The queues that the worker additionally fetches from, or no longer fetches from: `setWorkerQueues`. */
  | 'QUEUES';

/** The status of a worker, as far as is known. */
export type WorkerStatus =
  /** The worker finishes its running tasks and then leaves. */
  | 'DRAINING'
  /** The worker sent no heartbeat for too long. Its tasks were rescued. */
  | 'LOST'
  /** The worker shut down. */
  | 'OFFLINE'
  /** The worker fetches tasks. */
  | 'ONLINE'
  /** The worker is alive and fetches no tasks. */
  | 'PAUSED';

/** The workers that a command addresses. A command never addresses all workers by default. */
export type WorkerTarget =
  {   /** All live workers. Must be true. */
  readonly all: boolean; readonly workers?: never; }
  |  { readonly all?: never;   /** Names of live workers, 1 to 1,000. A name addresses every worker that has it. */
  readonly workers: ReadonlyArray<string>; };

export type ListDefinitionsQueryVariables = Exact<{ [key: string]: never; }>;


export type ListDefinitionsQuery = { readonly taskDefinitions: ReadonlyArray<{ readonly name: string, readonly description: string | null, readonly priority: Priority, readonly mutationField: string | null, readonly deprecationReason: string | null, readonly timeLimit: string | null, readonly queue: string, readonly retry: { readonly maxAttempts: number } }> };

export type ReadDefinitionQueryVariables = Exact<{
  name: string;
}>;


export type ReadDefinitionQuery = { readonly taskDefinition: { readonly name: string, readonly inputSchema: { readonly [key: string]: unknown } | null, readonly sensitive: ReadonlyArray<string> } | null };

export type ListNamesQueryVariables = Exact<{ [key: string]: never; }>;


export type ListNamesQuery = { readonly taskDefinitions: ReadonlyArray<{ readonly name: string }> };

export type ReadContractsQueryVariables = Exact<{ [key: string]: never; }>;


export type ReadContractsQuery = { readonly taskDefinitions: ReadonlyArray<{ readonly name: string, readonly inputSchema: { readonly [key: string]: unknown } | null, readonly outputSchema: { readonly [key: string]: unknown } | null }> };

export type ListWaitingInputsQueryVariables = Exact<{
  states: ReadonlyArray<TaskState> | TaskState;
  after?: string | null | undefined;
}>;


export type ListWaitingInputsQuery = { readonly tasks: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly args: unknown }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

export type ReadLogsQueryVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
  level?: LogLevel | null | undefined;
}>;


export type ReadLogsQuery = { readonly task: { readonly logs: { readonly nodes: ReadonlyArray<{ readonly cursor: string, readonly at: string, readonly level: LogLevel, readonly message: string, readonly attempt: number, readonly fields: { readonly [key: string]: unknown } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null };

export type WatchLogsSubscriptionVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
  level?: LogLevel | null | undefined;
}>;


export type WatchLogsSubscription = { readonly taskLogs:
    | { readonly __typename: 'LogUpdate', readonly lines: ReadonlyArray<{ readonly cursor: string, readonly at: string, readonly level: LogLevel, readonly message: string, readonly attempt: number, readonly fields: { readonly [key: string]: unknown } | null }> }
    | { readonly __typename: 'StreamHeartbeat' }
    | { readonly __typename: 'StreamLag' }
    | { readonly __typename: 'StreamReset', readonly reason: string }
   };

export type ListQueuesQueryVariables = Exact<{ [key: string]: never; }>;


export type ListQueuesQuery = { readonly queues: ReadonlyArray<{ readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string, readonly concurrencyLimit: number | null, readonly rateLimit: string | null }> };

export type QueueFieldsFragment = { readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string, readonly concurrencyLimit: number | null, readonly rateLimit: string | null };

type QueueChange_PauseQueuePayload_Fragment = { readonly queue: { readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string, readonly concurrencyLimit: number | null, readonly rateLimit: string | null } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

type QueueChange_PurgeQueuePayload_Fragment = { readonly affectedCount: number, readonly queue: { readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string, readonly concurrencyLimit: number | null, readonly rateLimit: string | null } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

type QueueChange_ResumeQueuePayload_Fragment = { readonly queue: { readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string, readonly concurrencyLimit: number | null, readonly rateLimit: string | null } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

type QueueChange_SetQueueLimitsPayload_Fragment = { readonly queue: { readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string, readonly concurrencyLimit: number | null, readonly rateLimit: string | null } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

export type QueueChangeFragment =
  | QueueChange_PauseQueuePayload_Fragment
  | QueueChange_PurgeQueuePayload_Fragment
  | QueueChange_ResumeQueuePayload_Fragment
  | QueueChange_SetQueueLimitsPayload_Fragment
;

export type ReadQueueQueryVariables = Exact<{
  name: string;
}>;


export type ReadQueueQuery = { readonly queue: { readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string, readonly concurrencyLimit: number | null, readonly rateLimit: string | null } | null };

export type PauseQueueMutationVariables = Exact<{
  input: PauseQueueInput;
}>;


export type PauseQueueMutation = { readonly pauseQueue: { readonly queue: { readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string, readonly concurrencyLimit: number | null, readonly rateLimit: string | null } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ResumeQueueMutationVariables = Exact<{
  input: ResumeQueueInput;
}>;


export type ResumeQueueMutation = { readonly resumeQueue: { readonly queue: { readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string, readonly concurrencyLimit: number | null, readonly rateLimit: string | null } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type SetQueueLimitsMutationVariables = Exact<{
  input: SetQueueLimitsInput;
}>;


export type SetQueueLimitsMutation = { readonly setQueueLimits: { readonly queue: { readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string, readonly concurrencyLimit: number | null, readonly rateLimit: string | null } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type PurgeQueueMutationVariables = Exact<{
  input: PurgeQueueInput;
}>;


export type PurgeQueueMutation = { readonly purgeQueue: { readonly affectedCount: number, readonly queue: { readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string, readonly concurrencyLimit: number | null, readonly rateLimit: string | null } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ScheduleFieldsFragment = { readonly id: string, readonly name: string, readonly description: string | null, readonly enabled: boolean, readonly taskName: string, readonly args: unknown, readonly options: { readonly [key: string]: unknown } | null, readonly summary: string, readonly timeZone: string, readonly startAt: string | null, readonly endAt: string | null, readonly maxRuns: number | null, readonly overlap: OverlapPolicy, readonly misfire: MisfirePolicy, readonly jitter: string | null, readonly lastRunAt: string | null, readonly totalRunCount: number, readonly source: ScheduleSource, readonly version: number, readonly problem: string | null, readonly timing:
    | { readonly __typename: 'ClockedTiming', readonly at: string }
    | { readonly __typename: 'CrontabTiming', readonly expression: string }
    | { readonly __typename: 'IntervalTiming', readonly every: string }
    | { readonly __typename: 'SolarTiming', readonly event: SolarEvent, readonly latitude: number, readonly longitude: number }
   };

export type ListSchedulesQueryVariables = Exact<{
  filter?: ScheduleFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type ListSchedulesQuery = { readonly schedules: { readonly nodes: ReadonlyArray<{ readonly nextRuns: ReadonlyArray<string>, readonly id: string, readonly name: string, readonly description: string | null, readonly enabled: boolean, readonly taskName: string, readonly args: unknown, readonly options: { readonly [key: string]: unknown } | null, readonly summary: string, readonly timeZone: string, readonly startAt: string | null, readonly endAt: string | null, readonly maxRuns: number | null, readonly overlap: OverlapPolicy, readonly misfire: MisfirePolicy, readonly jitter: string | null, readonly lastRunAt: string | null, readonly totalRunCount: number, readonly source: ScheduleSource, readonly version: number, readonly problem: string | null, readonly timing:
        | { readonly __typename: 'ClockedTiming', readonly at: string }
        | { readonly __typename: 'CrontabTiming', readonly expression: string }
        | { readonly __typename: 'IntervalTiming', readonly every: string }
        | { readonly __typename: 'SolarTiming', readonly event: SolarEvent, readonly latitude: number, readonly longitude: number }
       }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

export type ReadScheduleQueryVariables = Exact<{
  name: string;
}>;


export type ReadScheduleQuery = { readonly schedule: { readonly nextRuns: ReadonlyArray<string>, readonly createdAt: string, readonly createdBy: string | null, readonly updatedAt: string, readonly id: string, readonly name: string, readonly description: string | null, readonly enabled: boolean, readonly taskName: string, readonly args: unknown, readonly options: { readonly [key: string]: unknown } | null, readonly summary: string, readonly timeZone: string, readonly startAt: string | null, readonly endAt: string | null, readonly maxRuns: number | null, readonly overlap: OverlapPolicy, readonly misfire: MisfirePolicy, readonly jitter: string | null, readonly lastRunAt: string | null, readonly totalRunCount: number, readonly source: ScheduleSource, readonly version: number, readonly problem: string | null, readonly lastRun: { readonly id: string, readonly state: TaskState } | null, readonly skippedSlots: { readonly nodes: ReadonlyArray<{ readonly firstSlot: string, readonly lastSlot: string, readonly count: number | null, readonly reason: SkipReason }> }, readonly timing:
      | { readonly __typename: 'ClockedTiming', readonly at: string }
      | { readonly __typename: 'CrontabTiming', readonly expression: string }
      | { readonly __typename: 'IntervalTiming', readonly every: string }
      | { readonly __typename: 'SolarTiming', readonly event: SolarEvent, readonly latitude: number, readonly longitude: number }
     } | null };

export type ReadTaskSchemasQueryVariables = Exact<{ [key: string]: never; }>;


export type ReadTaskSchemasQuery = { readonly server: { readonly timeZone: string }, readonly taskDefinitions: ReadonlyArray<{ readonly name: string, readonly inputSchema: { readonly [key: string]: unknown } | null, readonly sensitive: ReadonlyArray<string> }> };

export type CreateScheduleMutationVariables = Exact<{
  input: CreateScheduleInput;
}>;


export type CreateScheduleMutation = { readonly createSchedule: { readonly schedule: { readonly nextRuns: ReadonlyArray<string>, readonly id: string, readonly name: string, readonly description: string | null, readonly enabled: boolean, readonly taskName: string, readonly args: unknown, readonly options: { readonly [key: string]: unknown } | null, readonly summary: string, readonly timeZone: string, readonly startAt: string | null, readonly endAt: string | null, readonly maxRuns: number | null, readonly overlap: OverlapPolicy, readonly misfire: MisfirePolicy, readonly jitter: string | null, readonly lastRunAt: string | null, readonly totalRunCount: number, readonly source: ScheduleSource, readonly version: number, readonly problem: string | null, readonly timing:
        | { readonly __typename: 'ClockedTiming', readonly at: string }
        | { readonly __typename: 'CrontabTiming', readonly expression: string }
        | { readonly __typename: 'IntervalTiming', readonly every: string }
        | { readonly __typename: 'SolarTiming', readonly event: SolarEvent, readonly latitude: number, readonly longitude: number }
       } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type UpdateScheduleMutationVariables = Exact<{
  input: UpdateScheduleInput;
}>;


export type UpdateScheduleMutation = { readonly updateSchedule: { readonly schedule: { readonly nextRuns: ReadonlyArray<string>, readonly id: string, readonly name: string, readonly description: string | null, readonly enabled: boolean, readonly taskName: string, readonly args: unknown, readonly options: { readonly [key: string]: unknown } | null, readonly summary: string, readonly timeZone: string, readonly startAt: string | null, readonly endAt: string | null, readonly maxRuns: number | null, readonly overlap: OverlapPolicy, readonly misfire: MisfirePolicy, readonly jitter: string | null, readonly lastRunAt: string | null, readonly totalRunCount: number, readonly source: ScheduleSource, readonly version: number, readonly problem: string | null, readonly timing:
        | { readonly __typename: 'ClockedTiming', readonly at: string }
        | { readonly __typename: 'CrontabTiming', readonly expression: string }
        | { readonly __typename: 'IntervalTiming', readonly every: string }
        | { readonly __typename: 'SolarTiming', readonly event: SolarEvent, readonly latitude: number, readonly longitude: number }
       } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type SetSchedulesEnabledMutationVariables = Exact<{
  input: SetSchedulesEnabledInput;
}>;


export type SetSchedulesEnabledMutation = { readonly setSchedulesEnabled: { readonly schedules: ReadonlyArray<{ readonly nextRuns: ReadonlyArray<string>, readonly id: string, readonly name: string, readonly description: string | null, readonly enabled: boolean, readonly taskName: string, readonly args: unknown, readonly options: { readonly [key: string]: unknown } | null, readonly summary: string, readonly timeZone: string, readonly startAt: string | null, readonly endAt: string | null, readonly maxRuns: number | null, readonly overlap: OverlapPolicy, readonly misfire: MisfirePolicy, readonly jitter: string | null, readonly lastRunAt: string | null, readonly totalRunCount: number, readonly source: ScheduleSource, readonly version: number, readonly problem: string | null, readonly timing:
        | { readonly __typename: 'ClockedTiming', readonly at: string }
        | { readonly __typename: 'CrontabTiming', readonly expression: string }
        | { readonly __typename: 'IntervalTiming', readonly every: string }
        | { readonly __typename: 'SolarTiming', readonly event: SolarEvent, readonly latitude: number, readonly longitude: number }
       }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type RunSchedulesNowMutationVariables = Exact<{
  input: RunSchedulesNowInput;
}>;


export type RunSchedulesNowMutation = { readonly runSchedulesNow: { readonly affectedCount: number, readonly skippedCount: number, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly args: unknown, readonly result: unknown, readonly resultGone: boolean, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly uniqueKey: string | null, readonly idempotencyKey: string | null, readonly createdAt: string, readonly runAt: string | null, readonly expiresAt: string | null, readonly revokedBy: string | null, readonly revokeReason: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly queue: string, readonly error: { readonly type: string, readonly message: string, readonly retryable: boolean, readonly causes: ReadonlyArray<{ readonly type: string, readonly message: string }> } | null, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null } | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type DeleteSchedulesMutationVariables = Exact<{
  input: DeleteSchedulesInput;
}>;


export type DeleteSchedulesMutation = { readonly deleteSchedules: { readonly deletedCount: number, readonly deletedIds: ReadonlyArray<string>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type PreviewTimingQueryVariables = Exact<{
  timing: TimingInput;
  timeZone?: string | null | undefined;
  count: number;
  language: Language;
}>;


export type PreviewTimingQuery = { readonly previewTiming: { readonly summary: string | null, readonly nextRuns: ReadonlyArray<string>, readonly warnings: ReadonlyArray<string>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type StatsFieldsFragment = { readonly since: string, readonly retried: number, readonly failureRate: number, readonly runTimeP50: string | null, readonly runTimeP95: string | null, readonly runTimeP99: string | null, readonly waitTimeP95: string | null, readonly counts: { readonly pending: number, readonly scheduled: number, readonly queued: number, readonly started: number, readonly retry: number, readonly success: number, readonly failure: number, readonly revoked: number, readonly expired: number } };

export type ReadStatsQueryVariables = Exact<{
  window: StatsWindow;
}>;


export type ReadStatsQuery = { readonly overview: { readonly at: string, readonly workersOnline: number, readonly workersLost: number, readonly stats: { readonly since: string, readonly retried: number, readonly failureRate: number, readonly runTimeP50: string | null, readonly runTimeP95: string | null, readonly runTimeP99: string | null, readonly waitTimeP95: string | null, readonly counts: { readonly pending: number, readonly scheduled: number, readonly queued: number, readonly started: number, readonly retry: number, readonly success: number, readonly failure: number, readonly revoked: number, readonly expired: number } } }, readonly taskDefinitions: ReadonlyArray<{ readonly name: string, readonly stats: { readonly since: string, readonly retried: number, readonly failureRate: number, readonly runTimeP50: string | null, readonly runTimeP95: string | null, readonly runTimeP99: string | null, readonly waitTimeP95: string | null, readonly counts: { readonly pending: number, readonly scheduled: number, readonly queued: number, readonly started: number, readonly retry: number, readonly success: number, readonly failure: number, readonly revoked: number, readonly expired: number } } }> };

export type ReadTaskStatsQueryVariables = Exact<{
  name: string;
  window: StatsWindow;
}>;


export type ReadTaskStatsQuery = { readonly taskDefinition: { readonly name: string, readonly stats: { readonly since: string, readonly retried: number, readonly failureRate: number, readonly runTimeP50: string | null, readonly runTimeP95: string | null, readonly runTimeP99: string | null, readonly waitTimeP95: string | null, readonly counts: { readonly pending: number, readonly scheduled: number, readonly queued: number, readonly started: number, readonly retry: number, readonly success: number, readonly failure: number, readonly revoked: number, readonly expired: number } } } | null };

export type ReadQueueStatsQueryVariables = Exact<{
  name: string;
  window: StatsWindow;
}>;


export type ReadQueueStatsQuery = { readonly queue: { readonly name: string, readonly stats: { readonly since: string, readonly retried: number, readonly failureRate: number, readonly runTimeP50: string | null, readonly runTimeP95: string | null, readonly runTimeP99: string | null, readonly waitTimeP95: string | null, readonly counts: { readonly pending: number, readonly scheduled: number, readonly queued: number, readonly started: number, readonly retry: number, readonly success: number, readonly failure: number, readonly revoked: number, readonly expired: number } } } | null };

export type ListFailuresQueryVariables = Exact<{
  window: StatsWindow;
  first?: number | null | undefined;
}>;


export type ListFailuresQuery = { readonly failureGroups: ReadonlyArray<{ readonly fingerprint: string, readonly type: string, readonly message: string, readonly name: string, readonly count: number, readonly firstSeenAt: string, readonly lastSeenAt: string, readonly sample: { readonly id: string } | null }> };

export type TaskFieldsFragment = { readonly id: string, readonly name: string, readonly state: TaskState, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly args: unknown, readonly result: unknown, readonly resultGone: boolean, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly uniqueKey: string | null, readonly idempotencyKey: string | null, readonly createdAt: string, readonly runAt: string | null, readonly expiresAt: string | null, readonly revokedBy: string | null, readonly revokeReason: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly queue: string, readonly error: { readonly type: string, readonly message: string, readonly retryable: boolean, readonly causes: ReadonlyArray<{ readonly type: string, readonly message: string }> } | null, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null } | null };

export type ReadTaskQueryVariables = Exact<{
  id: string | number;
}>;


export type ReadTaskQuery = { readonly task: { readonly id: string, readonly name: string, readonly state: TaskState, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly args: unknown, readonly result: unknown, readonly resultGone: boolean, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly uniqueKey: string | null, readonly idempotencyKey: string | null, readonly createdAt: string, readonly runAt: string | null, readonly expiresAt: string | null, readonly revokedBy: string | null, readonly revokeReason: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly queue: string, readonly error: { readonly type: string, readonly message: string, readonly retryable: boolean, readonly causes: ReadonlyArray<{ readonly type: string, readonly message: string }> } | null, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null } | null } | null };

export type EnqueueTaskMutationVariables = Exact<{
  input: EnqueueTaskInput;
}>;


export type EnqueueTaskMutation = { readonly enqueueTask: { readonly deduplicated: boolean, readonly task: { readonly id: string, readonly name: string, readonly state: TaskState, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly args: unknown, readonly result: unknown, readonly resultGone: boolean, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly uniqueKey: string | null, readonly idempotencyKey: string | null, readonly createdAt: string, readonly runAt: string | null, readonly expiresAt: string | null, readonly revokedBy: string | null, readonly revokeReason: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly queue: string, readonly error: { readonly type: string, readonly message: string, readonly retryable: boolean, readonly causes: ReadonlyArray<{ readonly type: string, readonly message: string }> } | null, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null } | null } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type WatchTaskSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type WatchTaskSubscription = { readonly task:
    | { readonly __typename: 'StreamHeartbeat' }
    | { readonly __typename: 'StreamLag' }
    | { readonly __typename: 'StreamReset', readonly reason: string }
    | { readonly __typename: 'TaskUpdate', readonly type: TaskEventType, readonly task: { readonly id: string, readonly name: string, readonly state: TaskState, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly args: unknown, readonly result: unknown, readonly resultGone: boolean, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly uniqueKey: string | null, readonly idempotencyKey: string | null, readonly createdAt: string, readonly runAt: string | null, readonly expiresAt: string | null, readonly revokedBy: string | null, readonly revokeReason: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly queue: string, readonly error: { readonly type: string, readonly message: string, readonly retryable: boolean, readonly causes: ReadonlyArray<{ readonly type: string, readonly message: string }> } | null, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null } | null } }
   };

export type BroadcastTaskMutationVariables = Exact<{
  input: BroadcastTaskInput;
}>;


export type BroadcastTaskMutation = { readonly broadcastTask: { readonly workers: ReadonlyArray<string>, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly args: unknown, readonly result: unknown, readonly resultGone: boolean, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly uniqueKey: string | null, readonly idempotencyKey: string | null, readonly createdAt: string, readonly runAt: string | null, readonly expiresAt: string | null, readonly revokedBy: string | null, readonly revokeReason: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly queue: string, readonly error: { readonly type: string, readonly message: string, readonly retryable: boolean, readonly causes: ReadonlyArray<{ readonly type: string, readonly message: string }> } | null, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null } | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ExplainTaskQueryVariables = Exact<{
  input: EnqueueTaskInput;
}>;


export type ExplainTaskQuery = { readonly explainTask: { readonly accepted: boolean, readonly queueDecidedBy: Decider | null, readonly priority: Priority | null, readonly priorityDecidedBy: Decider | null, readonly route: number | null, readonly maxAttempts: number | null, readonly timeLimit: string | null, readonly softTimeLimit: string | null, readonly runAt: string | null, readonly expiresAt: string | null, readonly duplicateKey: DuplicateKey | null, readonly queuePaused: boolean, readonly waitingBefore: number, readonly problem: string | null, readonly queue: string | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }>, readonly duplicateOf: { readonly id: string, readonly state: TaskState } | null, readonly workers: ReadonlyArray<{ readonly name: string, readonly status: WorkerStatus }> } };

export type ListTasksQueryVariables = Exact<{
  filter?: TaskFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  orderBy?: TaskOrder | null | undefined;
}>;


export type ListTasksQuery = { readonly tasks: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly createdAt: string, readonly runAt: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly queue: string, readonly error: { readonly type: string, readonly message: string } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

export type RevokeTasksMutationVariables = Exact<{
  input: RevokeTasksInput;
}>;


export type RevokeTasksMutation = { readonly revokeTasks: { readonly affectedCount: number, readonly skippedCount: number, readonly tasks: ReadonlyArray<{ readonly id: string, readonly state: TaskState }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type RetryTasksMutationVariables = Exact<{
  input: RetryTasksInput;
}>;


export type RetryTasksMutation = { readonly retryTasks: { readonly affectedCount: number, readonly skippedCount: number, readonly tasks: ReadonlyArray<{ readonly id: string, readonly state: TaskState }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type RunTasksNowMutationVariables = Exact<{
  input: RunTasksNowInput;
}>;


export type RunTasksNowMutation = { readonly runTasksNow: { readonly affectedCount: number, readonly skippedCount: number, readonly tasks: ReadonlyArray<{ readonly id: string, readonly state: TaskState }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type DeleteTasksMutationVariables = Exact<{
  input: DeleteTasksInput;
}>;


export type DeleteTasksMutation = { readonly deleteTasks: { readonly deletedCount: number, readonly skippedCount: number, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ListLiveWorkersQueryVariables = Exact<{ [key: string]: never; }>;


export type ListLiveWorkersQuery = { readonly workers: ReadonlyArray<{ readonly definitions: ReadonlyArray<string> }> };

export type ListWorkersQueryVariables = Exact<{ [key: string]: never; }>;


export type ListWorkersQuery = { readonly workers: ReadonlyArray<{ readonly id: string, readonly name: string, readonly hostname: string, readonly pid: number, readonly version: string, readonly status: WorkerStatus, readonly startedAt: string, readonly lastHeartbeatAt: string, readonly processed: string | number, readonly failed: string | number, readonly queues: ReadonlyArray<string>, readonly pool: { readonly concurrency: number, readonly busy: number } }> };

type CommandFields_AutoscaleWorkersPayload_Fragment = { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

type CommandFields_PauseTaskPayload_Fragment = { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

type CommandFields_PauseWorkersPayload_Fragment = { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

type CommandFields_PingWorkersPayload_Fragment = { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

type CommandFields_ResetWorkerSettingsPayload_Fragment = { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

type CommandFields_ResizeWorkerPoolPayload_Fragment = { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

type CommandFields_RestartWorkerPoolsPayload_Fragment = { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

type CommandFields_ResumeTaskPayload_Fragment = { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

type CommandFields_ResumeWorkersPayload_Fragment = { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

type CommandFields_SetTaskRateLimitPayload_Fragment = { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

type CommandFields_SetTaskTimeLimitPayload_Fragment = { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

type CommandFields_SetWorkerLogLevelPayload_Fragment = { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

type CommandFields_SetWorkerQueuesPayload_Fragment = { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

type CommandFields_ShutdownWorkersPayload_Fragment = { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

export type CommandFieldsFragment =
  | CommandFields_AutoscaleWorkersPayload_Fragment
  | CommandFields_PauseTaskPayload_Fragment
  | CommandFields_PauseWorkersPayload_Fragment
  | CommandFields_PingWorkersPayload_Fragment
  | CommandFields_ResetWorkerSettingsPayload_Fragment
  | CommandFields_ResizeWorkerPoolPayload_Fragment
  | CommandFields_RestartWorkerPoolsPayload_Fragment
  | CommandFields_ResumeTaskPayload_Fragment
  | CommandFields_ResumeWorkersPayload_Fragment
  | CommandFields_SetTaskRateLimitPayload_Fragment
  | CommandFields_SetTaskTimeLimitPayload_Fragment
  | CommandFields_SetWorkerLogLevelPayload_Fragment
  | CommandFields_SetWorkerQueuesPayload_Fragment
  | CommandFields_ShutdownWorkersPayload_Fragment
;

export type PingWorkersMutationVariables = Exact<{
  input: PingWorkersInput;
}>;


export type PingWorkersMutation = { readonly pingWorkers: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ResizeWorkerPoolMutationVariables = Exact<{
  input: ResizeWorkerPoolInput;
}>;


export type ResizeWorkerPoolMutation = { readonly resizeWorkerPool: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type AutoscaleWorkersMutationVariables = Exact<{
  input: AutoscaleWorkersInput;
}>;


export type AutoscaleWorkersMutation = { readonly autoscaleWorkers: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type SetWorkerQueuesMutationVariables = Exact<{
  input: SetWorkerQueuesInput;
}>;


export type SetWorkerQueuesMutation = { readonly setWorkerQueues: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type PauseWorkersMutationVariables = Exact<{
  input: PauseWorkersInput;
}>;


export type PauseWorkersMutation = { readonly pauseWorkers: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ResumeWorkersMutationVariables = Exact<{
  input: ResumeWorkersInput;
}>;


export type ResumeWorkersMutation = { readonly resumeWorkers: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type SetWorkerLogLevelMutationVariables = Exact<{
  input: SetWorkerLogLevelInput;
}>;


export type SetWorkerLogLevelMutation = { readonly setWorkerLogLevel: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ResetWorkerSettingsMutationVariables = Exact<{
  input: ResetWorkerSettingsInput;
}>;


export type ResetWorkerSettingsMutation = { readonly resetWorkerSettings: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type RestartWorkerPoolsMutationVariables = Exact<{
  input: RestartWorkerPoolsInput;
}>;


export type RestartWorkerPoolsMutation = { readonly restartWorkerPools: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ShutdownWorkersMutationVariables = Exact<{
  input: ShutdownWorkersInput;
}>;


export type ShutdownWorkersMutation = { readonly shutdownWorkers: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type SetTaskRateLimitMutationVariables = Exact<{
  input: SetTaskRateLimitInput;
}>;


export type SetTaskRateLimitMutation = { readonly setTaskRateLimit: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type SetTaskTimeLimitMutationVariables = Exact<{
  input: SetTaskTimeLimitInput;
}>;


export type SetTaskTimeLimitMutation = { readonly setTaskTimeLimit: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type PauseTaskMutationVariables = Exact<{
  input: PauseTaskInput;
}>;


export type PauseTaskMutation = { readonly pauseTask: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ResumeTaskMutationVariables = Exact<{
  input: ResumeTaskInput;
}>;


export type ResumeTaskMutation = { readonly resumeTask: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly ok: boolean, readonly value: unknown, readonly error: string | null, readonly worker: string }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ReadLimitsQueryVariables = Exact<{
  name: string;
}>;


export type ReadLimitsQuery = { readonly taskDefinition: { readonly name: string, readonly rateLimit: string | null, readonly timeLimit: string | null, readonly softTimeLimit: string | null, readonly overridden: ReadonlyArray<TaskSetting> } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const QueueFieldsFragmentDoc = new TypedDocumentString(`
    fragment QueueFields on Queue {
  name
  paused
  waiting
  scheduled
  active
  latency
  concurrencyLimit
  rateLimit
}
    `, {"fragmentName":"QueueFields"}) as unknown as TypedDocumentString<QueueFieldsFragment, unknown>;
export const QueueChangeFragmentDoc = new TypedDocumentString(`
    fragment QueueChange on QueuePayload {
  queue {
    ...QueueFields
  }
  ... on PurgeQueuePayload {
    affectedCount
  }
  errors {
    code
    message
    path
    hint
  }
}
    fragment QueueFields on Queue {
  name
  paused
  waiting
  scheduled
  active
  latency
  concurrencyLimit
  rateLimit
}`, {"fragmentName":"QueueChange"}) as unknown as TypedDocumentString<QueueChangeFragment, unknown>;
export const ScheduleFieldsFragmentDoc = new TypedDocumentString(`
    fragment ScheduleFields on Schedule {
  id
  name
  description
  enabled
  taskName
  args
  options
  timing {
    __typename
    ... on IntervalTiming {
      every
    }
    ... on CrontabTiming {
      expression
    }
    ... on ClockedTiming {
      at
    }
    ... on SolarTiming {
      event
      latitude
      longitude
    }
  }
  summary
  timeZone
  startAt
  endAt
  maxRuns
  overlap
  misfire
  jitter
  lastRunAt
  totalRunCount
  source
  version
  problem
}
    `, {"fragmentName":"ScheduleFields"}) as unknown as TypedDocumentString<ScheduleFieldsFragment, unknown>;
export const StatsFieldsFragmentDoc = new TypedDocumentString(`
    fragment StatsFields on TaskStats {
  since
  counts {
    pending
    scheduled
    queued
    started
    retry
    success
    failure
    revoked
    expired
  }
  retried
  failureRate
  runTimeP50
  runTimeP95
  runTimeP99
  waitTimeP95
}
    `, {"fragmentName":"StatsFields"}) as unknown as TypedDocumentString<StatsFieldsFragment, unknown>;
export const TaskFieldsFragmentDoc = new TypedDocumentString(`
    fragment TaskFields on Task {
  id
  name
  state
  queue: queueName
  priority
  attempt
  maxAttempts
  args
  result
  resultGone
  error {
    type
    message
    retryable
    causes {
      type
      message
    }
  }
  progress {
    current
    total
    percent
    message
  }
  workerName
  tags
  uniqueKey
  idempotencyKey
  createdAt
  runAt
  expiresAt
  revokedBy
  revokeReason
  startedAt
  finishedAt
  runTime
  waitTime
}
    `, {"fragmentName":"TaskFields"}) as unknown as TypedDocumentString<TaskFieldsFragment, unknown>;
export const CommandFieldsFragmentDoc = new TypedDocumentString(`
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker: workerName
    ok
    value
    error
  }
  silent
  errors {
    code
    message
    path
    hint
  }
}
    `, {"fragmentName":"CommandFields"}) as unknown as TypedDocumentString<CommandFieldsFragment, unknown>;
export const ListDefinitionsDocument = new TypedDocumentString(`
    query ListDefinitions {
  taskDefinitions {
    name
    description
    queue: queueName
    priority
    mutationField
    deprecationReason
    timeLimit
    retry {
      maxAttempts
    }
  }
}
    `) as unknown as TypedDocumentString<ListDefinitionsQuery, ListDefinitionsQueryVariables>;
export const ReadDefinitionDocument = new TypedDocumentString(`
    query ReadDefinition($name: String!) {
  taskDefinition(name: $name) {
    name
    inputSchema
    sensitive
  }
}
    `) as unknown as TypedDocumentString<ReadDefinitionQuery, ReadDefinitionQueryVariables>;
export const ListNamesDocument = new TypedDocumentString(`
    query ListNames {
  taskDefinitions {
    name
  }
}
    `) as unknown as TypedDocumentString<ListNamesQuery, ListNamesQueryVariables>;
export const ReadContractsDocument = new TypedDocumentString(`
    query ReadContracts {
  taskDefinitions {
    name
    inputSchema
    outputSchema
  }
}
    `) as unknown as TypedDocumentString<ReadContractsQuery, ReadContractsQueryVariables>;
export const ListWaitingInputsDocument = new TypedDocumentString(`
    query ListWaitingInputs($states: [TaskState!]!, $after: String) {
  tasks(first: 200, after: $after, filter: {states: $states}) {
    nodes {
      id
      name
      args
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<ListWaitingInputsQuery, ListWaitingInputsQueryVariables>;
export const ReadLogsDocument = new TypedDocumentString(`
    query ReadLogs($id: ID!, $after: String, $level: LogLevel) {
  task(id: $id) {
    logs(first: 500, after: $after, level: $level) {
      nodes {
        cursor
        at
        level
        message
        attempt
        fields
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ReadLogsQuery, ReadLogsQueryVariables>;
export const WatchLogsDocument = new TypedDocumentString(`
    subscription WatchLogs($id: ID!, $after: String, $level: LogLevel) {
  taskLogs(id: $id, after: $after, level: $level) {
    __typename
    ... on LogUpdate {
      lines {
        cursor
        at
        level
        message
        attempt
        fields
      }
    }
    ... on StreamReset {
      reason
    }
  }
}
    `) as unknown as TypedDocumentString<WatchLogsSubscription, WatchLogsSubscriptionVariables>;
export const ListQueuesDocument = new TypedDocumentString(`
    query ListQueues {
  queues {
    ...QueueFields
  }
}
    fragment QueueFields on Queue {
  name
  paused
  waiting
  scheduled
  active
  latency
  concurrencyLimit
  rateLimit
}`) as unknown as TypedDocumentString<ListQueuesQuery, ListQueuesQueryVariables>;
export const ReadQueueDocument = new TypedDocumentString(`
    query ReadQueue($name: String!) {
  queue(name: $name) {
    ...QueueFields
  }
}
    fragment QueueFields on Queue {
  name
  paused
  waiting
  scheduled
  active
  latency
  concurrencyLimit
  rateLimit
}`) as unknown as TypedDocumentString<ReadQueueQuery, ReadQueueQueryVariables>;
export const PauseQueueDocument = new TypedDocumentString(`
    mutation PauseQueue($input: PauseQueueInput!) {
  pauseQueue(input: $input) {
    ...QueueChange
  }
}
    fragment QueueFields on Queue {
  name
  paused
  waiting
  scheduled
  active
  latency
  concurrencyLimit
  rateLimit
}
fragment QueueChange on QueuePayload {
  queue {
    ...QueueFields
  }
  ... on PurgeQueuePayload {
    affectedCount
  }
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<PauseQueueMutation, PauseQueueMutationVariables>;
export const ResumeQueueDocument = new TypedDocumentString(`
    mutation ResumeQueue($input: ResumeQueueInput!) {
  resumeQueue(input: $input) {
    ...QueueChange
  }
}
    fragment QueueFields on Queue {
  name
  paused
  waiting
  scheduled
  active
  latency
  concurrencyLimit
  rateLimit
}
fragment QueueChange on QueuePayload {
  queue {
    ...QueueFields
  }
  ... on PurgeQueuePayload {
    affectedCount
  }
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<ResumeQueueMutation, ResumeQueueMutationVariables>;
export const SetQueueLimitsDocument = new TypedDocumentString(`
    mutation SetQueueLimits($input: SetQueueLimitsInput!) {
  setQueueLimits(input: $input) {
    ...QueueChange
  }
}
    fragment QueueFields on Queue {
  name
  paused
  waiting
  scheduled
  active
  latency
  concurrencyLimit
  rateLimit
}
fragment QueueChange on QueuePayload {
  queue {
    ...QueueFields
  }
  ... on PurgeQueuePayload {
    affectedCount
  }
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<SetQueueLimitsMutation, SetQueueLimitsMutationVariables>;
export const PurgeQueueDocument = new TypedDocumentString(`
    mutation PurgeQueue($input: PurgeQueueInput!) {
  purgeQueue(input: $input) {
    ...QueueChange
  }
}
    fragment QueueFields on Queue {
  name
  paused
  waiting
  scheduled
  active
  latency
  concurrencyLimit
  rateLimit
}
fragment QueueChange on QueuePayload {
  queue {
    ...QueueFields
  }
  ... on PurgeQueuePayload {
    affectedCount
  }
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<PurgeQueueMutation, PurgeQueueMutationVariables>;
export const ListSchedulesDocument = new TypedDocumentString(`
    query ListSchedules($filter: ScheduleFilter, $after: String) {
  schedules(first: 200, after: $after, filter: $filter) {
    nodes {
      ...ScheduleFields
      nextRuns(count: 1)
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment ScheduleFields on Schedule {
  id
  name
  description
  enabled
  taskName
  args
  options
  timing {
    __typename
    ... on IntervalTiming {
      every
    }
    ... on CrontabTiming {
      expression
    }
    ... on ClockedTiming {
      at
    }
    ... on SolarTiming {
      event
      latitude
      longitude
    }
  }
  summary
  timeZone
  startAt
  endAt
  maxRuns
  overlap
  misfire
  jitter
  lastRunAt
  totalRunCount
  source
  version
  problem
}`) as unknown as TypedDocumentString<ListSchedulesQuery, ListSchedulesQueryVariables>;
export const ReadScheduleDocument = new TypedDocumentString(`
    query ReadSchedule($name: String!) {
  schedule(by: {name: $name}) {
    ...ScheduleFields
    nextRuns(count: 5)
    createdAt
    createdBy
    updatedAt
    lastRun {
      id
      state
    }
    skippedSlots(first: 1) {
      nodes {
        firstSlot
        lastSlot
        count
        reason
      }
    }
  }
}
    fragment ScheduleFields on Schedule {
  id
  name
  description
  enabled
  taskName
  args
  options
  timing {
    __typename
    ... on IntervalTiming {
      every
    }
    ... on CrontabTiming {
      expression
    }
    ... on ClockedTiming {
      at
    }
    ... on SolarTiming {
      event
      latitude
      longitude
    }
  }
  summary
  timeZone
  startAt
  endAt
  maxRuns
  overlap
  misfire
  jitter
  lastRunAt
  totalRunCount
  source
  version
  problem
}`) as unknown as TypedDocumentString<ReadScheduleQuery, ReadScheduleQueryVariables>;
export const ReadTaskSchemasDocument = new TypedDocumentString(`
    query ReadTaskSchemas {
  server {
    timeZone
  }
  taskDefinitions {
    name
    inputSchema
    sensitive
  }
}
    `) as unknown as TypedDocumentString<ReadTaskSchemasQuery, ReadTaskSchemasQueryVariables>;
export const CreateScheduleDocument = new TypedDocumentString(`
    mutation CreateSchedule($input: CreateScheduleInput!) {
  createSchedule(input: $input) {
    schedule {
      ...ScheduleFields
      nextRuns(count: 1)
    }
    errors {
      code
      message
      path
      hint
    }
  }
}
    fragment ScheduleFields on Schedule {
  id
  name
  description
  enabled
  taskName
  args
  options
  timing {
    __typename
    ... on IntervalTiming {
      every
    }
    ... on CrontabTiming {
      expression
    }
    ... on ClockedTiming {
      at
    }
    ... on SolarTiming {
      event
      latitude
      longitude
    }
  }
  summary
  timeZone
  startAt
  endAt
  maxRuns
  overlap
  misfire
  jitter
  lastRunAt
  totalRunCount
  source
  version
  problem
}`) as unknown as TypedDocumentString<CreateScheduleMutation, CreateScheduleMutationVariables>;
export const UpdateScheduleDocument = new TypedDocumentString(`
    mutation UpdateSchedule($input: UpdateScheduleInput!) {
  updateSchedule(input: $input) {
    schedule {
      ...ScheduleFields
      nextRuns(count: 1)
    }
    errors {
      code
      message
      path
      hint
    }
  }
}
    fragment ScheduleFields on Schedule {
  id
  name
  description
  enabled
  taskName
  args
  options
  timing {
    __typename
    ... on IntervalTiming {
      every
    }
    ... on CrontabTiming {
      expression
    }
    ... on ClockedTiming {
      at
    }
    ... on SolarTiming {
      event
      latitude
      longitude
    }
  }
  summary
  timeZone
  startAt
  endAt
  maxRuns
  overlap
  misfire
  jitter
  lastRunAt
  totalRunCount
  source
  version
  problem
}`) as unknown as TypedDocumentString<UpdateScheduleMutation, UpdateScheduleMutationVariables>;
export const SetSchedulesEnabledDocument = new TypedDocumentString(`
    mutation SetSchedulesEnabled($input: SetSchedulesEnabledInput!) {
  setSchedulesEnabled(input: $input) {
    schedules {
      ...ScheduleFields
      nextRuns(count: 1)
    }
    errors {
      code
      message
      path
      hint
    }
  }
}
    fragment ScheduleFields on Schedule {
  id
  name
  description
  enabled
  taskName
  args
  options
  timing {
    __typename
    ... on IntervalTiming {
      every
    }
    ... on CrontabTiming {
      expression
    }
    ... on ClockedTiming {
      at
    }
    ... on SolarTiming {
      event
      latitude
      longitude
    }
  }
  summary
  timeZone
  startAt
  endAt
  maxRuns
  overlap
  misfire
  jitter
  lastRunAt
  totalRunCount
  source
  version
  problem
}`) as unknown as TypedDocumentString<SetSchedulesEnabledMutation, SetSchedulesEnabledMutationVariables>;
export const RunSchedulesNowDocument = new TypedDocumentString(`
    mutation RunSchedulesNow($input: RunSchedulesNowInput!) {
  runSchedulesNow(input: $input) {
    affectedCount
    skippedCount
    tasks {
      ...TaskFields
    }
    errors {
      code
      message
      path
      hint
    }
  }
}
    fragment TaskFields on Task {
  id
  name
  state
  queue: queueName
  priority
  attempt
  maxAttempts
  args
  result
  resultGone
  error {
    type
    message
    retryable
    causes {
      type
      message
    }
  }
  progress {
    current
    total
    percent
    message
  }
  workerName
  tags
  uniqueKey
  idempotencyKey
  createdAt
  runAt
  expiresAt
  revokedBy
  revokeReason
  startedAt
  finishedAt
  runTime
  waitTime
}`) as unknown as TypedDocumentString<RunSchedulesNowMutation, RunSchedulesNowMutationVariables>;
export const DeleteSchedulesDocument = new TypedDocumentString(`
    mutation DeleteSchedules($input: DeleteSchedulesInput!) {
  deleteSchedules(input: $input) {
    deletedCount
    deletedIds
    errors {
      code
      message
      path
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<DeleteSchedulesMutation, DeleteSchedulesMutationVariables>;
export const PreviewTimingDocument = new TypedDocumentString(`
    query PreviewTiming($timing: TimingInput!, $timeZone: TimeZone, $count: Int!, $language: Language!) {
  previewTiming(
    timing: $timing
    timeZone: $timeZone
    count: $count
    language: $language
  ) {
    summary
    nextRuns
    warnings
    errors {
      code
      message
      path
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<PreviewTimingQuery, PreviewTimingQueryVariables>;
export const ReadStatsDocument = new TypedDocumentString(`
    query ReadStats($window: StatsWindow!) {
  overview {
    at
    workersOnline
    workersLost
    stats(window: $window) {
      ...StatsFields
    }
  }
  taskDefinitions {
    name
    stats(window: $window) {
      ...StatsFields
    }
  }
}
    fragment StatsFields on TaskStats {
  since
  counts {
    pending
    scheduled
    queued
    started
    retry
    success
    failure
    revoked
    expired
  }
  retried
  failureRate
  runTimeP50
  runTimeP95
  runTimeP99
  waitTimeP95
}`) as unknown as TypedDocumentString<ReadStatsQuery, ReadStatsQueryVariables>;
export const ReadTaskStatsDocument = new TypedDocumentString(`
    query ReadTaskStats($name: String!, $window: StatsWindow!) {
  taskDefinition(name: $name) {
    name
    stats(window: $window) {
      ...StatsFields
    }
  }
}
    fragment StatsFields on TaskStats {
  since
  counts {
    pending
    scheduled
    queued
    started
    retry
    success
    failure
    revoked
    expired
  }
  retried
  failureRate
  runTimeP50
  runTimeP95
  runTimeP99
  waitTimeP95
}`) as unknown as TypedDocumentString<ReadTaskStatsQuery, ReadTaskStatsQueryVariables>;
export const ReadQueueStatsDocument = new TypedDocumentString(`
    query ReadQueueStats($name: String!, $window: StatsWindow!) {
  queue(name: $name) {
    name
    stats(window: $window) {
      ...StatsFields
    }
  }
}
    fragment StatsFields on TaskStats {
  since
  counts {
    pending
    scheduled
    queued
    started
    retry
    success
    failure
    revoked
    expired
  }
  retried
  failureRate
  runTimeP50
  runTimeP95
  runTimeP99
  waitTimeP95
}`) as unknown as TypedDocumentString<ReadQueueStatsQuery, ReadQueueStatsQueryVariables>;
export const ListFailuresDocument = new TypedDocumentString(`
    query ListFailures($window: StatsWindow!, $first: Int) {
  failureGroups(window: $window, first: $first) {
    fingerprint
    type
    message
    name
    count
    firstSeenAt
    lastSeenAt
    sample {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<ListFailuresQuery, ListFailuresQueryVariables>;
export const ReadTaskDocument = new TypedDocumentString(`
    query ReadTask($id: ID!) {
  task(id: $id) {
    ...TaskFields
  }
}
    fragment TaskFields on Task {
  id
  name
  state
  queue: queueName
  priority
  attempt
  maxAttempts
  args
  result
  resultGone
  error {
    type
    message
    retryable
    causes {
      type
      message
    }
  }
  progress {
    current
    total
    percent
    message
  }
  workerName
  tags
  uniqueKey
  idempotencyKey
  createdAt
  runAt
  expiresAt
  revokedBy
  revokeReason
  startedAt
  finishedAt
  runTime
  waitTime
}`) as unknown as TypedDocumentString<ReadTaskQuery, ReadTaskQueryVariables>;
export const EnqueueTaskDocument = new TypedDocumentString(`
    mutation EnqueueTask($input: EnqueueTaskInput!) {
  enqueueTask(input: $input) {
    task {
      ...TaskFields
    }
    deduplicated
    errors {
      code
      message
      path
      hint
    }
  }
}
    fragment TaskFields on Task {
  id
  name
  state
  queue: queueName
  priority
  attempt
  maxAttempts
  args
  result
  resultGone
  error {
    type
    message
    retryable
    causes {
      type
      message
    }
  }
  progress {
    current
    total
    percent
    message
  }
  workerName
  tags
  uniqueKey
  idempotencyKey
  createdAt
  runAt
  expiresAt
  revokedBy
  revokeReason
  startedAt
  finishedAt
  runTime
  waitTime
}`) as unknown as TypedDocumentString<EnqueueTaskMutation, EnqueueTaskMutationVariables>;
export const WatchTaskDocument = new TypedDocumentString(`
    subscription WatchTask($id: ID!) {
  task(id: $id) {
    __typename
    ... on TaskUpdate {
      type
      task {
        ...TaskFields
      }
    }
    ... on StreamReset {
      reason
    }
  }
}
    fragment TaskFields on Task {
  id
  name
  state
  queue: queueName
  priority
  attempt
  maxAttempts
  args
  result
  resultGone
  error {
    type
    message
    retryable
    causes {
      type
      message
    }
  }
  progress {
    current
    total
    percent
    message
  }
  workerName
  tags
  uniqueKey
  idempotencyKey
  createdAt
  runAt
  expiresAt
  revokedBy
  revokeReason
  startedAt
  finishedAt
  runTime
  waitTime
}`) as unknown as TypedDocumentString<WatchTaskSubscription, WatchTaskSubscriptionVariables>;
export const BroadcastTaskDocument = new TypedDocumentString(`
    mutation BroadcastTask($input: BroadcastTaskInput!) {
  broadcastTask(input: $input) {
    workers: workerNames
    tasks {
      ...TaskFields
    }
    errors {
      code
      message
      path
      hint
    }
  }
}
    fragment TaskFields on Task {
  id
  name
  state
  queue: queueName
  priority
  attempt
  maxAttempts
  args
  result
  resultGone
  error {
    type
    message
    retryable
    causes {
      type
      message
    }
  }
  progress {
    current
    total
    percent
    message
  }
  workerName
  tags
  uniqueKey
  idempotencyKey
  createdAt
  runAt
  expiresAt
  revokedBy
  revokeReason
  startedAt
  finishedAt
  runTime
  waitTime
}`) as unknown as TypedDocumentString<BroadcastTaskMutation, BroadcastTaskMutationVariables>;
export const ExplainTaskDocument = new TypedDocumentString(`
    query ExplainTask($input: EnqueueTaskInput!) {
  explainTask(input: $input) {
    accepted
    errors {
      code
      message
      path
      hint
    }
    queue: queueName
    queueDecidedBy
    priority
    priorityDecidedBy
    route
    maxAttempts
    timeLimit
    softTimeLimit
    runAt
    expiresAt
    duplicateOf {
      id
      state
    }
    duplicateKey
    queuePaused
    waitingBefore
    workers {
      name
      status
    }
    problem
  }
}
    `) as unknown as TypedDocumentString<ExplainTaskQuery, ExplainTaskQueryVariables>;
export const ListTasksDocument = new TypedDocumentString(`
    query ListTasks($filter: TaskFilter, $first: Int, $after: String, $orderBy: TaskOrder) {
  tasks(filter: $filter, first: $first, after: $after, orderBy: $orderBy) {
    nodes {
      id
      name
      state
      queue: queueName
      priority
      attempt
      maxAttempts
      workerName
      tags
      createdAt
      runAt
      startedAt
      finishedAt
      runTime
      waitTime
      error {
        type
        message
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<ListTasksQuery, ListTasksQueryVariables>;
export const RevokeTasksDocument = new TypedDocumentString(`
    mutation RevokeTasks($input: RevokeTasksInput!) {
  revokeTasks(input: $input) {
    affectedCount
    skippedCount
    tasks {
      id
      state
    }
    errors {
      code
      message
      path
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<RevokeTasksMutation, RevokeTasksMutationVariables>;
export const RetryTasksDocument = new TypedDocumentString(`
    mutation RetryTasks($input: RetryTasksInput!) {
  retryTasks(input: $input) {
    affectedCount
    skippedCount
    tasks {
      id
      state
    }
    errors {
      code
      message
      path
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<RetryTasksMutation, RetryTasksMutationVariables>;
export const RunTasksNowDocument = new TypedDocumentString(`
    mutation RunTasksNow($input: RunTasksNowInput!) {
  runTasksNow(input: $input) {
    affectedCount
    skippedCount
    tasks {
      id
      state
    }
    errors {
      code
      message
      path
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<RunTasksNowMutation, RunTasksNowMutationVariables>;
export const DeleteTasksDocument = new TypedDocumentString(`
    mutation DeleteTasks($input: DeleteTasksInput!) {
  deleteTasks(input: $input) {
    deletedCount
    skippedCount
    errors {
      code
      message
      path
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<DeleteTasksMutation, DeleteTasksMutationVariables>;
export const ListLiveWorkersDocument = new TypedDocumentString(`
    query ListLiveWorkers {
  workers(statuses: [ONLINE, DRAINING, PAUSED]) {
    definitions: definitionNames
  }
}
    `) as unknown as TypedDocumentString<ListLiveWorkersQuery, ListLiveWorkersQueryVariables>;
export const ListWorkersDocument = new TypedDocumentString(`
    query ListWorkers {
  workers {
    id
    name
    hostname
    pid
    version
    status
    startedAt
    lastHeartbeatAt
    queues: queueNames
    pool {
      concurrency
      busy
    }
    processed
    failed
  }
}
    `) as unknown as TypedDocumentString<ListWorkersQuery, ListWorkersQueryVariables>;
export const PingWorkersDocument = new TypedDocumentString(`
    mutation PingWorkers($input: PingWorkersInput!) {
  pingWorkers(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker: workerName
    ok
    value
    error
  }
  silent
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<PingWorkersMutation, PingWorkersMutationVariables>;
export const ResizeWorkerPoolDocument = new TypedDocumentString(`
    mutation ResizeWorkerPool($input: ResizeWorkerPoolInput!) {
  resizeWorkerPool(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker: workerName
    ok
    value
    error
  }
  silent
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<ResizeWorkerPoolMutation, ResizeWorkerPoolMutationVariables>;
export const AutoscaleWorkersDocument = new TypedDocumentString(`
    mutation AutoscaleWorkers($input: AutoscaleWorkersInput!) {
  autoscaleWorkers(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker: workerName
    ok
    value
    error
  }
  silent
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<AutoscaleWorkersMutation, AutoscaleWorkersMutationVariables>;
export const SetWorkerQueuesDocument = new TypedDocumentString(`
    mutation SetWorkerQueues($input: SetWorkerQueuesInput!) {
  setWorkerQueues(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker: workerName
    ok
    value
    error
  }
  silent
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<SetWorkerQueuesMutation, SetWorkerQueuesMutationVariables>;
export const PauseWorkersDocument = new TypedDocumentString(`
    mutation PauseWorkers($input: PauseWorkersInput!) {
  pauseWorkers(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker: workerName
    ok
    value
    error
  }
  silent
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<PauseWorkersMutation, PauseWorkersMutationVariables>;
export const ResumeWorkersDocument = new TypedDocumentString(`
    mutation ResumeWorkers($input: ResumeWorkersInput!) {
  resumeWorkers(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker: workerName
    ok
    value
    error
  }
  silent
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<ResumeWorkersMutation, ResumeWorkersMutationVariables>;
export const SetWorkerLogLevelDocument = new TypedDocumentString(`
    mutation SetWorkerLogLevel($input: SetWorkerLogLevelInput!) {
  setWorkerLogLevel(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker: workerName
    ok
    value
    error
  }
  silent
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<SetWorkerLogLevelMutation, SetWorkerLogLevelMutationVariables>;
export const ResetWorkerSettingsDocument = new TypedDocumentString(`
    mutation ResetWorkerSettings($input: ResetWorkerSettingsInput!) {
  resetWorkerSettings(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker: workerName
    ok
    value
    error
  }
  silent
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<ResetWorkerSettingsMutation, ResetWorkerSettingsMutationVariables>;
export const RestartWorkerPoolsDocument = new TypedDocumentString(`
    mutation RestartWorkerPools($input: RestartWorkerPoolsInput!) {
  restartWorkerPools(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker: workerName
    ok
    value
    error
  }
  silent
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<RestartWorkerPoolsMutation, RestartWorkerPoolsMutationVariables>;
export const ShutdownWorkersDocument = new TypedDocumentString(`
    mutation ShutdownWorkers($input: ShutdownWorkersInput!) {
  shutdownWorkers(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker: workerName
    ok
    value
    error
  }
  silent
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<ShutdownWorkersMutation, ShutdownWorkersMutationVariables>;
export const SetTaskRateLimitDocument = new TypedDocumentString(`
    mutation SetTaskRateLimit($input: SetTaskRateLimitInput!) {
  setTaskRateLimit(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker: workerName
    ok
    value
    error
  }
  silent
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<SetTaskRateLimitMutation, SetTaskRateLimitMutationVariables>;
export const SetTaskTimeLimitDocument = new TypedDocumentString(`
    mutation SetTaskTimeLimit($input: SetTaskTimeLimitInput!) {
  setTaskTimeLimit(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker: workerName
    ok
    value
    error
  }
  silent
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<SetTaskTimeLimitMutation, SetTaskTimeLimitMutationVariables>;
export const PauseTaskDocument = new TypedDocumentString(`
    mutation PauseTask($input: PauseTaskInput!) {
  pauseTask(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker: workerName
    ok
    value
    error
  }
  silent
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<PauseTaskMutation, PauseTaskMutationVariables>;
export const ResumeTaskDocument = new TypedDocumentString(`
    mutation ResumeTask($input: ResumeTaskInput!) {
  resumeTask(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker: workerName
    ok
    value
    error
  }
  silent
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<ResumeTaskMutation, ResumeTaskMutationVariables>;
export const ReadLimitsDocument = new TypedDocumentString(`
    query ReadLimits($name: String!) {
  taskDefinition(name: $name) {
    name
    rateLimit
    timeLimit
    softTimeLimit
    overridden
  }
}
    `) as unknown as TypedDocumentString<ReadLimitsQuery, ReadLimitsQueryVariables>;