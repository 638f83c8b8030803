import { registerEnumType } from "type-graphql";
import { REFUSAL_CODES } from "../errors.ts";
import { TASK_ORDER_FIELDS } from "../store/reading/task-reader.ts";
import { TASK_EVENT_TYPES, WORKER_CHANGES } from "../task/records/event.ts";
import { TASK_LOG_LEVELS } from "../task/records/log-line.ts";
import type { Pool } from "../task/definition/pool.ts";
import { PRIORITIES } from "../task/definition/priority.ts";
import { RESULT_BACKENDS, type ResultBackend } from "../task/records/results.ts";
import { BACKOFFS } from "../task/retry/retry.ts";
import {
  MISFIRE_POLICIES,
  OVERLAP_POLICIES,
  SCHEDULE_CHANGES,
  SCHEDULE_SOURCES,
  SKIP_REASONS,
} from "../task/schedule/schedule.ts";
import { TASK_STATES } from "../task/records/state.ts";
import { STATS_WINDOWS } from "../task/records/stats.ts";
import { SOLAR_EVENTS } from "../task/timing/timing.ts";
import { LANGUAGES } from "../task/timing/words.ts";
import { UNIQUE_CONFLICTS } from "../task/call/unique.ts";
import { WORKER_STATUSES } from "../task/records/worker.ts";

interface EnumTexts<Value extends string> {
  readonly name: string;
  readonly description: string;
  /** What each value means. */
  readonly values: Readonly<Record<Value, string>>;
}

/** Registers the values of a domain type under their own names. */
export function enumOf<const Value extends string>(
  values: readonly Value[],
  { name, description, values: texts }: EnumTexts<Value>,
): Readonly<Record<Value, Value>> {
  const enumObject = Object.fromEntries(values.map((value) => [value, value])) as Record<Value, Value>;
  const valuesConfig = Object.fromEntries(
    values.map((value) => [value, { description: texts[value] }]),
  ) as Record<Value, { description: string }>;
  registerEnumType(enumObject, { name, description, valuesConfig });
  return enumObject;
}

export const TaskStateEnum = enumOf(TASK_STATES, {
  name: "TaskState",
  description: "Where a task stands. SUCCESS, FAILURE, REVOKED and EXPIRED are final.",
  values: {
    PENDING: "Waits for other tasks: of its flow, or of its schedule.",
    SCHEDULED: "Will be queued at `runAt`.",
    QUEUED: "Waits for a worker.",
    STARTED: "A worker runs it.",
    RETRY: "Failed or given back; queued again at `runAt`.",
    SUCCESS: "Done; `result` holds what it gave back.",
    FAILURE: "Attempts used up, a fatal error, or its worker died too often.",
    REVOKED: "Cancelled.",
    EXPIRED: "Not started before `expiresAt`.",
  },
});

export const PriorityEnum = enumOf(PRIORITIES, {
  name: "Priority",
  description: "Higher priorities are delivered first, and no priority waits for ever.",
  values: {
    LOW: "After everything else.",
    NORMAL: "What tasks have unless someone says otherwise.",
    HIGH: "Before NORMAL and LOW.",
    CRITICAL: "Before everything else.",
  },
});

export const LogLevelEnum = enumOf(TASK_LOG_LEVELS, {
  name: "LogLevel",
  description: "How important a line of a log is; each level is more important than those before it.",
  values: {
    TRACE: "Each step, for a close look.",
    DEBUG: "For those who look for a mistake.",
    INFO: "What happens as it should.",
    WARN: "Something is odd, and the task goes on.",
    ERROR: "Something failed.",
    FATAL: "Nothing more can be done.",
  },
});

export const BackoffEnum = enumOf(BACKOFFS, {
  name: "Backoff",
  description: "How the pauses between attempts grow.",
  values: {
    FIXED: "Always `initialDelay`.",
    LINEAR: "`initialDelay` times the number of failed attempts.",
    EXPONENTIAL: "`initialDelay`, doubled with each failed attempt.",
    CUSTOM: "As a function of the definition says, of the attempt and its error.",
  },
});

const TASK_ACTIONS = ["REVOKE", "TERMINATE", "RETRY", "RUN_NOW", "DELETE"] as const;
export type TaskAction = (typeof TASK_ACTIONS)[number];

