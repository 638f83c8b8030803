import { createUnionType, Field, ID, Int, InterfaceType, ObjectType } from "type-graphql";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import {
  MISFIRE_POLICIES,
  type MisfirePolicy,
  OVERLAP_POLICIES,
  type OverlapPolicy,
  SCHEDULE_EVENT_TYPES,
  SCHEDULE_SOURCES,
  type ScheduleEventType,
  type ScheduleSource,
  SKIP_REASONS,
} from "../../task/schedule/schedule.ts";
import type { Timing } from "../../task/timing/timing.ts";
import { enumOf } from "../enum-of.ts";
import { MERGED_DESCRIPTION } from "../streams/delivery-input.ts";
import { PageInfoType } from "../page.ts";
import { NodeType } from "../node.ts";
import { DateTimeScalar, DurationScalar, JsonObjectScalar, JsonScalar, TimeZoneScalar } from "../scalars.ts";
import {
  resolveType,
  StreamHeartbeatType,
  StreamLagType,
  StreamMessageType,
  StreamResetType,
} from "../streams/stream-types.ts";
import { MutationPayloadType } from "../payload.ts";
import { TimingUnion } from "./timing-type.ts";

export const OverlapPolicyEnum = enumOf(OVERLAP_POLICIES, {
  name: "OverlapPolicy",
  description: "Handling of a slot that comes while a task of the schedule is unfinished.",
  values: {
    ALLOW: "Another task is created.",
    SKIP: "No task is created, and the slot is noted as skipped.",
    QUEUE:
      "A task is created that stays PENDING until those before it have ended. At most 100 tasks may be unfinished.",
    CANCEL_PREVIOUS: "The unfinished tasks are revoked, and running ones are asked to stop.",
  },
});

export const MisfirePolicyEnum = enumOf(MISFIRE_POLICIES, {
  name: "MisfirePolicy",
  description: "Handling of missed slots: no scheduler ran, or the schedule was disabled.",
  values: {
    SKIP: "Missed slots create no task if they are more than 10 seconds old.",
    FIRE_ONCE: "The last missed slot creates a task.",
    CATCH_UP: "Each missed slot creates a task: at most the last 100, of the last 7 days.",
  },
});

export const ScheduleSourceEnum = enumOf(SCHEDULE_SOURCES, {
  name: "ScheduleSource",
  description: "The source of a schedule.",
  values: {
    CODE: "The configuration or a task definition. The API can only enable and disable such a schedule.",
    API: "The API, while the app runs.",
  },
});

export const SkipReasonEnum = enumOf(SKIP_REASONS, {
  name: "SkipReason",
  description: "The reason why a slot created no task.",
  values: {
    MISFIRED: "The slot was missed, and the misfire policy skipped it.",
    OVERLAP: "A task of the schedule was unfinished, and the overlap policy skipped the slot.",
    DUPLICATE: "A task with the same `uniqueKey` was unfinished and could not be replaced.",
  },
});

const ScheduleEventTypeEnum = enumOf(SCHEDULE_EVENT_TYPES, {
  name: "ScheduleEventType",
  description: "The kind of a schedule's event.",
  values: {
    CREATED: "The schedule was created.",
    UPDATED: "The schedule or its next slot changed. Also the first message for each known schedule.",
    FIRED: "The schedule created tasks.",
    SKIPPED: "Slots of the schedule created no task.",
    DELETED: "The schedule was deleted. The message shows its last state.",
  },
});

