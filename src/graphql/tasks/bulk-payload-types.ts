import { Field, Int, ObjectType } from "type-graphql";
import { ERRORS, UserErrorType } from "../user-error.ts";
import { TaskType } from "./task-type.ts";

@ObjectType("TasksPayload", {
  simpleResolvers: true,
  description: "The result of an action on several tasks.",
})
export class TasksPayloadType {
  @Field(() => Int, { description: "Number of tasks that were changed or created." })
  readonly affectedCount!: number;
  @Field(() => Int, {
    description: "Number of selected tasks that were refused or whose state does not allow the action.",
  })
  readonly skippedCount!: number;
  @Field(() => [TaskType], { description: "The first 200 affected tasks. For a retry, the new tasks." })
  readonly tasks!: readonly TaskType[];
  @Field(() => [UserErrorType], { description: ERRORS })
  readonly errors!: readonly UserErrorType[];
}

@ObjectType("DeletePayload", { simpleResolvers: true, description: "The result of a deletion." })
export class DeletePayloadType {
  @Field(() => Int, { description: "Number of deleted objects." })
  readonly deletedCount!: number;
  @Field(() => Int, { description: "Number of selected objects that were not deleted or did not exist." })
  readonly skippedCount!: number;
  @Field(() => [UserErrorType], { description: ERRORS })
  readonly errors!: readonly UserErrorType[];
}
