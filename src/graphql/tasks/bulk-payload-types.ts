import { Field, ID, Int, InterfaceType, ObjectType } from "type-graphql";
import { MutationPayloadType } from "../payload.ts";
import { TaskType } from "./task-type.ts";

@InterfaceType("TasksPayload", {
  implements: MutationPayloadType,
  description: "The result of an action on several tasks.",
})
export abstract class TasksPayloadType extends MutationPayloadType {
  @Field(() => Int, { description: "Number of tasks that were changed or created." })
  readonly affectedCount!: number;
  @Field(() => Int, {
    description: "Number of selected objects that were refused or whose state does not allow the action.",
  })
  readonly skippedCount!: number;
  @Field(() => [TaskType], {
    description: "The first 200 affected tasks. For a retry and for a run of schedules, the new tasks.",
  })
  readonly tasks!: readonly TaskType[];
}

@ObjectType("DeleteTasksPayload", {
  implements: MutationPayloadType,
  simpleResolvers: true,
  description: "The result of `deleteTasks`.",
})
export class DeleteTasksPayloadType extends MutationPayloadType {
  @Field(() => [ID], { description: "IDs of the first 1,000 deleted tasks." })
  readonly deletedIds!: readonly string[];
  @Field(() => Int, { description: "Number of deleted tasks." })
  readonly deletedCount!: number;
  @Field(() => Int, { description: "Number of selected tasks that were unfinished or did not exist." })
  readonly skippedCount!: number;
}
