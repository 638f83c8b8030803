import { Field, Int, ObjectType } from "type-graphql";
import { UserErrorType } from "../enqueue/payload-types.ts";
import { ScheduleType } from "./schedule-type.ts";

const ERRORS = "Why nothing was done; empty when all went well.";

@ObjectType("SchedulePayload", { simpleResolvers: true, description: "What was done to a schedule." })
export class SchedulePayloadType {
  @Field(() => ScheduleType, {
    nullable: true,
    description: "The schedule afterwards; null when it was refused.",
  })
  readonly schedule!: ScheduleType | null;
  @Field(() => [UserErrorType], { description: ERRORS })
  readonly errors!: readonly UserErrorType[];
}

@ObjectType("SchedulesPayload", { simpleResolvers: true, description: "What was done to some schedules." })
export class SchedulesPayloadType {
  @Field(() => [ScheduleType], { description: "The schedules afterwards, in the order of their ids." })
  readonly schedules!: readonly ScheduleType[];
  @Field(() => [UserErrorType], { description: ERRORS })
  readonly errors!: readonly UserErrorType[];
}

@ObjectType("DeletePayload", { simpleResolvers: true, description: "What was deleted." })
export class DeletePayloadType {
  @Field(() => Int, { description: "How many there were." })
  readonly deletedCount!: number;
  @Field(() => Int, { description: "What was selected and is still there, or never was." })
  readonly skippedCount!: number;
  @Field(() => [UserErrorType], { description: ERRORS })
  readonly errors!: readonly UserErrorType[];
}
