import { createUnionType, Field, Int, ObjectType } from "type-graphql";
import type { JsonObject } from "../../lib/json/json.ts";
import { TASK_LOG_LEVELS, type TaskLogLevel } from "../../task/records/log-line.ts";
import { enumOf } from "../enum-of.ts";
import { DateTimeScalar, JsonObjectScalar } from "../scalars.ts";
import { PageInfoType } from "../page.ts";
import {
  resolveType,
  StreamHeartbeatType,
  StreamLagType,
  StreamMessageType,
  StreamResetType,
} from "../streams/stream-types.ts";

export const LogLevelEnum = enumOf(TASK_LOG_LEVELS, {
  name: "LogLevel",
  description:
    "The level of a log line, from least to most important: TRACE, DEBUG, INFO, WARN, ERROR, FATAL.",
  values: {
    TRACE: "Every step, for a close look.",
    DEBUG: "Details that help to find a mistake.",
    INFO: "Normal operation.",
    WARN: "Something is odd, and the task continues.",
    ERROR: "Something failed.",
    FATAL: "The task cannot continue.",
  },
});

@ObjectType("LogLine", { simpleResolvers: true, description: "One line of a task's log." })
class LogLineType {
  @Field(() => String, {
    description: "The line's position in the task's log. Pass it as `after` to continue from here.",
  })
  readonly cursor!: string;
  @Field(() => DateTimeScalar, { description: "Time of writing, by the worker's clock." })
  readonly at!: Date;
  @Field(() => LogLevelEnum, { description: "The line's level." })
  readonly level!: TaskLogLevel;
  @Field(() => String, { description: "The message, for people." })
  readonly message!: string;
  @Field(() => Int, { description: "Number of the attempt that wrote the line." })
  readonly attempt!: number;
  @Field(() => JsonObjectScalar, { nullable: true, description: "Fields that were logged with the message." })
  readonly fields!: JsonObject | null;
}

@ObjectType("LogEdge", { simpleResolvers: true, description: "A log line and its cursor." })
class LogEdgeType {
  @Field(() => String, { description: "Cursor for `after`." })
  readonly cursor!: string;
  @Field(() => LogLineType, { description: "The line." })
  readonly node!: LogLineType;
}

@ObjectType("LogConnection", {
  simpleResolvers: true,
  description: "A page of a task's log, oldest line first.",
})
export class LogConnectionType {
  @Field(() => [LogEdgeType], { description: "The lines with their cursors." })
  readonly edges!: readonly LogEdgeType[];
  @Field(() => [LogLineType], { description: "The lines of the page." })
  readonly nodes!: readonly LogLineType[];
  @Field(() => PageInfoType, { description: "The page's position in the log." })
  readonly pageInfo!: PageInfoType;
}

@ObjectType("LogUpdate", {
  implements: StreamMessageType,
  simpleResolvers: true,
  description: "Lines of a task's log, oldest first.",
})
class LogUpdateType extends StreamMessageType {
  @Field(() => [LogLineType], { description: "The lines. At least one." })
  readonly lines!: readonly LogLineType[];
}

export const LogStream = createUnionType({
  name: "LogStream",
  description: "A message of the `taskLogs` subscription.",
  types: () => [LogUpdateType, StreamLagType, StreamResetType, StreamHeartbeatType] as const,
  resolveType,
});
