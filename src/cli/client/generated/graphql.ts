/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** A schedule to be. */
export type CreateScheduleInput = {
  /** Input of its tasks; texts may hold `{{slot}}`, `{{lastRunAt}}` and `{{name}}`. Defaults to {}. */
  readonly args?: unknown;
  /** For people. */
  readonly description?: string | null | undefined;
  /** Whether its slots give tasks. */
  readonly enabled?: boolean;
  /** No slot after. */
  readonly endAt?: string | null | undefined;
  /** Each task comes up to so much later than its slot, by chance; up to one day. */
  readonly jitter?: string | number | null | undefined;
  /** It ends after so many tasks. */
  readonly maxRuns?: number | null | undefined;
  /** What becomes of slots that came while nothing looked. */
  readonly misfire?: MisfirePolicy;
  /** Unique: 1 to 128 visible characters. */
  readonly name: string;
  /** Options of its tasks; without `runAt` and `idempotencyKey`. */
  readonly options?: EnqueueOptions | null | undefined;
  /** When a slot comes and a task of the schedule is unfinished. */
  readonly overlap?: OverlapPolicy;
  /** No slot before; intervals are counted from here. */
  readonly startAt?: string | null | undefined;
  /** Name of the task definition. */
  readonly taskName: string;
  /** Whose clocks a crontab goes by. Defaults to the server's. */
  readonly timeZone?: string | null | undefined;
  /** When it is due. */
  readonly timing: TimingInput;
};

/** Who decided something about a task. */
export type Decider =
  /** The caller said it. */
  | 'CALL'
  /** Nobody says it. */
  | 'DEFAULT'
  /** The task definition says it. */
  | 'DEFINITION'
  /** One of the app's routes says it. */
  | 'ROUTE';

/** By which key a task is there already. */
export type DuplicateKey =
  /** A task has the same `idempotencyKey`, name and input. */
  | 'IDEMPOTENCY_KEY'
  /** An unfinished task has the same `uniqueKey`. */
  | 'UNIQUE_KEY';

/** From a shortest to a longest span, both included; an open end asks nothing. */
export type DurationRange = {
  /** No longer than this. */
  readonly max?: string | number | null | undefined;
  /** No shorter than this. */
  readonly min?: string | number | null | undefined;
};

/** What a caller may say about one task. What is not said comes from the task definition. */
export type EnqueueOptions = {
  /** Starts so long after the latest call with the same unique key, with the input of that call. */
  readonly debounce?: string | number | null | undefined;
  /** Not before so much time has passed; up to 10 years. */
  readonly delay?: string | number | null | undefined;
  /** Give up if not started by then. */
  readonly expiresIn?: string | number | null | undefined;
  /** Same key and input: the same task, for good. */
  readonly idempotencyKey?: string | null | undefined;
  /** Checks its output, and does not keep it. */
  readonly ignoreResult?: boolean | null | undefined;
  /** Attempts in all, 1 to 1000. */
  readonly maxAttempts?: number | null | undefined;
  /** With `debounce`: starts no later than so long after the first of these calls. */
  readonly maxWait?: string | number | null | undefined;
  /** Anything to keep with it; the task itself does not see it. */
  readonly meta?: { readonly [key: string]: unknown } | null | undefined;
  /** What becomes of this call if an unfinished task holds its unique key. */
  readonly onConflict?: UniqueConflict | null | undefined;
  /** Its place within the queue. */
  readonly priority?: Priority | null | undefined;
  /** Where it waits. */
  readonly queue?: string | null | undefined;
  /** How long it is kept once it has ended; without it as its definition, or else the app, says. */
  readonly resultsExpire?: ResultsExpireInput | null | undefined;
  /** Not before this time. Not together with `delay`. */
  readonly runAt?: string | null | undefined;
  /** After so long an attempt is asked to come to an end; shorter than `timeLimit`. */
  readonly softTimeLimit?: string | number | null | undefined;
  /** Labels to find it by; added to those of the definition. */
  readonly tags?: ReadonlyArray<string> | null | undefined;
  /** Longest run of one attempt; then it is ended. */
  readonly timeLimit?: string | number | null | undefined;
  /** One unfinished task per key; `onConflict` says what becomes of a second call. */
  readonly uniqueKey?: string | null | undefined;
  /** Name of the one worker that may run it, such as `worker@host`; it waits while there is none. Not together with `queue`. */
  readonly worker?: string | null | undefined;
};

/** A task to be. */
export type EnqueueTaskInput = {
  /** Its input. Defaults to {}. */
  readonly args?: unknown;
  /** Name of the task definition. */
  readonly name: string;
  /** What to say about it. */
  readonly options?: EnqueueOptions | null | undefined;
};

/** Why a request was refused. Codes are stable. */
export type ErrorCode =
  /** The name is taken. */
  | 'ALREADY_EXISTS'
  /** The idempotency key was used with other input, or someone else was faster. */
  | 'CONFLICT'
  /** You may not do this. */
  | 'FORBIDDEN'
  /** Not possible in the present state. */
  | 'ILLEGAL_STATE'
  /** A value breaks a rule; the message names it. */
  | 'INVALID_INPUT'
  /** What the request is about does not exist. */
  | 'NOT_FOUND'
  /** No task definition has this name. */
  | 'NOT_REGISTERED'
  /** No worker answered in time. */
  | 'NO_WORKER_REPLIED'
  /** The queue takes no more tasks now. */
  | 'QUEUE_FULL'
  /** Too many requests; wait and try again. */
  | 'RATE_LIMITED'
  /** This installation cannot do it. */
  | 'UNSUPPORTED';

