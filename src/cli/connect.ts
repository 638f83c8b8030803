import { GraphqlClient } from "../client/graphql-client.ts";
import type { CommandContext } from "./context.ts";
import { EXIT } from "./failure.ts";
import { serverAddress } from "./server-address.ts";

/** A client of the server that the settings name. Dispose it. @throws ConfigError */
export async function connect(context: CommandContext): Promise<GraphqlClient> {
  process.once("SIGINT", () => process.exit(EXIT.interrupted));
  return new GraphqlClient(serverAddress(await context.loadConfig("client", ["url", "token"])));
}
