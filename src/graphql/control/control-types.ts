import { createUnionType, Field, ID, ObjectType } from "type-graphql";
import type { Json, JsonObject } from "../../lib/json.ts";
import type { ControlAction } from "../../task/records/control.ts";
import { DateTimeScalar, JsonObjectScalar, JsonScalar } from "../scalars.ts";
import { ControlActionEnum } from "./control-enums.ts";
import { PageInfoType } from "../page-info-type.ts";
import { UserErrorType } from "../enqueue/payload-types.ts";
import {
  CURSOR,
  resolveType,
  StreamHeartbeatType,
  StreamLagType,
  StreamResetType,
} from "../streams/stream-types.ts";

@ObjectType("WorkerReply", { simpleResolvers: true, description: "What one worker answered to a command." })
class WorkerReplyType {
  @Field(() => String, { description: "The worker's name; several may have the same." })
  readonly worker!: string;
  @Field(() => Boolean, { description: "Whether it could do as it was told." })
  readonly ok!: boolean;
  @Field(() => JsonScalar, {
    nullable: true,
    description:
      'What holds with it now: its status, size and queues, or the settings of the task definition; "pong" for a ping.',
  })
  readonly value!: Json;
  @Field(() => String, { nullable: true, description: "Why it could not." })
  readonly error!: string | null;
}

@ObjectType("WorkerCommandPayload", {
  simpleResolvers: true,
  description:
    "What became of a command. Once it is accepted it is stored, and those who are silent follow by their next heartbeat.",
})
export class WorkerCommandPayloadType {
  @Field(() => [WorkerReplyType], { description: "What workers answered, by name." })
  readonly replies!: readonly WorkerReplyType[];
  @Field(() => [String], { description: "Addressed, and silent within the timeout." })
  readonly silent!: readonly string[];
  @Field(() => [UserErrorType], { description: "Why nothing was done; empty when the command was accepted." })
  readonly errors!: readonly UserErrorType[];
}

@ObjectType("ControlChange", {
  simpleResolvers: true,
  description: "What a command changed of the workers of one name, or of one task definition.",
})
class ControlChangeType {
  @Field(() => String, { description: "Name of the workers or of the definition." })
  readonly target!: string;
  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "All that it was told before; what is not said was as configured. Null for a single order.",
  })
  readonly before!: JsonObject | null;
  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "All that it was told from then on; what was ordered, if anything had to be said of it.",
  })
  readonly after!: JsonObject | null;
}

@ObjectType("ControlEntry", {
  simpleResolvers: true,
  description: "One command to workers or to a task definition.",
})
export class ControlEntryType {
  @Field(() => ID, { description: "Rises with every command." })
  readonly id!: string;
  @Field(() => DateTimeScalar, { description: "When it was given." })
  readonly at!: Date;
  @Field(() => String, { nullable: true, description: "Who gave it; null where nobody has to say." })
  readonly actor!: string | null;
  @Field(() => ControlActionEnum, { description: "Which command it was." })
  readonly action!: ControlAction;
  @Field(() => [ControlChangeType], { description: "What it changed, by name." })
  readonly changes!: readonly ControlChangeType[];
}

@ObjectType("ControlLogConnection", { simpleResolvers: true, description: "A page of the log of commands." })
export class ControlLogConnectionType {
  @Field(() => [ControlEntryType], { description: "The commands, newest first." })
  readonly nodes!: readonly ControlEntryType[];
  @Field(() => PageInfoType, { description: "Where the page lies." })
  readonly pageInfo!: PageInfoType;
}

@ObjectType("ControlUpdate", { simpleResolvers: true, description: "A command was given, and is stored." })
class ControlUpdateType {
  @Field(() => String, { description: CURSOR })
  readonly cursor!: string;
  @Field(() => ControlEntryType, { description: "The command." })
  readonly entry!: ControlEntryType;
}

export const ControlStream = createUnionType({
  name: "ControlStream",
  description: "What a subscription to commands sends.",
  types: () => [ControlUpdateType, StreamLagType, StreamResetType, StreamHeartbeatType] as const,
  resolveType,
});