@ObjectType("Schedule", {
  implements: NodeType,
  simpleResolvers: true,
  description:
    "A schedule, which enqueues tasks of one definition by its timing. Each time at which it is due is a slot.",
})
export class ScheduleType {
  @Field(() => ID, { description: "UUID of the schedule. It stays the same if the name changes." })
  readonly id!: string;
  @Field(() => String, { description: "Unique name." })
  readonly name!: string;
  @Field(() => String, { nullable: true, description: "A description for people." })
  readonly description!: string | null;
  @Field(() => Boolean, { description: "Whether the schedule creates tasks." })
  readonly enabled!: boolean;
  @Field(() => String, { description: "Name of the task definition." })
  readonly taskName!: string;
  @Field(() => JsonScalar, {
    nullable: true,
    description: "Input of the tasks. Strings may contain `{{slot}}`, `{{lastRunAt}}` and `{{name}}`.",
  })
  readonly args!: Json;
  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "Options of the tasks, in the form of `EnqueueOptions`.",
  })
  readonly options!: JsonObject;
  @Field(() => TimingUnion, { description: "The timing." })
  readonly timing!: Timing;
  @Field(() => String, { description: "The timing in plain words." })
  readonly summary!: string;
  @Field(() => TimeZoneScalar, { description: "Time zone of a crontab." })
  readonly timeZone!: string;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Start of the schedule: no slot is earlier, and intervals are counted from here.",
  })
  readonly startAt!: Date | null;
  @Field(() => DateTimeScalar, { nullable: true, description: "End of the schedule: no slot is later." })
  readonly endAt!: Date | null;
  @Field(() => Int, {
    nullable: true,
    description: "Maximum number of tasks, after which the schedule ends.",
  })
  readonly maxRuns!: number | null;
  @Field(() => OverlapPolicyEnum, {
    description: "Handling of a slot that comes while a task of the schedule is unfinished.",
  })
  readonly overlap!: OverlapPolicy;
  @Field(() => MisfirePolicyEnum, { description: "Handling of missed slots." })
  readonly misfire!: MisfirePolicy;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Maximum random delay of each task after its slot.",
  })
  readonly jitter!: number | null;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time at which the schedule last created a task.",
  })
  readonly lastRunAt!: Date | null;
  @Field(() => Int, { description: "Number of tasks that slots have created so far." })
  readonly totalRunCount!: number;
  @Field(() => ScheduleSourceEnum, { description: "The source of the schedule." })
  readonly source!: ScheduleSource;
  @Field(() => Int, {
    description:
      "Version number, which rises with every change. `updateSchedule` must name the version that was read.",
  })
  readonly version!: number;
  @Field(() => DateTimeScalar, { description: "Time at which the schedule was created." })
  readonly createdAt!: Date;
  @Field(() => DateTimeScalar, { description: "Time of the last change to the schedule's settings." })
  readonly updatedAt!: Date;
  @Field(() => String, { nullable: true, description: "The caller who created the schedule." })
  readonly createdBy!: string | null;
  @Field(() => String, {
    nullable: true,
    description: "The reason why an enabled schedule creates no tasks, or why its tasks do not run.",
  })
  readonly problem!: string | null;
}

@ObjectType("ScheduleEdge", { simpleResolvers: true, description: "A schedule and its cursor." })
class ScheduleEdgeType {
  @Field(() => String, { description: "Cursor for `after`." })
  readonly cursor!: string;
  @Field(() => ScheduleType, { description: "The schedule." })
  readonly node!: ScheduleType;
}

@ObjectType("ScheduleConnection", { simpleResolvers: true, description: "A page of schedules." })
export class ScheduleConnectionType {
  @Field(() => [ScheduleEdgeType], { description: "The schedules with their cursors." })
  readonly edges!: readonly ScheduleEdgeType[];
  @Field(() => [ScheduleType], { description: "The schedules." })
  readonly nodes!: readonly ScheduleType[];
  @Field(() => PageInfoType, { description: "The page's position in the list." })
  readonly pageInfo!: PageInfoType;
  @Field(() => Int, { description: "Number of schedules that match the filter." })
  readonly totalCount!: number;
}

@InterfaceType("SchedulePayload", {
  implements: MutationPayloadType,
  description: "The result of an action on a schedule.",
})
export abstract class SchedulePayloadType extends MutationPayloadType {
  @Field(() => ScheduleType, {
    nullable: true,
    description: "The schedule after the action. Null if the request was refused.",
  })
  readonly schedule!: ScheduleType | null;
}

@ObjectType("SetSchedulesEnabledPayload", {
  implements: MutationPayloadType,
  simpleResolvers: true,
  description: "The result of `setSchedulesEnabled`.",
})
export class SetSchedulesEnabledPayloadType extends MutationPayloadType {
  @Field(() => [ScheduleType], { description: "The schedules after the action, in the selected order." })
  readonly schedules!: readonly ScheduleType[];
}

@ObjectType("DeleteSchedulesPayload", {
  implements: MutationPayloadType,
  simpleResolvers: true,
  description: "The result of `deleteSchedules`.",
})
export class DeleteSchedulesPayloadType extends MutationPayloadType {
  @Field(() => [ID], { description: "IDs of the deleted schedules." })
  readonly deletedIds!: readonly string[];
  @Field(() => Int, { description: "Number of deleted schedules." })
  readonly deletedCount!: number;
  @Field(() => Int, { description: "Number of selected schedules that did not exist." })
  readonly skippedCount!: number;
}

@ObjectType("ScheduleUpdate", {
  implements: StreamMessageType,
  simpleResolvers: true,
  description: "An event of a schedule.",
})
class ScheduleUpdateType extends StreamMessageType {
  @Field(() => DateTimeScalar, { description: "Time of the event." })
  readonly at!: Date;
  @Field(() => ScheduleEventTypeEnum, { description: "The kind of event." })
  readonly type!: ScheduleEventType;
  @Field(() => ScheduleType, {
    description: "The schedule after the event. For a deletion, the schedule before it.",
  })
  readonly schedule!: ScheduleType;
  @Field(() => Int, { description: MERGED_DESCRIPTION })
  readonly merged!: number;
}

export const ScheduleStream = createUnionType({
  name: "ScheduleStream",
  description: "A message of the `schedules` subscription.",
  types: () => [ScheduleUpdateType, StreamLagType, StreamResetType, StreamHeartbeatType] as const,
  resolveType,
});
