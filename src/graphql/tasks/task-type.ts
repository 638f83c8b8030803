import { Field, Float, ID, Int, ObjectType } from "type-graphql";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import type { Priority } from "../../task/definition/priority.ts";
import { TASK_STATES, type TaskState } from "../../task/records/state.ts";
import { PriorityEnum } from "../enqueue/enqueue-input.ts";
import { enumOf } from "../enum-of.ts";
import { NodeType } from "../node.ts";
import { DateTimeScalar, DurationScalar, JsonObjectScalar, JsonScalar } from "../scalars.ts";
import { DefinitionType } from "../definitions/definition-type.ts";
import { ScheduleType } from "../schedules/schedule-type.ts";
import { QueueType } from "../queues/queue-type.ts";
import { WorkerType } from "../workers/worker-type.ts";

export const TaskStateEnum = enumOf(TASK_STATES, {
  name: "TaskState",
  description: "The state of a task. SUCCESS, FAILURE, REVOKED and EXPIRED are final.",
  values: {
    PENDING: "The task waits until earlier tasks of its schedule have ended.",
    SCHEDULED: "The task will be queued at `runAt`.",
    QUEUED: "The task waits for a worker.",
    STARTED: "A worker runs the task.",
    RETRY: "An attempt failed, or the task snoozed. The task will be queued again at `runAt`.",
    SUCCESS: "The task succeeded. `result` holds its output.",
    FAILURE:
      "The task failed for good: its attempts are used up, its error is fatal, or its worker died too often.",
    REVOKED: "The task was cancelled.",
    EXPIRED: "The task was not started before `expiresAt`.",
  },
});

const TASK_ACTIONS = ["REVOKE", "TERMINATE", "RETRY", "RUN_NOW", "DELETE"] as const;
export type TaskAction = (typeof TASK_ACTIONS)[number];

const TaskActionEnum = enumOf(TASK_ACTIONS, {
  name: "TaskAction",
  description: "An action of a viewer on a task.",
  values: {
    REVOKE: "Cancel the task before it starts: `revokeTasks`.",
    TERMINATE: "Stop the running task: `revokeTasks` with `terminate`.",
    RETRY: "Run the task again as a new task: `retryTasks`.",
    RUN_NOW: "Queue the task without waiting for `runAt`: `runTasksNow`.",
    DELETE: "Delete the task with all its data: `deleteTasks`.",
  },
});

@ObjectType("TaskProgress", {
  simpleResolvers: true,
  description: "Progress of a running task, as its code reported it.",
})
export class TaskProgressType {
  @Field(() => Float, { description: "Amount of work done, in the task's own unit." })
  readonly current!: number;
  @Field(() => Float, { nullable: true, description: "Total amount of work, in the same unit." })
  readonly total!: number | null;
  @Field(() => Float, { nullable: true, description: "Progress in percent, 0 to 100. Null without a total." })
  readonly percent!: number | null;
  @Field(() => String, { nullable: true, description: "A message for people." })
  readonly message!: string | null;
  @Field(() => DateTimeScalar, { description: "Time of the report." })
  readonly updatedAt!: Date;
}

@ObjectType("TaskErrorCause", { simpleResolvers: true, description: "A cause of an error." })
export class TaskErrorCauseType {
  @Field(() => String, { description: "Class of the error, such as `TypeError`." })
  readonly type!: string;
  @Field(() => String, { description: "The error's message." })
  readonly message!: string;
}

@ObjectType("DeclaredError", {
  simpleResolvers: true,
  description: "An error that the definition declares in `errors`.",
})
class DeclaredErrorType {
  @Field(() => String, { description: "Name of the error in the definition." })
  readonly name!: string;
  @Field(() => JsonScalar, { nullable: true, description: "Data of the error." })
  readonly data!: Json;
}

@ObjectType("TaskError", { simpleResolvers: true, description: "The error of a failed attempt." })
export class TaskErrorType {
  @Field(() => String, { description: "Class of the error, such as `TypeError`." })
  readonly type!: string;
  @Field(() => String, { description: "The error's message." })
  readonly message!: string;
  @Field(() => String, { nullable: true, description: "The stack trace, including those of the causes." })
  readonly stack!: string | null;
  @Field(() => [TaskErrorCauseType], { description: "The causes of the error, nearest first. At most four." })
  readonly causes!: readonly TaskErrorCauseType[];
  @Field(() => DeclaredErrorType, {
    nullable: true,
    description:
      "The declared error of the definition, as JSON. Null for any other error. `Failed.detail` has the data with types.",
  })
  readonly declared!: DeclaredErrorType | null;
  @Field(() => Boolean, { description: "Whether another attempt could have succeeded." })
  readonly retryable!: boolean;
  @Field(() => String, { description: "Fingerprint of the error, equal for equal errors." })
  readonly fingerprint!: string;
}

@ObjectType("TaskAttempt", { simpleResolvers: true, description: "One execution of a task by a worker." })
export class TaskAttemptType {
  @Field(() => Int, { description: "Number of the attempt, from 1." })
  readonly number!: number;
  @Field(() => String, { nullable: true, description: "Name of the worker." })
  readonly workerName!: string | null;
  @Field(() => DateTimeScalar, { description: "Time at which the attempt started." })
  readonly startedAt!: Date;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time at which the attempt ended. Null while it runs.",
  })
  readonly finishedAt!: Date | null;
  @Field(() => TaskStateEnum, {
    description: "STARTED while the attempt runs, then the state to which it led.",
  })
  readonly state!: TaskState;
  @Field(() => TaskErrorType, { nullable: true, description: "The error of a failed attempt." })
  readonly error!: TaskErrorType | null;
}

