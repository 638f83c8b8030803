import { createUnionType, Field, ObjectType } from "type-graphql";
import type { ScheduleChange } from "../../task/schedule/schedule.ts";
import { DateTimeScalar } from "../scalars.ts";
import { ScheduleChangeEnum } from "../enums.ts";
import { ScheduleType } from "./schedule-type.ts";
import {
  CURSOR,
  resolveType,
  StreamHeartbeatType,
  StreamLagType,
  StreamResetType,
} from "../streams/stream-types.ts";

@ObjectType("ScheduleUpdate", { simpleResolvers: true, description: "News of a schedule." })
class ScheduleUpdateType {
  @Field(() => String, { description: CURSOR })
  readonly cursor!: string;
  @Field(() => DateTimeScalar, { description: "When it happened." })
  readonly at!: Date;
  @Field(() => ScheduleChangeEnum, { description: "What happened." })
  readonly change!: ScheduleChange;
  @Field(() => ScheduleType, { description: "The schedule right after it; a deleted one as it was." })
  readonly schedule!: ScheduleType;
}

export const ScheduleStream = createUnionType({
  name: "ScheduleStream",
  description: "What a subscription to schedules sends.",
  types: () => [ScheduleUpdateType, StreamLagType, StreamResetType, StreamHeartbeatType] as const,
  resolveType,
});
