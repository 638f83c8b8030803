import { Field, InputType } from "type-graphql";
import type { Json } from "../../lib/json/json.ts";
import { JsonScalar } from "../scalars.ts";
import { TaskSelectionInput } from "./filter-input.ts";

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
