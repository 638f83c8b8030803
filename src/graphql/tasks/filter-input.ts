import { Field, ID, InputType } from "type-graphql";
import type { JsonObject } from "../../lib/json.ts";
import type { TaskOrder } from "../../store/reading/task-reader.ts";
import type { TaskState } from "../../task/records/state.ts";
import { DateTimeScalar, DurationScalar, JsonObjectScalar } from "../scalars.ts";
import { OrderDirectionEnum, TaskOrderFieldEnum, TaskStateEnum } from "../enums.ts";

@InputType("TimeRange", { description: "A span on the calendar; an open end asks nothing." })
export class TimeRangeInput {
  @Field(() => DateTimeScalar, { nullable: true, description: "The first moment that belongs to it." })
  readonly from?: Date | null;
  @Field(() => DateTimeScalar, { nullable: true, description: "The first moment after it." })
  readonly to?: Date | null;
}

@InputType("DurationRange", {
  description: "From a shortest to a longest span, both included; an open end asks nothing.",
})
export class DurationRangeInput {
  @Field(() => DurationScalar, { nullable: true, description: "No shorter than this." })
  readonly min?: number | null;
  @Field(() => DurationScalar, { nullable: true, description: "No longer than this." })
  readonly max?: number | null;
}

@InputType("TaskFilter", {
  description:
    "All conditions hold together; the values of one list are alternatives. Lists hold 1 to 1,000 values. An absent condition asks nothing.",
})
export class TaskFilterInput {
  @Field(() => [ID], { nullable: true, description: "Tasks with these ids." })
  readonly ids?: readonly string[] | null;
  @Field(() => [TaskStateEnum], { nullable: true, description: "Tasks in these states." })
  readonly states?: readonly TaskState[] | null;
  @Field(() => [String], { nullable: true, description: "Tasks of these definitions." })
  readonly names?: readonly string[] | null;
  @Field(() => [String], { nullable: true, description: "Tasks in these queues." })
  readonly queues?: readonly string[] | null;
  @Field(() => [String], { nullable: true, description: "Tasks that workers of these names hold or held." })
  readonly workers?: readonly string[] | null;
  @Field(() => [String], { nullable: true, description: "Tasks with any of these tags." })
  readonly tags?: readonly string[] | null;
  @Field(() => TimeRangeInput, { nullable: true, description: "When they were enqueued." })
  readonly createdAt?: TimeRangeInput | null;
  @Field(() => TimeRangeInput, { nullable: true, description: "When they reached a final state." })
  readonly finishedAt?: TimeRangeInput | null;
  @Field(() => DurationRangeInput, { nullable: true, description: "How long their last attempt ran." })
  readonly runTime?: DurationRangeInput | null;
  @Field(() => String, { nullable: true, description: "Tasks whose error has this fingerprint." })
  readonly fingerprint?: string | null;
  @Field(() => String, { nullable: true, description: "The task with this unique key." })
  readonly uniqueKey?: string | null;
  @Field(() => ID, { nullable: true, description: "Tasks of this schedule." })
  readonly scheduleId?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      "Free text over id, name, and the first 65,536 characters of args, result and error, of up to 200 characters; upper and lower case are equal. It looks for 2 seconds: see `searchedUntil`.",
  })
  readonly search?: string | null;
  @Field(() => JsonObjectScalar, { nullable: true, description: "`args` contains this JSON." })
  readonly argsContain?: JsonObject | null;
}

@InputType("TaskOrder", { description: "How tasks are ordered." })
export class TaskOrderInput {
  @Field(() => TaskOrderFieldEnum, { defaultValue: "CREATED_AT", description: "What they are ordered by." })
  readonly field!: TaskOrder["field"];
  @Field(() => OrderDirectionEnum, { defaultValue: "DESC", description: "Which way." })
  readonly direction!: TaskOrder["direction"];
}

@InputType("TaskSelection", { description: "Ids, or a filter that is not empty." })
export class TaskSelectionInput {
  @Field(() => [ID], { nullable: true, description: "Tasks with these ids, 1 to 1,000 of them." })
  readonly ids?: readonly string[] | null;
  @Field(() => TaskFilterInput, { nullable: true, description: "All tasks that the filter lets through." })
  readonly filter?: TaskFilterInput | null;
}