/** Again and again, so far apart. */
export type IntervalInput = {
  /** How far apart; at least one second. */
  readonly every: string | number;
};

/** What texts for people are written in. */
export type Language =
  /** English. */
  | 'EN'
  /** Chinese, in simplified characters. */
  | 'ZH_CN';

/** How important a line of a log is; each level is more important than those before it. */
export type LogLevel =
  /** For those who look for a mistake. */
  | 'DEBUG'
  /** Something failed. */
  | 'ERROR'
  /** Nothing more can be done. */
  | 'FATAL'
  /** What happens as it should. */
  | 'INFO'
  /** Each step, for a close look. */
  | 'TRACE'
  /** Something is odd, and the task goes on. */
  | 'WARN';

/** What to do with slots that came while nothing looked: no beat ran, or the schedule was disabled. */
export type MisfirePolicy =
  /** A task for each: of the last 100, as far as they are of the last 7 days. */
  | 'CATCH_UP'
  /** One task, for the last of them. */
  | 'FIRE_ONCE'
  /** Nothing, where they are more than 10 seconds old. */
  | 'SKIP';

/** Which way a list is ordered. */
export type OrderDirection =
  /** Smallest or oldest first. */
  | 'ASC'
  /** Largest or newest first. */
  | 'DESC';

/** What to do when a slot comes and a task of the schedule is unfinished. */
export type OverlapPolicy =
  /** Make another all the same. */
  | 'ALLOW'
  /** Revoke the unfinished ones, and ask running ones to stop. */
  | 'CANCEL_PREVIOUS'
  /** Make one that stays PENDING until those before it have ended; at most 100 unfinished. */
  | 'QUEUE'
  /** Make none; the slot is noted as skipped. */
  | 'SKIP';

/** Higher priorities are delivered first, and no priority waits for ever. */
export type Priority =
  /** Before everything else. */
  | 'CRITICAL'
  /** Before NORMAL and LOW. */
  | 'HIGH'
  /** After everything else. */
  | 'LOW'
  /** What tasks have unless someone says otherwise. */
  | 'NORMAL';

/** How long a task is kept once it has ended, by how it ended. */
export type ResultsExpireInput = {
  /** How long after any end that is not named here. */
  readonly all?: string | number | null | undefined;
  /** How long after this end; without it `all`, or else what holds without this option. */
  readonly expired?: string | number | null | undefined;
  /** How long after this end; without it `all`, or else what holds without this option. */
  readonly failure?: string | number | null | undefined;
  /** How long after this end; without it `all`, or else what holds without this option. */
  readonly revoked?: string | number | null | undefined;
  /** How long after this end; without it `all`, or else what holds without this option. */
  readonly success?: string | number | null | undefined;
};

/** All conditions hold together; an absent one asks nothing. */
export type ScheduleFilter = {
  /** Enabled ones, or disabled ones. */
  readonly enabled?: boolean | null | undefined;
  /** Free text over name, description and task name, of up to 200 characters. */
  readonly search?: string | null | undefined;
  /** From the code, or made by the API. */
  readonly source?: ScheduleSource | null | undefined;
  /** Of these task definitions; 1 to 1,000. */
  readonly taskNames?: ReadonlyArray<string> | null | undefined;
};

/** Where a schedule comes from. */
export type ScheduleSource =
  /** Made while everything runs. */
  | 'API'
  /** The configuration, or a task definition: here it can only be enabled and disabled. */
  | 'CODE';

/** Why a slot gave no task. */
export type SkipReason =
  /** A task with the same `uniqueKey` was unfinished, and was not to be replaced. */
  | 'DUPLICATE'
  /** It came while nothing looked, and the misfire policy left it out. */
  | 'MISFIRED'
  /** A task of the schedule was unfinished, and the overlap policy left it out. */
  | 'OVERLAP';

/** What the sun does once on most days. Dawn and dusk begin and end when it is so far below the horizon. */
export type SolarEvent =
  /** 18 degrees below, rising: the end of the night. */
  | 'DAWN_ASTRONOMICAL'
  /** 6 degrees below, rising. */
  | 'DAWN_CIVIL'
  /** 12 degrees below, rising. */
  | 'DAWN_NAUTICAL'
  /** 18 degrees below, setting: the begin of the night. */
  | 'DUSK_ASTRONOMICAL'
  /** 6 degrees below, setting. */
  | 'DUSK_CIVIL'
  /** 12 degrees below, setting. */
  | 'DUSK_NAUTICAL'
  /** It stands highest. */
  | 'SOLAR_NOON'
  /** Its upper edge appears. */
  | 'SUNRISE'
  /** Its upper edge disappears. */
  | 'SUNSET';

/** When the sun does something at a place. A day on which it does not is left out. */
export type SolarInput = {
  /** What it does. */
  readonly event: SolarEvent;
  /** Degrees, north is positive: -90 to 90. */
  readonly latitude: number;
  /** Degrees, east is positive: -180 to 180. */
  readonly longitude: number;
};

