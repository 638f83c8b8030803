import { Field, ObjectType } from "type-graphql";
import { DurationScalar, TimeZoneScalar } from "./scalars.ts";

@ObjectType("ServerInfo", { simpleResolvers: true, description: "The server that answers." })
export class ServerInfoType {
  @Field(() => String, { description: "Its version of Lovage." })
  readonly version!: string;
  @Field(() => String, { description: "What delivers hints: `redis`, or `memory`." })
  readonly broker!: string;
  @Field(() => String, { description: "What holds tasks: `postgresql`, or `embedded`." })
  readonly database!: string;
  @Field(() => TimeZoneScalar, { description: "The zone that it lives in." })
  readonly timeZone!: string;
  @Field(() => DurationScalar, { description: "Time since its start." })
  readonly uptime!: number;
}
