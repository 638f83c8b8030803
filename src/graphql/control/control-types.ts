import { createUnionType, Field, ID, Int, ObjectType } from "type-graphql";
import type { JsonObject } from "../../lib/json/json.ts";
import { CONTROL_ACTIONS, type ControlAction } from "../../task/records/control.ts";
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

const ControlActionEnum = enumOf(CONTROL_ACTIONS, {
  name: "ControlAction",
  description: "The kind of a command to workers or to a task definition.",
  values: {
    RESIZE_WORKER_POOL: "The mutation `resizeWorkerPool`.",
    AUTOSCALE_WORKERS: "The mutation `autoscaleWorkers`.",
    SET_WORKER_QUEUES: "The mutation `setWorkerQueues`.",
    PAUSE_WORKERS: "The mutation `pauseWorkers`.",
    RESUME_WORKERS: "The mutation `resumeWorkers`.",
    SET_WORKER_LOG_LEVEL: "The mutation `setWorkerLogLevel`.",
    RESET_WORKER_SETTINGS: "The mutation `resetWorkerSettings`.",
    RESTART_WORKER_POOLS: "The mutation `restartWorkerPools`.",
    SHUTDOWN_WORKERS: "The mutation `shutdownWorkers`.",
    SET_TASK_RATE_LIMIT: "The mutation `setTaskRateLimit`.",
    SET_TASK_TIME_LIMIT: "The mutation `setTaskTimeLimit`.",
    PAUSE_TASK: "The mutation `pauseTask`.",
    RESUME_TASK: "The mutation `resumeTask`.",
  },
});

@ObjectType("ControlChange", {
  simpleResolvers: true,
  description: "The effect of a command on the workers of one name or on one task definition.",
})
class ControlChangeType {
  @Field(() => String, { description: "Name of the workers or of the task definition." })
  readonly target!: string;
  @Field(() => JsonObjectScalar, {
    nullable: true,
    description:
      "All runtime settings before the command. A missing setting had its configured value. Null for one-time commands.",
  })
  readonly before!: JsonObject | null;
  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "All runtime settings after the command. For one-time commands, the arguments, if any.",
  })
  readonly after!: JsonObject | null;
}

@ObjectType("ControlEntry", {
  simpleResolvers: true,
  description: "One command to workers or to a task definition.",
})
export class ControlEntryType {
  @Field(() => ID, { description: "ID of the entry. Later commands have greater IDs." })
  readonly id!: string;
  @Field(() => DateTimeScalar, { description: "Time of the command." })
  readonly at!: Date;
  @Field(() => String, {
    nullable: true,
    description: "The caller who gave the command. Null if callers are anonymous.",
  })
  readonly actor!: string | null;
  @Field(() => ControlActionEnum, { description: "The kind of command." })
  readonly action!: ControlAction;
  @Field(() => [ControlChangeType], { description: "The effects of the command, sorted by target." })
  readonly changes!: readonly ControlChangeType[];
}

@ObjectType("ControlLogEdge", { simpleResolvers: true, description: "A command and its cursor." })
class ControlLogEdgeType {
  @Field(() => String, { description: "Cursor for `after`." })
  readonly cursor!: string;
  @Field(() => ControlEntryType, { description: "The command." })
  readonly node!: ControlEntryType;
}

@ObjectType("ControlLogConnection", { simpleResolvers: true, description: "A page of the command log." })
export class ControlLogConnectionType {
  @Field(() => [ControlLogEdgeType], { description: "The commands with their cursors." })
  readonly edges!: readonly ControlLogEdgeType[];
  @Field(() => [ControlEntryType], { description: "The commands, newest first." })
  readonly nodes!: readonly ControlEntryType[];
  @Field(() => PageInfoType, { description: "The page's position in the list." })
  readonly pageInfo!: PageInfoType;
  @Field(() => Int, { description: "Number of commands in the log." })
  readonly totalCount!: number;
}

@ObjectType("ControlUpdate", {
  implements: StreamMessageType,
  simpleResolvers: true,
  description: "A command that was given and stored.",
})
class ControlUpdateType extends StreamMessageType {
  @Field(() => ControlEntryType, { description: "The command." })
  readonly entry!: ControlEntryType;
}

export const ControlStream = createUnionType({
  name: "ControlStream",
  description: "A message of the `controlEvents` subscription.",
  types: () => [ControlUpdateType, StreamLagType, StreamResetType, StreamHeartbeatType] as const,
  resolveType,
});
