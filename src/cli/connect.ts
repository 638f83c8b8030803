import { GraphqlClient } from "./client/graphql-client.ts";
import type { CommandContext } from "./context.ts";
import { EXIT } from "./failure.ts";
import { ConfigError } from "../errors.ts";
import type { LoadedConfig } from "../config/config.ts";

/** A client of the server that the settings name. Dispose it. @throws ConfigError */
export async function connect(context: CommandContext): Promise<GraphqlClient> {
  process.once("SIGINT", () => process.exit(EXIT.interrupted));
  return new GraphqlClient(serverAddress(await context.loadConfig("client", ["url", "token"])));
}

export interface ServerAddress {
  readonly url: string;
  readonly token: string | null;
}

/**
 * Where client commands send their requests, and the token that goes with them. A token is never sent to an address that only a `.env`
 * names, unless the token is from there too: the file is in whatever folder the command runs in, such as a repository of somebody else. A
 * configuration file is trusted: it is code, and runs.
 *
 * @throws ConfigError
 */
export function serverAddress({ config, sources }: LoadedConfig): ServerAddress {
  const { url, token } = config;
  if (token === null || sources.url !== ".env" || sources.token === ".env") return { url, token };
  throw new ConfigError([
    "url (LOVAGE_URL) is from the file .env of this folder and token (LOVAGE_TOKEN) is not: it is not sent to an address that is less " +
      "trusted than itself. Name the server with --url or in the environment, or put its token into the .env too.",
  ]);
}