/** How far statistics look back. Points are steps apart; a window begins with a whole step. */
export type StatsWindow =
  /** In steps of a minute. */
  | 'LAST_5_MINUTES'
  /** In steps of 5 minutes. */
  | 'LAST_6_HOURS'
  /** 24 hours in steps of 15 minutes. */
  | 'LAST_DAY'
  /** In steps of a minute. */
  | 'LAST_HOUR'
  /** 30 days in steps of 6 hours. */
  | 'LAST_MONTH'
  /** 7 days in steps of an hour. */
  | 'LAST_WEEK';

/** What happened to a task. */
export type TaskEventType =
  /** It told something of its own: `emitted`. */
  | 'EMITTED'
  /** It was accepted and stored. */
  | 'ENQUEUED'
  /** It was not started in time. */
  | 'EXPIRED'
  /** It failed for good. */
  | 'FAILED'
  /** Its worker left or died; it is queued again. */
  | 'GIVEN_BACK'
  /** It told how far it is. */
  | 'PROGRESS'
  /** It became ready for a worker. */
  | 'QUEUED'
  /** An attempt failed, another will follow. */
  | 'RETRYING'
  /** It was cancelled. */
  | 'REVOKED'
  /** A worker began an attempt. */
  | 'STARTED'
  /** It is done. */
  | 'SUCCEEDED';

/** All conditions hold together; the values of one list are alternatives. Lists hold 1 to 1,000 values. An absent condition asks nothing. */
export type TaskFilter = {
  /** `args` contains this JSON. */
  readonly argsContain?: { readonly [key: string]: unknown } | null | undefined;
  /** When they were enqueued. */
  readonly createdAt?: TimeRange | null | undefined;
  /** Tasks whose error has this fingerprint. */
  readonly fingerprint?: string | null | undefined;
  /** When they reached a final state. */
  readonly finishedAt?: TimeRange | null | undefined;
  /** Tasks with these ids. */
  readonly ids?: ReadonlyArray<string | number> | null | undefined;
  /** Tasks of these definitions. */
  readonly names?: ReadonlyArray<string> | null | undefined;
  /** Tasks in these queues. */
  readonly queues?: ReadonlyArray<string> | null | undefined;
  /** How long their last attempt ran. */
  readonly runTime?: DurationRange | null | undefined;
  /** Tasks of this schedule. */
  readonly scheduleId?: string | number | null | undefined;
  /** Free text over id, name, and the first 65,536 characters of args, result and error, of up to 200 characters; upper and lower case are equal. It looks for 2 seconds: see `searchedUntil`. */
  readonly search?: string | null | undefined;
  /** Tasks in these states. */
  readonly states?: ReadonlyArray<TaskState> | null | undefined;
  /** Tasks with any of these tags. */
  readonly tags?: ReadonlyArray<string> | null | undefined;
  /** The task with this unique key. */
  readonly uniqueKey?: string | null | undefined;
  /** Tasks that workers of these names hold or held. */
  readonly workers?: ReadonlyArray<string> | null | undefined;
};

/** How tasks are ordered. */
export type TaskOrder = {
  /** Which way. */
  readonly direction?: OrderDirection;
  /** What they are ordered by. */
  readonly field?: TaskOrderField;
};

/** What tasks are ordered by. Tasks without the value are left out. */
export type TaskOrderField =
  /** When it was enqueued. */
  | 'CREATED_AT'
  /** When it ended. */
  | 'FINISHED_AT'
  /** How long it ran. */
  | 'RUN_TIME'
  /** How long it waited for a worker. */
  | 'WAIT_TIME';

/** Ids, or a filter that is not empty. */
export type TaskSelection =
  {   /** All tasks that the filter lets through. */
  readonly filter: TaskFilter; readonly ids?: never; }
  |  { readonly filter?: never;   /** Tasks with these ids, 1 to 1,000 of them. */
  readonly ids: ReadonlyArray<string | number>; };

/** What of a task definition can be told otherwise while everything runs. */
export type TaskSetting =
  /** That its tasks wait: `pauseTask`. */
  | 'PAUSED'
  /** How many of its tasks may start in a time: `setTaskRateLimit`. */
  | 'RATE_LIMIT'
  /** After how long an attempt is warned: `setTaskTimeLimit`. */
  | 'SOFT_TIME_LIMIT'
  /** The longest run of one attempt: `setTaskTimeLimit`. */
  | 'TIME_LIMIT';

/** Where a task stands. SUCCESS, FAILURE, REVOKED and EXPIRED are final. */
export type TaskState =
  /** Not started before `expiresAt`. */
  | 'EXPIRED'
  /** Attempts used up, a fatal error, or its worker died too often. */
  | 'FAILURE'
  /** Waits for other tasks: of its flow, or of its schedule. */
  | 'PENDING'
  /** Waits for a worker. */
  | 'QUEUED'
  /** Failed or given back; queued again at `runAt`. */
  | 'RETRY'
  /** Cancelled. */
  | 'REVOKED'
  /** Will be queued at `runAt`. */
  | 'SCHEDULED'
  /** A worker runs it. */
  | 'STARTED'
  /** Done; `result` holds what it gave back. */
  | 'SUCCESS';

/** A span on the calendar; an open end asks nothing. */
export type TimeRange = {
  /** The first moment that belongs to it. */
  readonly from?: string | null | undefined;
  /** The first moment after it. */
  readonly to?: string | null | undefined;
};

