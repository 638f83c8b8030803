import { Field, ID, InputType } from "type-graphql";
import type { JsonObject } from "../../lib/json/json.ts";
import { TASK_ORDER_FIELDS, type TaskOrder } from "../../store/reading/task-reader.ts";
import { enumOf } from "../enum-of.ts";
import { TaskStateEnum } from "./task-type.ts";
import type { TaskState } from "../../task/records/state.ts";
import { DateTimeScalar, DurationScalar, JsonObjectScalar } from "../scalars.ts";

@InputType("TimeRange", { description: "A range of time. A missing bound means unlimited." })
export class TimeRangeInput {
  @Field(() => DateTimeScalar, { nullable: true, description: "Start of the range, inclusive." })
  readonly from?: Date | null;
  @Field(() => DateTimeScalar, { nullable: true, description: "End of the range, exclusive." })
  readonly to?: Date | null;
}

@InputType("DurationRange", {
  description: "A range of durations, both bounds inclusive. A missing bound means unlimited.",
})
export class DurationRangeInput {
  @Field(() => DurationScalar, { nullable: true, description: "Minimum duration." })
  readonly min?: number | null;
  @Field(() => DurationScalar, { nullable: true, description: "Maximum duration." })
  readonly max?: number | null;
}

@InputType("TaskFilter", {
  description:
    "Conditions that a task must meet. All given conditions apply. The values of one array are alternatives. Arrays hold 1 to 1,000 values.",
})
export class TaskFilterInput {
  @Field(() => [ID], { nullable: true, description: "Selects tasks with these IDs." })
  readonly ids?: readonly string[] | null;
  @Field(() => [TaskStateEnum], { nullable: true, description: "Selects tasks in these states." })
  readonly states?: readonly TaskState[] | null;
  @Field(() => [String], { nullable: true, description: "Selects tasks of these definitions." })
  readonly names?: readonly string[] | null;
  @Field(() => [String], { nullable: true, description: "Selects tasks in these queues." })
  readonly queues?: readonly string[] | null;
  @Field(() => [String], {
    nullable: true,
    description: "Selects tasks that workers of these names run or ran.",
  })
  readonly workers?: readonly string[] | null;
  @Field(() => [String], { nullable: true, description: "Selects tasks with any of these tags." })
  readonly tags?: readonly string[] | null;
  @Field(() => TimeRangeInput, {
    nullable: true,
    description: "Selects tasks that were enqueued in this range.",
  })
  readonly createdAt?: TimeRangeInput | null;
  @Field(() => TimeRangeInput, {
    nullable: true,
    description: "Selects tasks that reached a final state in this range.",
  })
  readonly finishedAt?: TimeRangeInput | null;
  @Field(() => DurationRangeInput, {
    nullable: true,
    description: "Selects tasks by the duration of their last attempt.",
  })
  readonly runTime?: DurationRangeInput | null;
  @Field(() => String, { nullable: true, description: "Selects tasks whose error has this fingerprint." })
  readonly fingerprint?: string | null;
  @Field(() => String, { nullable: true, description: "Selects tasks with this unique key." })
  readonly uniqueKey?: string | null;
  @Field(() => ID, { nullable: true, description: "Selects tasks of this schedule." })
  readonly scheduleId?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      "Selects tasks that contain this string of up to 200 characters in their ID, name, or the first 65,536 characters of args, result and error. Case does not matter. The search stops after 2 seconds: see `searchedUntil`.",
  })
  readonly search?: string | null;
  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "Selects tasks whose `args` contain this JSON.",
  })
  readonly argsContain?: JsonObject | null;
}

const TaskOrderFieldEnum = enumOf(TASK_ORDER_FIELDS, {
  name: "TaskOrderField",
  description: "A value to order tasks by. Tasks without the value are left out.",
  values: {
    CREATED_AT: "Time at which the task was enqueued.",
    FINISHED_AT: "Time at which the task reached a final state.",
    RUN_TIME: "Duration of the last attempt.",
    WAIT_TIME: "Time that the task waited for a worker.",
  },
});

const OrderDirectionEnum = enumOf(["ASC", "DESC"], {
  name: "OrderDirection",
  description: "The direction of an order.",
  values: { ASC: "Smallest or oldest first.", DESC: "Largest or newest first." },
});

@InputType("TaskOrder", { description: "An order of tasks." })
export class TaskOrderInput {
  @Field(() => TaskOrderFieldEnum, { defaultValue: "CREATED_AT", description: "The value to order by." })
  readonly field!: TaskOrder["field"];
  @Field(() => OrderDirectionEnum, { defaultValue: "DESC", description: "The direction of the order." })
  readonly direction!: TaskOrder["direction"];
}

@InputType("TaskSelection", {
  description: "A selection of tasks: IDs, or a filter with at least one condition.",
})
export class TaskSelectionInput {
  @Field(() => [ID], { nullable: true, description: "IDs of the tasks: 1 to 1,000." })
  readonly ids?: readonly string[] | null;
  @Field(() => TaskFilterInput, { nullable: true, description: "A filter. All matching tasks are selected." })
  readonly filter?: TaskFilterInput | null;
}
