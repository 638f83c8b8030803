import { Ctx, Query, Resolver } from "type-graphql";
import type { GraphqlContext } from "./context.ts";
import { ServerInfoType } from "./server-type.ts";

@Resolver()
export class ServerResolver {
  @Query(() => ServerInfoType, { description: "The server that answers." })
  server(@Ctx() { services }: GraphqlContext): ServerInfoType {
    const { startedAt, ...info } = services.info;
    return { ...info, uptime: services.clock.now().getTime() - startedAt.getTime() };
  }
}