/** When a schedule is due. Exactly one of these. */
export type TimingInput =
  {   /** Once, at this time. */
  readonly clocked: string; readonly crontab?: never; readonly interval?: never; readonly solar?: never; }
  |  { readonly clocked?: never;   /** Minute, hour, day of month, month, day of week, with seconds in front where there are six: `30 9 * * MON-FRI`, `0 0 L * *`. Or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. */
  readonly crontab: string; readonly interval?: never; readonly solar?: never; }
  |  { readonly clocked?: never; readonly crontab?: never;   /** At equal distances, whatever the clocks show. */
  readonly interval: IntervalInput; readonly solar?: never; }
  |  { readonly clocked?: never; readonly crontab?: never; readonly interval?: never;   /** By the sun. */
  readonly solar: SolarInput; };

/** What becomes of a call whose unique key an unfinished task holds. */
export type UniqueConflict =
  /** The call is refused as a CONFLICT that names that task. */
  | 'REJECT'
  /** That task takes the input and options of this call while it waits; one that runs leaves its key to a new task. */
  | 'REPLACE'
  /** That task is the answer, as it is. */
  | 'RETURN';

/** Changes to a schedule. What is absent stays as it is; null takes away a description, options, a bound or the jitter. */
export type UpdateScheduleInput = {
  /** Input of its tasks; texts may hold `{{slot}}`, `{{lastRunAt}}` and `{{name}}`. */
  readonly args?: unknown;
  /** For people. */
  readonly description?: string | null | undefined;
  /** Whether its slots give tasks. */
  readonly enabled?: boolean | null | undefined;
  /** No slot after. */
  readonly endAt?: string | null | undefined;
  /** Which schedule. */
  readonly id: string | number;
  /** Each task comes up to so much later than its slot, by chance; up to one day. */
  readonly jitter?: string | number | null | undefined;
  /** It ends after so many tasks. */
  readonly maxRuns?: number | null | undefined;
  /** What becomes of slots that came while nothing looked. */
  readonly misfire?: MisfirePolicy | null | undefined;
  /** Unique: 1 to 128 visible characters. */
  readonly name?: string | null | undefined;
  /** Options of its tasks; without `runAt` and `idempotencyKey`. */
  readonly options?: EnqueueOptions | null | undefined;
  /** When a slot comes and a task of the schedule is unfinished. */
  readonly overlap?: OverlapPolicy | null | undefined;
  /** No slot before; intervals are counted from here. */
  readonly startAt?: string | null | undefined;
  /** Name of the task definition. */
  readonly taskName?: string | null | undefined;
  /** Whose clocks a crontab goes by. */
  readonly timeZone?: string | null | undefined;
  /** When it is due. */
  readonly timing?: TimingInput | null | undefined;
  /** The version that was read. If it was changed since, that is a CONFLICT. */
  readonly version: number;
};

/** Which workers a command is for. */
export type WorkerCommandInput = {
  /** How long answers are waited for, up to PT20S. */
  readonly timeout?: string | number;
  /** Names of live workers; a name reaches all that have it. All live workers without it. */
  readonly workers?: ReadonlyArray<string> | null | undefined;
};

/** What of a worker can be told while it runs, and taken back. */
export type WorkerSetting =
  /** Between which bounds that moves by itself: `autoscaleWorkers`. */
  | 'AUTOSCALE'
  /** How many tasks it runs at once: `resizeWorkerPool`. */
  | 'CONCURRENCY'
  /** Which records it logs: `setWorkerLogLevel`. */
  | 'LOG_LEVEL'
  /** That it takes no tasks: `pauseWorkers`. */
  | 'PAUSED'
  /** Queues that it takes from besides, or no more: `setWorkerQueues`. */
  | 'QUEUES';

/** What a worker is doing, as far as is known. */
export type WorkerStatus =
  /** Finishes what it runs and then leaves. */
  | 'DRAINING'
  /** Silent for too long; its tasks were taken back. */
  | 'LOST'
  /** Said goodbye. */
  | 'OFFLINE'
  /** Takes tasks. */
  | 'ONLINE'
  /** Alive, takes no tasks. */
  | 'PAUSED';

export type ListDefinitionsQueryVariables = Exact<{ [key: string]: never; }>;


export type ListDefinitionsQuery = { readonly taskDefinitions: ReadonlyArray<{ readonly name: string, readonly description: string | null, readonly queue: string, readonly priority: Priority, readonly mutationField: string | null, readonly deprecationReason: string | null, readonly timeLimit: string | null, readonly retry: { readonly maxAttempts: number } }> };

export type ReadDefinitionQueryVariables = Exact<{
  name: string;
}>;


export type ReadDefinitionQuery = { readonly taskDefinition: { readonly name: string, readonly inputSchema: { readonly [key: string]: unknown } | null, readonly sensitive: ReadonlyArray<string> } | null };

export type ListNamesQueryVariables = Exact<{ [key: string]: never; }>;


export type ListNamesQuery = { readonly taskDefinitions: ReadonlyArray<{ readonly name: string }> };

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