export const TaskActionEnum = enumOf(TASK_ACTIONS, {
  name: "TaskAction",
  description: "Something that a person may do to a task.",
  values: {
    REVOKE: "End it before it starts: `revokeTasks`.",
    TERMINATE: "Stop it while it runs: `revokeTasks` with `terminate`.",
    RETRY: "Run it again as a new task: `retryTasks`.",
    RUN_NOW: "Queue it without waiting for `runAt`: `runTasksNow`.",
    DELETE: "Take it and all that is kept of it away: `deleteTasks`.",
  },
});

export const ErrorCodeEnum = enumOf(REFUSAL_CODES, {
  name: "ErrorCode",
  description: "Why a request was refused. Codes are stable.",
  values: {
    INVALID_INPUT: "A value breaks a rule; the message names it.",
    NOT_FOUND: "What the request is about does not exist.",
    ALREADY_EXISTS: "The name is taken.",
    CONFLICT: "The idempotency key was used with other input, or someone else was faster.",
    NOT_REGISTERED: "No task definition has this name.",
    ILLEGAL_STATE: "Not possible in the present state.",
    QUEUE_FULL: "The queue takes no more tasks now.",
    RATE_LIMITED: "Too many requests; wait and try again.",
    FORBIDDEN: "You may not do this.",
    NO_WORKER_REPLIED: "No worker answered in time.",
    UNSUPPORTED: "This installation cannot do it.",
  },
});

export const WorkerStatusEnum = enumOf(WORKER_STATUSES, {
  name: "WorkerStatus",
  description: "What a worker is doing, as far as is known.",
  values: {
    ONLINE: "Takes tasks.",
    DRAINING: "Finishes what it runs and then leaves.",
    PAUSED: "Alive, takes no tasks.",
    LOST: "Silent for too long; its tasks were taken back.",
    OFFLINE: "Said goodbye.",
  },
});

export const PoolKindEnum = enumOf(["ASYNC", "THREADS", "PROCESSES"], {
  name: "PoolKind",
  description: "How several tasks run at once.",
  values: {
    ASYNC: "As promises in one thread.",
    THREADS:
      "Each attempt in a thread of its own, which the worker can end unless it crashes the whole process.",
    PROCESSES: "Each attempt in a child process, which the worker can end whatever the code does.",
  },
});

/** What the API calls each pool. */
export const POOL_KINDS = {
  async: "ASYNC",
  threads: "THREADS",
  processes: "PROCESSES",
} as const satisfies Readonly<Record<Pool, keyof typeof PoolKindEnum>>;

export const TaskOrderFieldEnum = enumOf(TASK_ORDER_FIELDS, {
  name: "TaskOrderField",
  description: "What tasks are ordered by. Tasks without the value are left out.",
  values: {
    CREATED_AT: "When it was enqueued.",
    FINISHED_AT: "When it ended.",
    RUN_TIME: "How long it ran.",
    WAIT_TIME: "How long it waited for a worker.",
  },
});

export const StatsWindowEnum = enumOf(STATS_WINDOWS, {
  name: "StatsWindow",
  description: "How far statistics look back. Points are steps apart; a window begins with a whole step.",
  values: {
    LAST_5_MINUTES: "In steps of a minute.",
    LAST_HOUR: "In steps of a minute.",
    LAST_6_HOURS: "In steps of 5 minutes.",
    LAST_DAY: "24 hours in steps of 15 minutes.",
    LAST_WEEK: "7 days in steps of an hour.",
    LAST_MONTH: "30 days in steps of 6 hours.",
  },
});

export const OrderDirectionEnum = enumOf(["ASC", "DESC"], {
  name: "OrderDirection",
  description: "Which way a list is ordered.",
  values: { ASC: "Smallest or oldest first.", DESC: "Largest or newest first." },
});

export const TaskEventTypeEnum = enumOf(TASK_EVENT_TYPES, {
  name: "TaskEventType",
  description: "What happened to a task.",
  values: {
    ENQUEUED: "It was accepted and stored.",
    QUEUED: "It became ready for a worker.",
    STARTED: "A worker began an attempt.",
    PROGRESS: "It told how far it is.",
    EMITTED: "It told something of its own: `emitted`.",
    RETRYING: "An attempt failed, another will follow.",
    SUCCEEDED: "It is done.",
    FAILED: "It failed for good.",
    REVOKED: "It was cancelled.",
    EXPIRED: "It was not started in time.",
    GIVEN_BACK: "Its worker left or died; it is queued again.",
  },
});

