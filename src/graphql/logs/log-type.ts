import { createUnionType, Field, Int, ObjectType } from "type-graphql";
import type { JsonObject } from "../../lib/json.ts";
import type { TaskLogLevel } from "../../task/records/log-line.ts";
import { DateTimeScalar, JsonObjectScalar } from "../scalars.ts";
import { LogLevelEnum } from "../enums.ts";
import { PageInfoType } from "../page-info-type.ts";
import {
  CURSOR,
  resolveType,
  StreamHeartbeatType,
  StreamLagType,
  StreamResetType,
} from "../streams/stream-types.ts";

@ObjectType("LogLine", { simpleResolvers: true, description: "One line of a task's log." })
class LogLineType {
  @Field(() => String, { description: "Its place in the log of its task. Go on from here with `after`." })
  readonly cursor!: string;
  @Field(() => DateTimeScalar, { description: "When it was written, by the worker's clock." })
  readonly at!: Date;
  @Field(() => LogLevelEnum, { description: "How important it is." })
  readonly level!: TaskLogLevel;
  @Field(() => String, { description: "For people." })
  readonly message!: string;
  @Field(() => Int, { description: "The attempt that wrote it." })
  readonly attempt!: number;
  @Field(() => JsonObjectScalar, { nullable: true, description: "Facts that came with the message." })
  readonly fields!: JsonObject | null;
}

@ObjectType("LogConnection", { simpleResolvers: true, description: "A page of a task's log, oldest first." })
export class LogConnectionType {
  @Field(() => [LogLineType], { description: "The lines of the page." })
  readonly nodes!: readonly LogLineType[];
  @Field(() => PageInfoType, { description: "Where the page lies in the log." })
  readonly pageInfo!: PageInfoType;
}

@ObjectType("LogUpdate", { simpleResolvers: true, description: "Lines of a task's log, oldest first." })
class LogUpdateType {
  @Field(() => String, { description: CURSOR })
  readonly cursor!: string;
  @Field(() => [LogLineType], { description: "At least one." })
  readonly lines!: readonly LogLineType[];
}

export const LogStream = createUnionType({
  name: "LogStream",
  description: "What a subscription to a task's log sends.",
  types: () => [LogUpdateType, StreamLagType, StreamResetType, StreamHeartbeatType] as const,
  resolveType,
});