@ObjectType("Task", {
  implements: NodeType,
  simpleResolvers: true,
  description: "A request to run a task definition once with an input.",
})
export class TaskType {
  @Field(() => ID, { description: "UUIDv7 of the task. Later tasks have greater IDs." })
  readonly id!: string;
  @Field(() => String, { description: "Name of the task definition." })
  readonly name!: string;
  @Field(() => DefinitionType, {
    nullable: true,
    description: "The task definition. Null if this server does not know it.",
  })
  readonly definition!: DefinitionType | null;
  @Field(() => TaskStateEnum, { description: "The task's state." })
  readonly state!: TaskState;
  @Field(() => String, { description: "Name of the task's queue." })
  readonly queueName!: string;
  @Field(() => QueueType, { description: "The task's queue." })
  readonly queue!: QueueType;
  @Field(() => PriorityEnum, { description: "The task's priority within its queue." })
  readonly priority!: Priority;
  @Field(() => Int, {
    description: "Number of attempts so far. Requeued, rescued and snoozed attempts do not count.",
  })
  readonly attempt!: number;
  @Field(() => Int, { description: "Maximum number of attempts." })
  readonly maxAttempts!: number;
  @Field(() => Int, { description: "Number of times that a worker died while it ran the task." })
  readonly crashCount!: number;
  @Field(() => JsonScalar, {
    nullable: true,
    description: "The task's input. Sensitive values are shown as `[redacted]`.",
  })
  readonly args!: Json;
  @Field(() => JsonScalar, {
    nullable: true,
    description: "The task's output. Null before SUCCESS, and if the output is not stored.",
  })
  readonly result!: Json;
  @Field(() => Boolean, {
    description:
      "Whether the output was stored in Redis and is no longer there. If so, `result` is null whatever the output was.",
  })
  readonly resultGone!: boolean;
  @Field(() => TaskErrorType, {
    nullable: true,
    description:
      "The error that made the task fail or be retried. Null in other states. `attempts` has earlier errors.",
  })
  readonly error!: TaskErrorType | null;
  @Field(() => TaskProgressType, {
    nullable: true,
    description: "The latest progress that the task reported. Null if it reported none.",
  })
  readonly progress!: TaskProgressType | null;
  @Field(() => String, { nullable: true, description: "Name of the worker that runs or last ran the task." })
  readonly workerName!: string | null;
  @Field(() => WorkerType, {
    nullable: true,
    description: "The worker that runs or last ran the task. Null if its row was deleted.",
  })
  readonly worker!: WorkerType | null;
  @Field(() => JsonObjectScalar, { nullable: true, description: "The JSON object that the caller attached." })
  readonly meta!: JsonObject | null;
  @Field(() => [String], { description: "Labels by which the task can be found." })
  readonly tags!: readonly string[];
  @Field(() => String, { nullable: true, description: "Key that no other unfinished task has." })
  readonly uniqueKey!: string | null;
  @Field(() => String, { nullable: true, description: "Key that no other task has." })
  readonly idempotencyKey!: string | null;
  @Field(() => DateTimeScalar, { description: "Time at which the task was enqueued." })
  readonly createdAt!: Date;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time at which the task last became ready for a worker.",
  })
  readonly queuedAt!: Date | null;
  @Field(() => DateTimeScalar, { nullable: true, description: "Time at which the latest attempt started." })
  readonly startedAt!: Date | null;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time at which the task reached a final state.",
  })
  readonly finishedAt!: Date | null;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time at which a SCHEDULED or RETRY task is due.",
  })
  readonly runAt!: Date | null;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time at which the task expires if it has not started.",
  })
  readonly expiresAt!: Date | null;
  @Field(() => String, {
    nullable: true,
    description: "The caller who cancelled the task or asked it to stop. Null if unknown.",
  })
  readonly revokedBy!: string | null;
  @Field(() => String, {
    nullable: true,
    description: "The reason for the cancellation, as the caller gave it.",
  })
  readonly revokeReason!: string | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Time from `queuedAt` to `startedAt`. Null before the start.",
  })
  readonly waitTime!: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Duration of the last attempt. Null before the end, and if the task ended without running.",
  })
  readonly runTime!: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Maximum duration of an attempt. Null if only the worker's own limit, if any, applies.",
  })
  readonly timeLimit!: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Duration after which an attempt is asked to stop. Null as for `timeLimit`.",
  })
  readonly softTimeLimit!: number | null;
  @Field(() => [TaskAttemptType], { description: "All attempts so far, oldest first." })
  readonly attempts!: readonly TaskAttemptType[];
  @Field(() => TaskType, { nullable: true, description: "The task that enqueued this one." })
  readonly parent!: TaskType | null;
  @Field(() => TaskType, { nullable: true, description: "The task that this one repeats." })
  readonly retryOf!: TaskType | null;
  @Field(() => ScheduleType, {
    nullable: true,
    description: "The schedule that created the task. Null for other tasks, and if the schedule was deleted.",
  })
  readonly schedule!: ScheduleType | null;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description:
      "The slot of the schedule for which the task was created. Null for a run that a caller requested.",
  })
  readonly slot!: Date | null;
  @Field(() => String, { nullable: true, description: "The caller who enqueued the task." })
  readonly createdBy!: string | null;
  @Field(() => [TaskActionEnum], { description: "Actions that the viewer may take now." })
  readonly viewerActions!: readonly TaskAction[];
}
