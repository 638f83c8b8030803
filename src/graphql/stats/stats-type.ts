import { Field, Float, Int, ObjectType } from "type-graphql";
import { type StateCounts, STATS_WINDOWS } from "../../task/records/stats.ts";
import { enumOf } from "../enum-of.ts";
import { DateTimeScalar, DurationScalar } from "../scalars.ts";
import { TaskType } from "../tasks/task-type.ts";

export const StatsWindowEnum = enumOf(STATS_WINDOWS, {
  name: "StatsWindow",
  description: "A period up to now, divided into steps. It starts with a whole step.",
  values: {
    LAST_5_MINUTES: "5 minutes in steps of a minute.",
    LAST_HOUR: "An hour in steps of a minute.",
    LAST_6_HOURS: "6 hours in steps of 5 minutes.",
    LAST_DAY: "24 hours in steps of 15 minutes.",
    LAST_WEEK: "7 days in steps of an hour.",
    LAST_MONTH: "30 days in steps of 6 hours.",
  },
});

@ObjectType("StateCounts", {
  simpleResolvers: true,
  description:
    "Number of tasks in each state. Unfinished tasks are counted as they are now, finished tasks if they ended in the period. Counts stop at 2,147,483,647.",
})
export class StateCountsType implements StateCounts {
  @Field(() => Int, { description: "Tasks that wait for other tasks now." })
  readonly pending!: number;
  @Field(() => Int, { description: "Tasks that wait for their start time now." })
  readonly scheduled!: number;
  @Field(() => Int, { description: "Tasks that wait for a worker now." })
  readonly queued!: number;
  @Field(() => Int, { description: "Tasks that run now." })
  readonly started!: number;
  @Field(() => Int, { description: "Tasks that wait for another attempt now." })
  readonly retry!: number;
  @Field(() => Int, { description: "Tasks that succeeded in the period." })
  readonly success!: number;
  @Field(() => Int, { description: "Tasks that failed for good in the period." })
  readonly failure!: number;
  @Field(() => Int, { description: "Tasks that were cancelled in the period." })
  readonly revoked!: number;
  @Field(() => Int, { description: "Tasks that expired in the period." })
  readonly expired!: number;
}

@ObjectType("Point", { simpleResolvers: true, description: "A point of a chart." })
export class PointType {
  @Field(() => DateTimeScalar, {
    description: "Start of the step. The step ends at the next point.",
  })
  readonly at!: Date;
  @Field(() => Float, { description: "Number of tasks in the step." })
  readonly value!: number;
}

@ObjectType("TaskStats", {
  simpleResolvers: true,
  description:
    "Statistics of the tasks that ended in a window, up to now. Durations come from histograms: they are at most 10 % or 1 ms off, and null if nothing ran.",
})
export class TaskStatsType {
  @Field(() => DateTimeScalar, {
    description: "Start of the first step of the window.",
  })
  readonly since!: Date;
  @Field(() => StateCountsType, {
    description: "Number of tasks in each state. Finished tasks are counted if they ended in the window.",
  })
  readonly counts!: StateCountsType;
  @Field(() => Int, {
    description: "Number of failed attempts that were followed by another. The count stops at 2,147,483,647.",
  })
  readonly retried!: number;
  @Field(() => Float, {
    description: "Share of FAILURE among SUCCESS and FAILURE, 0 to 1. 0 if there were neither.",
  })
  readonly failureRate!: number;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Median duration of the last attempts of tasks that succeeded or failed.",
  })
  readonly runTimeP50!: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "95th percentile of the duration of the last attempts of tasks that succeeded or failed.",
  })
  readonly runTimeP95!: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "99th percentile of the duration of the last attempts of tasks that succeeded or failed.",
  })
  readonly runTimeP99!: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "95th percentile of the time from QUEUED to the start.",
  })
  readonly waitTimeP95!: number | null;
  @Field(() => [PointType], {
    description: "Number of tasks that succeeded in each step. The last step is incomplete.",
  })
  readonly succeeded!: readonly PointType[];
  @Field(() => [PointType], {
    description: "Number of tasks that failed for good in each step. The last step is incomplete.",
  })
  readonly failed!: readonly PointType[];
}

@ObjectType("Overview", { simpleResolvers: true, description: "An overview of all tasks and workers." })
export class OverviewType {
  @Field(() => DateTimeScalar, { description: "Time at which the overview was read." })
  readonly at!: Date;
  @Field(() => StateCountsType, {
    description: "Number of tasks in each state. Finished tasks are counted if they ended in the last hour.",
  })
  readonly counts!: StateCountsType;
  @Field(() => Int, { description: "Number of live workers: ONLINE, DRAINING or PAUSED." })
  readonly workersOnline!: number;
  @Field(() => Int, { description: "Number of LOST workers. The janitor deletes them after a day." })
  readonly workersLost!: number;
}

@ObjectType("FailureGroup", {
  simpleResolvers: true,
  description: "FAILURE tasks of one definition that have equal errors.",
})
export class FailureGroupType {
  @Field(() => String, {
    description:
      "Fingerprint of the error, equal for equal errors. `filter: {fingerprint: …}` finds the tasks.",
  })
  readonly fingerprint!: string;
  @Field(() => String, { description: "Class of the error, such as `TypeError`." })
  readonly type!: string;
  @Field(() => String, { description: "Error message of the newest task, cut after 500 characters." })
  readonly message!: string;
  @Field(() => String, { description: "Name of the task definition." })
  readonly name!: string;
  @Field(() => Int, { description: "Number of tasks in the window. The count stops at 2,147,483,647." })
  readonly count!: number;
  @Field(() => DateTimeScalar, { description: "Time of the first failure in the window." })
  readonly firstSeenAt!: Date;
  @Field(() => DateTimeScalar, { description: "Time of the newest failure." })
  readonly lastSeenAt!: Date;
  @Field(() => TaskType, {
    nullable: true,
    description: "The newest task of the group. Null if it was deleted.",
  })
  readonly sample!: TaskType | null;
}
