import { Field, ID, ObjectType } from "type-graphql";
import { MutationPayloadType } from "../payload.ts";
import { TaskType } from "../tasks/task-type.ts";

@ObjectType("EnqueueTaskPayload", {
  implements: MutationPayloadType,
  simpleResolvers: true,
  description: "The result of enqueueing one task.",
})
export class EnqueueTaskPayloadType extends MutationPayloadType {
  @Field(() => TaskType, {
    nullable: true,
    description: "The task, which is stored and will run. Null if the call was refused.",
  })
  readonly task!: TaskType | null;
  @Field(() => Boolean, {
    description:
      "Whether an existing task was returned instead of a new one. It may have received the new input.",
  })
  readonly deduplicated!: boolean;
}

@ObjectType("EnqueueTasksPayload", {
  implements: MutationPayloadType,
  simpleResolvers: true,
  description: "The result of enqueueing many tasks: all of them, or none.",
})
export class EnqueueTasksPayloadType extends MutationPayloadType {
  @Field(() => [ID], {
    description: "IDs of the tasks, in the order of the inputs. Empty if the call was refused.",
  })
  readonly ids!: readonly string[];
  @Field(() => [TaskType], { description: "The tasks, in the same order." })
  readonly tasks!: readonly TaskType[];
}

@ObjectType("BroadcastTaskPayload", {
  implements: MutationPayloadType,
  simpleResolvers: true,
  description: "The result of a broadcast: one task for each worker, or none.",
})
export class BroadcastTaskPayloadType extends MutationPayloadType {
  @Field(() => [String], {
    description: "Names of the workers, in the given order or else sorted. Empty if the call was refused.",
  })
  readonly workerNames!: readonly string[];
  @Field(() => [ID], { description: "IDs of the tasks, in the order of the workers." })
  readonly ids!: readonly string[];
  @Field(() => [TaskType], { description: "The tasks, in the same order." })
  readonly tasks!: readonly TaskType[];
}
