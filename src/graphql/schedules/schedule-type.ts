import { createUnionType, Field, Float, ID, Int, ObjectType } from "type-graphql";
import type { Json, JsonObject } from "../../lib/json.ts";
import type {
  MisfirePolicy,
  OverlapPolicy,
  ScheduleSource,
  SkipReason,
} from "../../task/schedule/schedule.ts";
import type { SolarEvent, Timing } from "../../task/timing/timing.ts";
import { DateTimeScalar, DurationScalar, JsonObjectScalar, JsonScalar, TimeZoneScalar } from "../scalars.ts";
import {
  MisfirePolicyEnum,
  OverlapPolicyEnum,
  ScheduleSourceEnum,
  SkipReasonEnum,
  SolarEventEnum,
} from "../enums.ts";
import { PageInfoType } from "../page-info-type.ts";

@ObjectType("IntervalTiming", { description: "Again and again, so far apart." })
export class IntervalTimingType {
  @Field(() => DurationScalar, { description: "How far apart." })
  readonly every!: number;
}

@ObjectType("CrontabTiming", { simpleResolvers: true, description: "By the calendar." })
class CrontabTimingType {
  @Field(() => String, { description: "Five fields, or six with seconds in front, or a nickname." })
  readonly expression!: string;
}

@ObjectType("ClockedTiming", { simpleResolvers: true, description: "Once." })
class ClockedTimingType {
  @Field(() => DateTimeScalar, { description: "When." })
  readonly at!: Date;
}

@ObjectType("SolarTiming", { simpleResolvers: true, description: "When the sun does something at a place." })
class SolarTimingType {
  @Field(() => SolarEventEnum, { description: "What it does." })
  readonly event!: SolarEvent;
  @Field(() => Float, { description: "Degrees, north is positive." })
  readonly latitude!: number;
  @Field(() => Float, { description: "Degrees, east is positive." })
  readonly longitude!: number;
}

const TIMING_TYPES = {
  interval: "IntervalTiming",
  crontab: "CrontabTiming",
  clocked: "ClockedTiming",
  solar: "SolarTiming",
} as const satisfies Record<Timing["kind"], string>;

const TimingUnion = createUnionType({
  name: "Timing",
  description: "When a schedule is due.",
  types: () => [IntervalTimingType, CrontabTimingType, ClockedTimingType, SolarTimingType] as const,
  resolveType: (timing: object) => TIMING_TYPES[(timing as Timing).kind],
});

@ObjectType("SkippedSlots", { simpleResolvers: true, description: "Slots in a row that gave no task." })
export class SkippedSlotsType {
  @Field(() => DateTimeScalar, { description: "The first of them." })
  readonly firstSlot!: Date;
  @Field(() => DateTimeScalar, { description: "The last of them." })
  readonly lastSlot!: Date;
  @Field(() => Int, { nullable: true, description: "How many; null where they were too many to count." })
  readonly count!: number | null;
  @Field(() => SkipReasonEnum, { description: "Why they gave none." })
  readonly reason!: SkipReason;
}

@ObjectType("Schedule", { simpleResolvers: true, description: "When a task definition is enqueued." })
export class ScheduleType {
  @Field(() => ID, { description: "UUID; it stays when the name changes." })
  readonly id!: string;
  @Field(() => String, { description: "Unique." })
  readonly name!: string;
  @Field(() => String, { nullable: true, description: "For people." })
  readonly description!: string | null;
  @Field(() => Boolean, { description: "Whether its slots give tasks." })
  readonly enabled!: boolean;
  @Field(() => String, { description: "Name of the task definition." })
  readonly taskName!: string;
  @Field(() => JsonScalar, {
    nullable: true,
    description: "Input of its tasks; texts may hold `{{slot}}`, `{{lastRunAt}}` and `{{name}}`.",
  })
  readonly args!: Json;
  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "Options of its tasks, as `EnqueueOptions`.",
  })
  readonly options!: JsonObject;
  @Field(() => TimingUnion, { description: "When it is due." })
  readonly timing!: Timing;
  @Field(() => String, { description: "The timing in plain words." })
  readonly summary!: string;
  @Field(() => TimeZoneScalar, { description: "Whose clocks a crontab goes by." })
  readonly timeZone!: string;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "No slot before; intervals are counted from here.",
  })
  readonly startAt!: Date | null;
  @Field(() => DateTimeScalar, { nullable: true, description: "No slot after." })
  readonly endAt!: Date | null;
  @Field(() => Int, { nullable: true, description: "It ends after so many tasks." })
  readonly maxRuns!: number | null;
  @Field(() => OverlapPolicyEnum, {
    description: "When a slot comes and a task of the schedule is unfinished.",
  })
  readonly overlap!: OverlapPolicy;
  @Field(() => MisfirePolicyEnum, { description: "What becomes of slots that came while nothing looked." })
  readonly misfire!: MisfirePolicy;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Each task comes up to so much later than its slot, by chance.",
  })
  readonly jitter!: number | null;
  @Field(() => DateTimeScalar, { nullable: true, description: "When a task was last made of it." })
  readonly lastRunAt!: Date | null;
  @Field(() => Int, { description: "Tasks that its slots gave so far." })
  readonly totalRunCount!: number;
  @Field(() => ScheduleSourceEnum, { description: "Where it comes from." })
  readonly source!: ScheduleSource;
  @Field(() => Int, {
    description: "Rises with every change; `updateSchedule` must name the one that was read.",
  })
  readonly version!: number;
  @Field(() => DateTimeScalar, { description: "When it was made." })
  readonly createdAt!: Date;
  @Field(() => DateTimeScalar, { description: "When what it is told to do was changed last." })
  readonly updatedAt!: Date;
  @Field(() => String, { nullable: true, description: "Who made it." })
  readonly createdBy!: string | null;
  @Field(() => String, {
    nullable: true,
    description: "Why it gives no tasks, or why its tasks do not run, though nobody disabled it.",
  })
  readonly problem!: string | null;
}

@ObjectType("ScheduleConnection", { simpleResolvers: true, description: "A page of schedules." })
export class ScheduleConnectionType {
  @Field(() => [ScheduleType], { description: "The schedules." })
  readonly nodes!: readonly ScheduleType[];
  @Field(() => PageInfoType, { description: "Where the page lies." })
  readonly pageInfo!: PageInfoType;
  @Field(() => Int, { description: "Schedules that the filter lets through." })
  readonly totalCount!: number;
}
