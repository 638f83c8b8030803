import { Field, Float, ID, Int, ObjectType } from "type-graphql";
import type { Json, JsonObject } from "../../lib/json.ts";
import type { Priority } from "../../task/definition/priority.ts";
import type { TaskState } from "../../task/records/state.ts";
import { DateTimeScalar, DurationScalar, JsonObjectScalar, JsonScalar } from "../scalars.ts";
import { DefinitionType } from "../definitions/definition-type.ts";
import { PriorityEnum, type TaskAction, TaskActionEnum, TaskStateEnum } from "../enums.ts";
import { ScheduleType } from "../schedules/schedule-type.ts";
import { WorkerType } from "../workers/worker-type.ts";

@ObjectType("TaskProgress", {
  simpleResolvers: true,
  description: "How far a running task is, as it told itself.",
})
export class TaskProgressType {
  @Field(() => Float, { description: "What is done, in the task's own unit." })
  readonly current!: number;
  @Field(() => Float, { nullable: true, description: "What there is to do, in the same unit." })
  readonly total!: number | null;
  @Field(() => Float, { nullable: true, description: "0 to 100; null without a total." })
  readonly percent!: number | null;
  @Field(() => String, { nullable: true, description: "A word from the task to people." })
  readonly message!: string | null;
  @Field(() => DateTimeScalar, { description: "When the task told it." })
  readonly updatedAt!: Date;
}

@ObjectType("TaskErrorCause", { simpleResolvers: true, description: "What led to an error." })
export class TaskErrorCauseType {
  @Field(() => String, { description: "Class of the error, such as `TypeError`." })
  readonly type!: string;
  @Field(() => String, { description: "For people." })
  readonly message!: string;
}

@ObjectType("TaskError", { simpleResolvers: true, description: "How an attempt failed." })
export class TaskErrorType {
  @Field(() => String, { description: "Class of the error, such as `TypeError`." })
  readonly type!: string;
  @Field(() => String, { description: "For people." })
  readonly message!: string;
  @Field(() => String, { nullable: true, description: "Where in the code it was thrown, with its causes." })
  readonly stack!: string | null;
  @Field(() => [TaskErrorCauseType], { description: "What led to it, the nearest first; at most four." })
  readonly causes!: readonly TaskErrorCauseType[];
  @Field(() => Boolean, { description: "Whether a further attempt could have helped." })
  readonly retryable!: boolean;
  @Field(() => String, { description: "Equal for equal failures." })
  readonly fingerprint!: string;
}

@ObjectType("TaskAttempt", { simpleResolvers: true, description: "One execution of a task." })
export class TaskAttemptType {
  @Field(() => Int, { description: "From 1." })
  readonly number!: number;
  @Field(() => String, { nullable: true, description: "Who ran it." })
  readonly workerName!: string | null;
  @Field(() => DateTimeScalar, { description: "When a worker began it." })
  readonly startedAt!: Date;
  @Field(() => DateTimeScalar, { nullable: true, description: "When it ended; null while it runs." })
  readonly finishedAt!: Date | null;
  @Field(() => TaskStateEnum, { description: "STARTED while it runs; then what the task became by it." })
  readonly state!: TaskState;
  @Field(() => TaskErrorType, { nullable: true, description: "Why it failed." })
  readonly error!: TaskErrorType | null;
}