export const WorkerChangeEnum = enumOf(WORKER_CHANGES, {
  name: "WorkerChange",
  description: "What happened to a worker.",
  values: {
    ONLINE: "It takes tasks.",
    HEARTBEAT: "A sign of life with fresh numbers.",
    DRAINING: "It finishes what it runs and then leaves.",
    PAUSED: "It takes no tasks for now.",
    LOST: "It was silent for too long.",
    OFFLINE: "It said goodbye.",
  },
});

export const SolarEventEnum = enumOf(SOLAR_EVENTS, {
  name: "SolarEvent",
  description:
    "What the sun does once on most days. Dawn and dusk begin and end when it is so far below the horizon.",
  values: {
    DAWN_ASTRONOMICAL: "18 degrees below, rising: the end of the night.",
    DAWN_NAUTICAL: "12 degrees below, rising.",
    DAWN_CIVIL: "6 degrees below, rising.",
    SUNRISE: "Its upper edge appears.",
    SOLAR_NOON: "It stands highest.",
    SUNSET: "Its upper edge disappears.",
    DUSK_CIVIL: "6 degrees below, setting.",
    DUSK_NAUTICAL: "12 degrees below, setting.",
    DUSK_ASTRONOMICAL: "18 degrees below, setting: the begin of the night.",
  },
});

export const LanguageEnum = enumOf(LANGUAGES, {
  name: "Language",
  description: "What texts for people are written in.",
  values: { EN: "English.", ZH_CN: "Chinese, in simplified characters." },
});

export const OverlapPolicyEnum = enumOf(OVERLAP_POLICIES, {
  name: "OverlapPolicy",
  description: "What to do when a slot comes and a task of the schedule is unfinished.",
  values: {
    ALLOW: "Make another all the same.",
    SKIP: "Make none; the slot is noted as skipped.",
    QUEUE: "Make one that stays PENDING until those before it have ended; at most 100 unfinished.",
    CANCEL_PREVIOUS: "Revoke the unfinished ones, and ask running ones to stop.",
  },
});

export const MisfirePolicyEnum = enumOf(MISFIRE_POLICIES, {
  name: "MisfirePolicy",
  description:
    "What to do with slots that came while nothing looked: no beat ran, or the schedule was disabled.",
  values: {
    SKIP: "Nothing, where they are more than 10 seconds old.",
    FIRE_ONCE: "One task, for the last of them.",
    CATCH_UP: "A task for each: of the last 100, as far as they are of the last 7 days.",
  },
});

export const UniqueConflictEnum = enumOf(UNIQUE_CONFLICTS, {
  name: "UniqueConflict",
  description: "What becomes of a call whose unique key an unfinished task holds.",
  values: {
    RETURN: "That task is the answer, as it is.",
    REPLACE:
      "That task takes the input and options of this call while it waits; one that runs leaves its key to a new task.",
    REJECT: "The call is refused as a CONFLICT that names that task.",
  },
});

export const ResultBackendEnum = enumOf(
  RESULT_BACKENDS.map((backend) => backend.toUpperCase() as Uppercase<ResultBackend>),
  {
    name: "ResultBackend",
    description: "Where outputs are kept.",
    values: {
      DATABASE: "In the task's row.",
      REDIS: "In Redis; without Redis in the row.",
      NONE: "Nowhere.",
    },
  },
);

export const ScheduleSourceEnum = enumOf(SCHEDULE_SOURCES, {
  name: "ScheduleSource",
  description: "Where a schedule comes from.",
  values: {
    CODE: "The configuration, or a task definition: here it can only be enabled and disabled.",
    API: "Made while everything runs.",
  },
});

export const SkipReasonEnum = enumOf(SKIP_REASONS, {
  name: "SkipReason",
  description: "Why a slot gave no task.",
  values: {
    MISFIRED: "It came while nothing looked, and the misfire policy left it out.",
    OVERLAP: "A task of the schedule was unfinished, and the overlap policy left it out.",
    DUPLICATE: "A task with the same `uniqueKey` was unfinished, and was not to be replaced.",
  },
});

export const ScheduleChangeEnum = enumOf(SCHEDULE_CHANGES, {
  name: "ScheduleChange",
  description: "What happened to a schedule.",
  values: {
    CREATED: "It was made.",
    UPDATED: "It was changed or planned anew; also the first message of each that is known.",
    FIRED: "It gave tasks.",
    SKIPPED: "Slots of it gave no task.",
    DELETED: "It is gone; the message shows it as it was.",
  },
});
