import { Field, ID, Int, ObjectType } from "type-graphql";
import type { RefusalCode } from "../../errors.ts";
import { ErrorCodeEnum } from "../enums.ts";
import { QueueType } from "../queues/queue-type.ts";
import { TaskType } from "../tasks/task-type.ts";

@ObjectType("UserError", {
  simpleResolvers: true,
  description: "A refusal that the caller can act on. `code` is stable; `message` is for people.",
})
export class UserErrorType {
  @Field(() => ErrorCodeEnum, { description: "What kind of refusal it is." })
  readonly code!: RefusalCode;
  @Field(() => String, { description: "What is wrong: where in the input, the rule and the value." })
  readonly message!: string;
  @Field(() => [String], {
    nullable: true,
    description: 'Where in the input, such as `["inputs","3","args","to"]`.',
  })
  readonly path!: readonly string[] | null;
  @Field(() => String, { nullable: true, description: "What to do next." })
  readonly hint!: string | null;
}

const ERRORS = "Why nothing was done; empty when all went well.";

@ObjectType("EnqueueTaskPayload", { simpleResolvers: true, description: "The answer to one enqueue." })
export class EnqueueTaskPayloadType {
  @Field(() => TaskType, {
    nullable: true,
    description: "The task; null when it was refused. It is stored: it will run.",
  })
  readonly task!: TaskType | null;
  @Field(() => Boolean, {
    description:
      "An equal task was there already, and is the one shown; it may have been given the new input.",
  })
  readonly deduplicated!: boolean;
  @Field(() => [UserErrorType], { description: ERRORS })
  readonly errors!: readonly UserErrorType[];
}

@ObjectType("EnqueueTasksPayload", {
  simpleResolvers: true,
  description: "The answer to many enqueues: all or none.",
})
export class EnqueueTasksPayloadType {
  @Field(() => [ID], { description: "In the order of the inputs; empty when anything was refused." })
  readonly ids!: readonly string[];
  @Field(() => [TaskType], { description: "The tasks, in the same order." })
  readonly tasks!: readonly TaskType[];
  @Field(() => [UserErrorType], { description: ERRORS })
  readonly errors!: readonly UserErrorType[];
}

@ObjectType("BroadcastPayload", {
  simpleResolvers: true,
  description: "The answer to a broadcast: a task for each worker, or none.",
})
export class BroadcastPayloadType {
  @Field(() => [String], {
    description: "Names of the workers: as they were given, else sorted. Empty when anything was refused.",
  })
  readonly workers!: readonly string[];
  @Field(() => [ID], { description: "Ids of their tasks, in the same order." })
  readonly ids!: readonly string[];
  @Field(() => [TaskType], { description: "Their tasks, in the same order." })
  readonly tasks!: readonly TaskType[];
  @Field(() => [UserErrorType], { description: ERRORS })
  readonly errors!: readonly UserErrorType[];
}

@ObjectType("TasksPayload", { simpleResolvers: true, description: "What a bulk action did." })
export class TasksPayloadType {
  @Field(() => Int, { description: "Tasks that it changed or made." })
  readonly affectedCount!: number;
  @Field(() => Int, {
    description: "Tasks that were selected, but in no state that the action fits, or refused.",
  })
  readonly skippedCount!: number;
  @Field(() => [TaskType], { description: "The first 200 of those affected; for a retry, the new tasks." })
  readonly tasks!: readonly TaskType[];
  @Field(() => [UserErrorType], { description: ERRORS })
  readonly errors!: readonly UserErrorType[];
}

@ObjectType("QueuePayload", { simpleResolvers: true, description: "What was done to a queue." })
export class QueuePayloadType {
  @Field(() => QueueType, {
    nullable: true,
    description: "The queue afterwards; null when the request was refused.",
  })
  readonly queue!: QueueType | null;
  @Field(() => Int, { nullable: true, description: "Tasks that a purge revoked; null for other actions." })
  readonly affectedCount!: number | null;
  @Field(() => [UserErrorType], { description: ERRORS })
  readonly errors!: readonly UserErrorType[];
}