export type QueueChangeFragment = { readonly affectedCount: number | null, readonly queue: { readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string, readonly concurrencyLimit: number | null, readonly rateLimit: string | null } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

export type ReadQueueQueryVariables = Exact<{
  name: string;
}>;


export type ReadQueueQuery = { readonly queue: { readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string, readonly concurrencyLimit: number | null, readonly rateLimit: string | null } | null };

export type PauseQueueMutationVariables = Exact<{
  name: string;
}>;


export type PauseQueueMutation = { readonly pauseQueue: { readonly affectedCount: number | null, readonly queue: { readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string, readonly concurrencyLimit: number | null, readonly rateLimit: string | null } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ResumeQueueMutationVariables = Exact<{
  name: string;
}>;


export type ResumeQueueMutation = { readonly resumeQueue: { readonly affectedCount: number | null, readonly queue: { readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string, readonly concurrencyLimit: number | null, readonly rateLimit: string | null } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type SetQueueLimitsMutationVariables = Exact<{
  name: string;
  concurrency?: number | null | undefined;
  rateLimit?: string | null | undefined;
}>;


export type SetQueueLimitsMutation = { readonly setQueueLimits: { readonly affectedCount: number | null, readonly queue: { readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string, readonly concurrencyLimit: number | null, readonly rateLimit: string | null } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type PurgeQueueMutationVariables = Exact<{
  name: string;
  confirm: string;
}>;


export type PurgeQueueMutation = { readonly purgeQueue: { readonly affectedCount: number | null, readonly queue: { readonly name: string, readonly paused: boolean, readonly waiting: number, readonly scheduled: number, readonly active: number, readonly latency: string, readonly concurrencyLimit: number | null, readonly rateLimit: string | null } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

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


export type ReadScheduleQuery = { readonly schedule: { readonly nextRuns: ReadonlyArray<string>, readonly createdAt: string, readonly createdBy: string | null, readonly updatedAt: string, readonly id: string, readonly name: string, readonly description: string | null, readonly enabled: boolean, readonly taskName: string, readonly args: unknown, readonly options: { readonly [key: string]: unknown } | null, readonly summary: string, readonly timeZone: string, readonly startAt: string | null, readonly endAt: string | null, readonly maxRuns: number | null, readonly overlap: OverlapPolicy, readonly misfire: MisfirePolicy, readonly jitter: string | null, readonly lastRunAt: string | null, readonly totalRunCount: number, readonly source: ScheduleSource, readonly version: number, readonly problem: string | null, readonly lastRun: { readonly id: string, readonly state: TaskState } | null, readonly skippedSlots: ReadonlyArray<{ readonly firstSlot: string, readonly lastSlot: string, readonly count: number | null, readonly reason: SkipReason }>, readonly timing:
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
  ids: ReadonlyArray<string | number> | string | number;
  enabled: boolean;
}>;


export type SetSchedulesEnabledMutation = { readonly setSchedulesEnabled: { readonly schedules: ReadonlyArray<{ readonly nextRuns: ReadonlyArray<string>, readonly id: string, readonly name: string, readonly description: string | null, readonly enabled: boolean, readonly taskName: string, readonly args: unknown, readonly options: { readonly [key: string]: unknown } | null, readonly summary: string, readonly timeZone: string, readonly startAt: string | null, readonly endAt: string | null, readonly maxRuns: number | null, readonly overlap: OverlapPolicy, readonly misfire: MisfirePolicy, readonly jitter: string | null, readonly lastRunAt: string | null, readonly totalRunCount: number, readonly source: ScheduleSource, readonly version: number, readonly problem: string | null, readonly timing:
        | { readonly __typename: 'ClockedTiming', readonly at: string }
        | { readonly __typename: 'CrontabTiming', readonly expression: string }
        | { readonly __typename: 'IntervalTiming', readonly every: string }
        | { readonly __typename: 'SolarTiming', readonly event: SolarEvent, readonly latitude: number, readonly longitude: number }
       }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type RunSchedulesNowMutationVariables = Exact<{
  ids: ReadonlyArray<string | number> | string | number;
}>;


export type RunSchedulesNowMutation = { readonly runSchedulesNow: { readonly affectedCount: number, readonly skippedCount: number, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState, readonly queue: string, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly args: unknown, readonly result: unknown, readonly resultGone: boolean, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly uniqueKey: string | null, readonly idempotencyKey: string | null, readonly createdAt: string, readonly runAt: string | null, readonly expiresAt: string | null, readonly revokedBy: string | null, readonly revokeReason: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly error: { readonly type: string, readonly message: string, readonly retryable: boolean, readonly causes: ReadonlyArray<{ readonly type: string, readonly message: string }> } | null, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null } | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type DeleteSchedulesMutationVariables = Exact<{
  ids: ReadonlyArray<string | number> | string | number;
}>;


export type DeleteSchedulesMutation = { readonly deleteSchedules: { readonly deletedCount: number, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

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

export type TaskFieldsFragment = { readonly id: string, readonly name: string, readonly state: TaskState, readonly queue: string, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly args: unknown, readonly result: unknown, readonly resultGone: boolean, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly uniqueKey: string | null, readonly idempotencyKey: string | null, readonly createdAt: string, readonly runAt: string | null, readonly expiresAt: string | null, readonly revokedBy: string | null, readonly revokeReason: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly error: { readonly type: string, readonly message: string, readonly retryable: boolean, readonly causes: ReadonlyArray<{ readonly type: string, readonly message: string }> } | null, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null } | null };

export type ReadTaskQueryVariables = Exact<{
  id: string | number;
}>;


export type ReadTaskQuery = { readonly task: { readonly id: string, readonly name: string, readonly state: TaskState, readonly queue: string, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly args: unknown, readonly result: unknown, readonly resultGone: boolean, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly uniqueKey: string | null, readonly idempotencyKey: string | null, readonly createdAt: string, readonly runAt: string | null, readonly expiresAt: string | null, readonly revokedBy: string | null, readonly revokeReason: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly error: { readonly type: string, readonly message: string, readonly retryable: boolean, readonly causes: ReadonlyArray<{ readonly type: string, readonly message: string }> } | null, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null } | null } | null };

export type EnqueueTaskMutationVariables = Exact<{
  input: EnqueueTaskInput;
}>;


export type EnqueueTaskMutation = { readonly enqueueTask: { readonly deduplicated: boolean, readonly task: { readonly id: string, readonly name: string, readonly state: TaskState, readonly queue: string, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly args: unknown, readonly result: unknown, readonly resultGone: boolean, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly uniqueKey: string | null, readonly idempotencyKey: string | null, readonly createdAt: string, readonly runAt: string | null, readonly expiresAt: string | null, readonly revokedBy: string | null, readonly revokeReason: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly error: { readonly type: string, readonly message: string, readonly retryable: boolean, readonly causes: ReadonlyArray<{ readonly type: string, readonly message: string }> } | null, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null } | null } | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type WatchTaskSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type WatchTaskSubscription = { readonly task:
    | { readonly __typename: 'StreamHeartbeat' }
    | { readonly __typename: 'StreamLag' }
    | { readonly __typename: 'StreamReset', readonly reason: string }
    | { readonly __typename: 'TaskUpdate', readonly type: TaskEventType, readonly task: { readonly id: string, readonly name: string, readonly state: TaskState, readonly queue: string, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly args: unknown, readonly result: unknown, readonly resultGone: boolean, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly uniqueKey: string | null, readonly idempotencyKey: string | null, readonly createdAt: string, readonly runAt: string | null, readonly expiresAt: string | null, readonly revokedBy: string | null, readonly revokeReason: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly error: { readonly type: string, readonly message: string, readonly retryable: boolean, readonly causes: ReadonlyArray<{ readonly type: string, readonly message: string }> } | null, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null } | null } }
   };

export type BroadcastTaskMutationVariables = Exact<{
  input: EnqueueTaskInput;
  workers?: ReadonlyArray<string> | string | null | undefined;
}>;


export type BroadcastTaskMutation = { readonly broadcastTask: { readonly workers: ReadonlyArray<string>, readonly tasks: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState, readonly queue: string, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly args: unknown, readonly result: unknown, readonly resultGone: boolean, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly uniqueKey: string | null, readonly idempotencyKey: string | null, readonly createdAt: string, readonly runAt: string | null, readonly expiresAt: string | null, readonly revokedBy: string | null, readonly revokeReason: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly error: { readonly type: string, readonly message: string, readonly retryable: boolean, readonly causes: ReadonlyArray<{ readonly type: string, readonly message: string }> } | null, readonly progress: { readonly current: number, readonly total: number | null, readonly percent: number | null, readonly message: string | null } | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ExplainTaskQueryVariables = Exact<{
  input: EnqueueTaskInput;
}>;


export type ExplainTaskQuery = { readonly explainTask: { readonly accepted: boolean, readonly queue: string | null, readonly queueDecidedBy: Decider | null, readonly priority: Priority | null, readonly priorityDecidedBy: Decider | null, readonly route: number | null, readonly maxAttempts: number | null, readonly timeLimit: string | null, readonly softTimeLimit: string | null, readonly runAt: string | null, readonly expiresAt: string | null, readonly duplicateKey: DuplicateKey | null, readonly queuePaused: boolean, readonly waitingBefore: number, readonly problem: string | null, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }>, readonly duplicateOf: { readonly id: string, readonly state: TaskState } | null, readonly workers: ReadonlyArray<{ readonly name: string, readonly status: WorkerStatus }> } };

export type ListTasksQueryVariables = Exact<{
  filter?: TaskFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
  orderBy?: TaskOrder | null | undefined;
}>;


export type ListTasksQuery = { readonly tasks: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly state: TaskState, readonly queue: string, readonly priority: Priority, readonly attempt: number, readonly maxAttempts: number, readonly workerName: string | null, readonly tags: ReadonlyArray<string>, readonly createdAt: string, readonly runAt: string | null, readonly startedAt: string | null, readonly finishedAt: string | null, readonly runTime: string | null, readonly waitTime: string | null, readonly error: { readonly type: string, readonly message: string } | null }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

export type RevokeTasksMutationVariables = Exact<{
  select: TaskSelection;
  terminate: boolean;
  reason?: string | null | undefined;
}>;


export type RevokeTasksMutation = { readonly revokeTasks: { readonly affectedCount: number, readonly skippedCount: number, readonly tasks: ReadonlyArray<{ readonly id: string, readonly state: TaskState }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type RetryTasksMutationVariables = Exact<{
  select: TaskSelection;
  args?: unknown;
  queue?: string | null | undefined;
}>;


export type RetryTasksMutation = { readonly retryTasks: { readonly affectedCount: number, readonly skippedCount: number, readonly tasks: ReadonlyArray<{ readonly id: string, readonly state: TaskState }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type RunTasksNowMutationVariables = Exact<{
  select: TaskSelection;
}>;


export type RunTasksNowMutation = { readonly runTasksNow: { readonly affectedCount: number, readonly skippedCount: number, readonly tasks: ReadonlyArray<{ readonly id: string, readonly state: TaskState }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type DeleteTasksMutationVariables = Exact<{
  select: TaskSelection;
}>;


export type DeleteTasksMutation = { readonly deleteTasks: { readonly deletedCount: number, readonly skippedCount: number, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ListLiveWorkersQueryVariables = Exact<{ [key: string]: never; }>;


export type ListLiveWorkersQuery = { readonly workers: ReadonlyArray<{ readonly definitions: ReadonlyArray<string> }> };

export type ListWorkersQueryVariables = Exact<{ [key: string]: never; }>;


export type ListWorkersQuery = { readonly workers: ReadonlyArray<{ readonly id: string, readonly name: string, readonly hostname: string, readonly pid: number, readonly version: string, readonly status: WorkerStatus, readonly startedAt: string, readonly lastHeartbeatAt: string, readonly queues: ReadonlyArray<string>, readonly processed: string | number, readonly failed: string | number, readonly pool: { readonly concurrency: number, readonly busy: number } }> };

export type CommandFieldsFragment = { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly worker: string, readonly ok: boolean, readonly value: unknown, readonly error: string | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> };

export type PingWorkersMutationVariables = Exact<{
  input: WorkerCommandInput;
}>;


export type PingWorkersMutation = { readonly pingWorkers: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly worker: string, readonly ok: boolean, readonly value: unknown, readonly error: string | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ResizeWorkerPoolMutationVariables = Exact<{
  input: WorkerCommandInput;
  concurrency: number;
}>;


export type ResizeWorkerPoolMutation = { readonly resizeWorkerPool: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly worker: string, readonly ok: boolean, readonly value: unknown, readonly error: string | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type AutoscaleWorkersMutationVariables = Exact<{
  input: WorkerCommandInput;
  min: number;
  max: number;
}>;


export type AutoscaleWorkersMutation = { readonly autoscaleWorkers: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly worker: string, readonly ok: boolean, readonly value: unknown, readonly error: string | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type SetWorkerQueuesMutationVariables = Exact<{
  input: WorkerCommandInput;
  add?: ReadonlyArray<string> | string | null | undefined;
  remove?: ReadonlyArray<string> | string | null | undefined;
}>;


export type SetWorkerQueuesMutation = { readonly setWorkerQueues: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly worker: string, readonly ok: boolean, readonly value: unknown, readonly error: string | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type PauseWorkersMutationVariables = Exact<{
  input: WorkerCommandInput;
}>;


export type PauseWorkersMutation = { readonly pauseWorkers: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly worker: string, readonly ok: boolean, readonly value: unknown, readonly error: string | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ResumeWorkersMutationVariables = Exact<{
  input: WorkerCommandInput;
}>;


export type ResumeWorkersMutation = { readonly resumeWorkers: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly worker: string, readonly ok: boolean, readonly value: unknown, readonly error: string | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type SetWorkerLogLevelMutationVariables = Exact<{
  input: WorkerCommandInput;
  level: LogLevel;
}>;


export type SetWorkerLogLevelMutation = { readonly setWorkerLogLevel: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly worker: string, readonly ok: boolean, readonly value: unknown, readonly error: string | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ResetWorkerSettingsMutationVariables = Exact<{
  input: WorkerCommandInput;
  settings?: ReadonlyArray<WorkerSetting> | WorkerSetting | null | undefined;
}>;


export type ResetWorkerSettingsMutation = { readonly resetWorkerSettings: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly worker: string, readonly ok: boolean, readonly value: unknown, readonly error: string | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type RestartWorkerPoolsMutationVariables = Exact<{
  input: WorkerCommandInput;
}>;


export type RestartWorkerPoolsMutation = { readonly restartWorkerPools: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly worker: string, readonly ok: boolean, readonly value: unknown, readonly error: string | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ShutdownWorkersMutationVariables = Exact<{
  input: WorkerCommandInput;
  drain: boolean;
}>;


export type ShutdownWorkersMutation = { readonly shutdownWorkers: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly worker: string, readonly ok: boolean, readonly value: unknown, readonly error: string | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type SetTaskRateLimitMutationVariables = Exact<{
  name: string;
  rateLimit?: string | null | undefined;
}>;


export type SetTaskRateLimitMutation = { readonly setTaskRateLimit: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly worker: string, readonly ok: boolean, readonly value: unknown, readonly error: string | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type SetTaskTimeLimitMutationVariables = Exact<{
  name: string;
  soft?: string | number | null | undefined;
  hard?: string | number | null | undefined;
}>;


export type SetTaskTimeLimitMutation = { readonly setTaskTimeLimit: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly worker: string, readonly ok: boolean, readonly value: unknown, readonly error: string | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type PauseTaskMutationVariables = Exact<{
  name: string;
}>;


export type PauseTaskMutation = { readonly pauseTask: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly worker: string, readonly ok: boolean, readonly value: unknown, readonly error: string | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

export type ResumeTaskMutationVariables = Exact<{
  name: string;
}>;


export type ResumeTaskMutation = { readonly resumeTask: { readonly silent: ReadonlyArray<string>, readonly replies: ReadonlyArray<{ readonly worker: string, readonly ok: boolean, readonly value: unknown, readonly error: string | null }>, readonly errors: ReadonlyArray<{ readonly code: ErrorCode, readonly message: string, readonly path: ReadonlyArray<string> | null, readonly hint: string | null }> } };

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
  affectedCount
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
  queue
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
    worker
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
    queue
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
    mutation PauseQueue($name: String!) {
  pauseQueue(name: $name) {
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
  affectedCount
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<PauseQueueMutation, PauseQueueMutationVariables>;
export const ResumeQueueDocument = new TypedDocumentString(`
    mutation ResumeQueue($name: String!) {
  resumeQueue(name: $name) {
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
  affectedCount
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<ResumeQueueMutation, ResumeQueueMutationVariables>;
export const SetQueueLimitsDocument = new TypedDocumentString(`
    mutation SetQueueLimits($name: String!, $concurrency: Int, $rateLimit: String) {
  setQueueLimits(name: $name, concurrency: $concurrency, rateLimit: $rateLimit) {
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
  affectedCount
  errors {
    code
    message
    path
    hint
  }
}`) as unknown as TypedDocumentString<SetQueueLimitsMutation, SetQueueLimitsMutationVariables>;
export const PurgeQueueDocument = new TypedDocumentString(`
    mutation PurgeQueue($name: String!, $confirm: String!) {
  purgeQueue(name: $name, confirm: $confirm) {
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
  affectedCount
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
  schedule(name: $name) {
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
      firstSlot
      lastSlot
      count
      reason
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
    mutation SetSchedulesEnabled($ids: [ID!]!, $enabled: Boolean!) {
  setSchedulesEnabled(ids: $ids, enabled: $enabled) {
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
    mutation RunSchedulesNow($ids: [ID!]!) {
  runSchedulesNow(ids: $ids) {
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
  queue
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
    mutation DeleteSchedules($ids: [ID!]!) {
  deleteSchedules(ids: $ids) {
    deletedCount
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
  queue
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
  queue
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
  queue
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
    mutation BroadcastTask($input: EnqueueTaskInput!, $workers: [String!]) {
  broadcastTask(input: $input, workers: $workers) {
    workers
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
  queue
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
    queue
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
      queue
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
    mutation RevokeTasks($select: TaskSelection!, $terminate: Boolean!, $reason: String) {
  revokeTasks(select: $select, terminate: $terminate, reason: $reason) {
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
    mutation RetryTasks($select: TaskSelection!, $args: JSON, $queue: String) {
  retryTasks(select: $select, args: $args, queue: $queue) {
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
    mutation RunTasksNow($select: TaskSelection!) {
  runTasksNow(select: $select) {
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
    mutation DeleteTasks($select: TaskSelection!) {
  deleteTasks(select: $select) {
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
    definitions
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
    queues
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
    mutation PingWorkers($input: WorkerCommandInput!) {
  pingWorkers(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker
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
    mutation ResizeWorkerPool($input: WorkerCommandInput!, $concurrency: Int!) {
  resizeWorkerPool(input: $input, concurrency: $concurrency) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker
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
    mutation AutoscaleWorkers($input: WorkerCommandInput!, $min: Int!, $max: Int!) {
  autoscaleWorkers(input: $input, min: $min, max: $max) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker
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
    mutation SetWorkerQueues($input: WorkerCommandInput!, $add: [String!], $remove: [String!]) {
  setWorkerQueues(input: $input, add: $add, remove: $remove) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker
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
    mutation PauseWorkers($input: WorkerCommandInput!) {
  pauseWorkers(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker
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
    mutation ResumeWorkers($input: WorkerCommandInput!) {
  resumeWorkers(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker
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
    mutation SetWorkerLogLevel($input: WorkerCommandInput!, $level: LogLevel!) {
  setWorkerLogLevel(input: $input, level: $level) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker
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
    mutation ResetWorkerSettings($input: WorkerCommandInput!, $settings: [WorkerSetting!]) {
  resetWorkerSettings(input: $input, settings: $settings) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker
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
    mutation RestartWorkerPools($input: WorkerCommandInput!) {
  restartWorkerPools(input: $input) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker
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
    mutation ShutdownWorkers($input: WorkerCommandInput!, $drain: Boolean!) {
  shutdownWorkers(input: $input, drain: $drain) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker
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
    mutation SetTaskRateLimit($name: String!, $rateLimit: String) {
  setTaskRateLimit(name: $name, rateLimit: $rateLimit) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker
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
    mutation SetTaskTimeLimit($name: String!, $soft: Duration, $hard: Duration) {
  setTaskTimeLimit(name: $name, soft: $soft, hard: $hard) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker
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
    mutation PauseTask($name: String!) {
  pauseTask(name: $name) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker
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
    mutation ResumeTask($name: String!) {
  resumeTask(name: $name) {
    ...CommandFields
  }
}
    fragment CommandFields on WorkerCommandPayload {
  replies {
    worker
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