@ObjectType("Task", { simpleResolvers: true, description: "One run of a task definition." })
export class TaskType {
  @Field(() => ID, { description: "UUIDv7: ids made later sort later." })
  readonly id!: string;
  @Field(() => String, { description: "Name of its task definition." })
  readonly name!: string;
  @Field(() => DefinitionType, {
    nullable: true,
    description: "Null when this server does not know the name.",
  })
  readonly definition!: DefinitionType | null;
  @Field(() => TaskStateEnum, { description: "Where it stands." })
  readonly state!: TaskState;
  @Field(() => String, { description: "Where it waits, or waited." })
  readonly queue!: string;
  @Field(() => PriorityEnum, { description: "Its place within the queue." })
  readonly priority!: Priority;
  @Field(() => Int, { description: "Attempts begun so far, without those that were given back." })
  readonly attempt!: number;
  @Field(() => Int, { description: "Attempts it may have in all." })
  readonly maxAttempts!: number;
  @Field(() => Int, { description: "How often a worker died while it ran this task." })
  readonly crashCount!: number;
  @Field(() => JsonScalar, {
    nullable: true,
    description: "The input; `[redacted]` stands for what its definition holds to be sensitive.",
  })
  readonly args!: Json;
  @Field(() => JsonScalar, {
    nullable: true,
    description: "What the task gave back; null until SUCCESS, and where it is not kept.",
  })
  readonly result!: Json;
  @Field(() => Boolean, {
    description:
      "Its result was kept in Redis, and is no longer there. `result` is null then, whatever it was.",
  })
  readonly resultGone!: boolean;
  @Field(() => TaskErrorType, {
    nullable: true,
    description:
      "Why it failed, or why it is tried again; null in other states. `attempts` has earlier ones.",
  })
  readonly error!: TaskErrorType | null;
  @Field(() => TaskProgressType, {
    nullable: true,
    description: "How far it is; null while it told nothing.",
  })
  readonly progress!: TaskProgressType | null;
  @Field(() => String, { nullable: true, description: "Name of the worker that holds or held it." })
  readonly workerName!: string | null;
  @Field(() => WorkerType, {
    nullable: true,
    description: "The worker that holds or held it; null once it is forgotten.",
  })
  readonly worker!: WorkerType | null;
  @Field(() => JsonObjectScalar, { nullable: true, description: "What the caller attached to it." })
  readonly meta!: JsonObject | null;
  @Field(() => [String], { description: "Labels to find it by." })
  readonly tags!: readonly string[];
  @Field(() => String, { nullable: true, description: "No other unfinished task has this key." })
  readonly uniqueKey!: string | null;
  @Field(() => String, { nullable: true, description: "No other task has this key." })
  readonly idempotencyKey!: string | null;
  @Field(() => DateTimeScalar, { description: "When it was enqueued." })
  readonly createdAt!: Date;
  @Field(() => DateTimeScalar, { nullable: true, description: "When it last became ready for a worker." })
  readonly queuedAt!: Date | null;
  @Field(() => DateTimeScalar, { nullable: true, description: "When its latest attempt began." })
  readonly startedAt!: Date | null;
  @Field(() => DateTimeScalar, { nullable: true, description: "When it reached a final state." })
  readonly finishedAt!: Date | null;
  @Field(() => DateTimeScalar, { nullable: true, description: "When a SCHEDULED or RETRY task is due." })
  readonly runAt!: Date | null;
  @Field(() => DateTimeScalar, { nullable: true, description: "When it expires if it has not started." })
  readonly expiresAt!: Date | null;
  @Field(() => String, {
    nullable: true,
    description: "Who cancelled it, or asked it to stop; null where that is not known.",
  })
  readonly revokedBy!: string | null;
  @Field(() => String, { nullable: true, description: "Why it was cancelled, in their words." })
  readonly revokeReason!: string | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "From `queuedAt` to `startedAt`; null before the start.",
  })
  readonly waitTime!: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "How long its last attempt ran; null before the end, and when it ended without running.",
  })
  readonly runTime!: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Longest run of one attempt; null for no limit but that of its worker, if it has one.",
  })
  readonly timeLimit!: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "After so long an attempt is asked to come to an end; null as for `timeLimit`.",
  })
  readonly softTimeLimit!: number | null;
  @Field(() => [TaskAttemptType], { description: "Every attempt so far, oldest first." })
  readonly attempts!: readonly TaskAttemptType[];
  @Field(() => TaskType, { nullable: true, description: "The task that enqueued it." })
  readonly parent!: TaskType | null;
  @Field(() => TaskType, { nullable: true, description: "The task that it repeats." })
  readonly retryOf!: TaskType | null;
  @Field(() => ScheduleType, {
    nullable: true,
    description: "The schedule that made it; null for any other task, and when the schedule is gone.",
  })
  readonly schedule!: ScheduleType | null;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "The slot of its schedule that it stands for; null for a run that somebody asked for.",
  })
  readonly slot!: Date | null;
  @Field(() => String, { nullable: true, description: "Who enqueued it." })
  readonly createdBy!: string | null;
  @Field(() => [TaskActionEnum], { description: "What this viewer may do now." })
  readonly viewerActions!: readonly TaskAction[];
}
