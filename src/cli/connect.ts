import { GraphqlClient } from "../client/graphql-client.ts";
import type { CommandContext } from "./context.ts";
import { EXIT } from "./failure.ts";

/** A client of the server that the settings name. Dispose it. @throws ConfigError */
export async function connect(context: CommandContext): Promise<GraphqlClient> {
  process.once("SIGINT", () => process.exit(EXIT.interrupted));
  const { config } = await context.loadConfig("client", ["url", "token"]);
  return new GraphqlClient({ url: config.url, token: config.token });
}
