import { Field, ID, InputType, Int, InterfaceType, ObjectType } from "type-graphql";
import type { Json } from "../../lib/json/json.ts";
import { MutationPayloadType } from "../payload.ts";
import { JsonScalar } from "../scalars.ts";
import { TaskSelectionInput } from "./filter-input.ts";
import { TaskType } from "./task-type.ts";

const SELECT = "The tasks to act on.";

@InputType("RevokeTasksInput", { description: "The tasks to revoke." })
export class RevokeTasksInput {
  @Field(() => TaskSelectionInput, { description: SELECT })
  readonly select!: TaskSelectionInput;
  @Field(() => Boolean, { defaultValue: false, description: "Whether to stop running tasks too." })
  readonly terminate!: boolean;
  @Field(() => String, {
    nullable: true,
    description:
      "The reason, of up to 500 characters. It is shown with the tasks and passed to the code of running ones.",
  })
  readonly reason?: string | null;
}

@InputType("DeleteTasksInput", { description: "The tasks to delete." })
export class DeleteTasksInput {
  @Field(() => TaskSelectionInput, { description: SELECT })
  readonly select!: TaskSelectionInput;
}

@InputType("RetryTasksInput", { description: "The tasks to run again." })
export class RetryTasksInput {
  @Field(() => TaskSelectionInput, { description: SELECT })
  readonly select!: TaskSelectionInput;
  @Field(() => JsonScalar, {
    nullable: true,
    description: "Input of the new tasks. Defaults to the input of each old task.",
  })
  readonly args?: Json;
  @Field(() => String, {
    nullable: true,
    description: "Queue of the new tasks. Defaults to the queue of each old task.",
  })
  readonly queue?: string | null;
}

@InputType("RunTasksNowInput", { description: "The tasks to queue." })
export class RunTasksNowInput {
  @Field(() => TaskSelectionInput, { description: SELECT })
  readonly select!: TaskSelectionInput;
}

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
