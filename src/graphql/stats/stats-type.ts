import { Field, Float, Int, ObjectType } from "type-graphql";
import type { StateCounts } from "../../task/records/stats.ts";
import { DateTimeScalar, DurationScalar } from "../scalars.ts";
import { TaskType } from "../tasks/task-type.ts";

@ObjectType("StateCounts", {
  simpleResolvers: true,
  description:
    "Tasks by their state: unfinished ones as they are now, others as far as they ended in the time in question. Counted up to 2,147,483,647.",
})
export class StateCountsType implements StateCounts {
  @Field(() => Int, { description: "Wait for other tasks now." })
  readonly pending!: number;
  @Field(() => Int, { description: "Wait for their time now." })
  readonly scheduled!: number;
  @Field(() => Int, { description: "Wait for a worker now." })
  readonly queued!: number;
  @Field(() => Int, { description: "Run now." })
  readonly started!: number;
  @Field(() => Int, { description: "Wait for another attempt now." })
  readonly retry!: number;
  @Field(() => Int, { description: "Succeeded in that time." })
  readonly success!: number;
  @Field(() => Int, { description: "Failed for good in that time." })
  readonly failure!: number;
  @Field(() => Int, { description: "Were cancelled in that time." })
  readonly revoked!: number;
  @Field(() => Int, { description: "Were not started in time, in that time." })
  readonly expired!: number;
}

@ObjectType("Point", { simpleResolvers: true, description: "A value of a chart." })
export class PointType {
  @Field(() => DateTimeScalar, {
    description: "Begin of the step that it stands for; it ends at the next point.",
  })
  readonly at!: Date;
  @Field(() => Float, { description: "How many tasks, in that step." })
  readonly value!: number;
}

@ObjectType("TaskStats", {
  simpleResolvers: true,
  description:
    "What ended in a window, up to now. Times are read from histograms: at most 10 %, or 1 ms, off. Null where nothing ran.",
})
export class TaskStatsType {
  @Field(() => DateTimeScalar, {
    description: "From when on: as long ago as the window says, or a step earlier.",
  })
  readonly since!: Date;
  @Field(() => StateCountsType, {
    description: "Unfinished tasks as they are now; others as far as they ended in the window.",
  })
  readonly counts!: StateCountsType;
  @Field(() => Int, {
    description: "Attempts that failed and were followed by another. Counted up to 2,147,483,647.",
  })
  readonly retried!: number;
  @Field(() => Float, {
    description: "FAILURE as a share of SUCCESS and FAILURE, 0 to 1; 0 where there was neither.",
  })
  readonly failureRate!: number;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Half of the last attempts of tasks that succeeded or failed took no longer.",
  })
  readonly runTimeP50!: number | null;
  @Field(() => DurationScalar, { nullable: true, description: "95 % of them took no longer." })
  readonly runTimeP95!: number | null;
  @Field(() => DurationScalar, { nullable: true, description: "99 % of them took no longer." })
  readonly runTimeP99!: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "95 % of them were started so soon after they had become QUEUED.",
  })
  readonly waitTimeP95!: number | null;
  @Field(() => [PointType], {
    description: "Tasks that succeeded, step by step. The last step is under way.",
  })
  readonly succeeded!: readonly PointType[];
  @Field(() => [PointType], {
    description: "Tasks that failed for good, step by step. The last step is under way.",
  })
  readonly failed!: readonly PointType[];
}

@ObjectType("Overview", { simpleResolvers: true, description: "How things stand." })
export class OverviewType {
  @Field(() => DateTimeScalar, { description: "When it was read." })
  readonly at!: Date;
  @Field(() => StateCountsType, {
    description: "Unfinished tasks as they are now; others as far as they ended in the last hour.",
  })
  readonly counts!: StateCountsType;
  @Field(() => Int, { description: "Workers that are alive: ONLINE, DRAINING or PAUSED." })
  readonly workersOnline!: number;
  @Field(() => Int, { description: "Workers that are LOST, until they are forgotten a day later." })
  readonly workersLost!: number;
}

@ObjectType("FailureGroup", {
  simpleResolvers: true,
  description: "Tasks of one name that failed for the same reason.",
})
export class FailureGroupType {
  @Field(() => String, {
    description: "Equal for equal failures; `filter: {fingerprint: …}` finds their tasks.",
  })
  readonly fingerprint!: string;
  @Field(() => String, { description: "Class of the error, such as `TypeError`." })
  readonly type!: string;
  @Field(() => String, { description: "That of the newest task, cut after 500 characters." })
  readonly message!: string;
  @Field(() => String, { description: "Name of the tasks' definition." })
  readonly name!: string;
  @Field(() => Int, { description: "How many tasks, in the window. Counted up to 2,147,483,647." })
  readonly count!: number;
  @Field(() => DateTimeScalar, { description: "When the first of them failed, in the window." })
  readonly firstSeenAt!: Date;
  @Field(() => DateTimeScalar, { description: "When the newest of them failed." })
  readonly lastSeenAt!: Date;
  @Field(() => TaskType, { nullable: true, description: "The newest of them; null once it is deleted." })
  readonly sample!: TaskType | null;
}
