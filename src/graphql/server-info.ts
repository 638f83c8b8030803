import { Ctx, Field, ObjectType, Query, Resolver } from "type-graphql";
import type { GraphqlContext } from "./context.ts";
import { DurationScalar, TimeZoneScalar } from "./scalars.ts";

@ObjectType("ServerInfo", { simpleResolvers: true, description: "The server that answers the request." })
class ServerInfoType {
  @Field(() => String, { description: "Version of Lovage." })
  readonly version!: string;
  @Field(() => String, { description: "The broker that delivers hints: `redis` or `memory`." })
  readonly broker!: string;
  @Field(() => String, { description: "The database that stores tasks: `postgresql` or `embedded`." })
  readonly database!: string;
  @Field(() => TimeZoneScalar, { description: "The server's time zone." })
  readonly timeZone!: string;
  @Field(() => DurationScalar, { description: "Time since the server started." })
  readonly uptime!: number;
}

@Resolver()
export class ServerResolver {
  @Query(() => ServerInfoType, { description: "Returns the server that answers the request." })
  server(@Ctx() { services }: GraphqlContext): ServerInfoType {
    const { startedAt, ...info } = services.info;
    return { ...info, uptime: services.clock.now().getTime() - startedAt.getTime() };
  }
}
