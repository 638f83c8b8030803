import { Field, Int, InterfaceType, ObjectType } from "type-graphql";
import { DateTimeScalar } from "../scalars.ts";

/** Returns the GraphQL type of a message. Messages are plain objects with a `__typename`. */
export const resolveType = (message: object): string =>
  (message as { readonly __typename: string }).__typename;

@InterfaceType("StreamMessage", {
  description: "A message of a subscription that can be continued. Every message has a cursor.",
  resolveType,
})
export abstract class StreamMessageType {
  @Field(() => String, {
    description: "Position of the message. Pass it as `after` to continue from here.",
  })
  readonly cursor!: string;
}

@ObjectType("StreamReset", {
  implements: StreamMessageType,
  simpleResolvers: true,
  description:
    "Events are missing because `after` is too old. Read the state again, then continue from this cursor.",
})
export class StreamResetType extends StreamMessageType {
  @Field(() => String, { description: "The reason why events are missing." })
  readonly reason!: string;
}

@ObjectType("StreamLag", {
  implements: StreamMessageType,
  simpleResolvers: true,
  description: "Events were merged or dropped because the consumer is slow.",
})
export class StreamLagType extends StreamMessageType {
  @Field(() => Int, { description: "Number of events that were not sent individually." })
  readonly skipped!: number;
}

@ObjectType("StreamHeartbeat", {
  implements: StreamMessageType,
  simpleResolvers: true,
  description: "A heartbeat, sent after 15 seconds without another message. It carries the newest cursor.",
})
export class StreamHeartbeatType extends StreamMessageType {
  @Field(() => DateTimeScalar, { description: "Time at which the message was sent." })
  readonly at!: Date;
}
