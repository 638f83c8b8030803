import { Field, Int, ObjectType } from "type-graphql";
import { DateTimeScalar } from "../scalars.ts";

export const CURSOR = "Position of the message. Pass it as `after` to continue from here.";

@ObjectType("StreamReset", {
  simpleResolvers: true,
  description:
    "Events are missing because `after` is too old. Read the state again, then continue from this cursor.",
})
export class StreamResetType {
  @Field(() => String, { description: CURSOR })
  readonly cursor!: string;
  @Field(() => String, { description: "The reason why events are missing." })
  readonly reason!: string;
}

@ObjectType("StreamLag", {
  simpleResolvers: true,
  description: "Events were merged or dropped because the consumer is slow.",
})
export class StreamLagType {
  @Field(() => String, { description: CURSOR })
  readonly cursor!: string;
  @Field(() => Int, { description: "Number of events that were not sent individually." })
  readonly skipped!: number;
}

@ObjectType("StreamHeartbeat", {
  simpleResolvers: true,
  description: "A sign of life, sent after 15 seconds without another message. It carries the newest cursor.",
})
export class StreamHeartbeatType {
  @Field(() => String, { description: CURSOR })
  readonly cursor!: string;
  @Field(() => DateTimeScalar, { description: "Time at which the message was sent." })
  readonly at!: Date;
}

/** Returns the GraphQL type of a message. Messages are plain objects with a `__typename`. */
export const resolveType = (message: object): string =>
  (message as { readonly __typename: string }).__typename;
