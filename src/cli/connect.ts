import { GraphqlClient } from "../client/graphql-client.ts";
import type { CommandContext } from "./context.ts";
import { EXIT } from "./failure.ts";
import { ConfigError } from "../errors.ts";
import type { LoadedConfig } from "../config/config.ts";

/** A subscription of a command gives up after about six seconds without a server. */
const CONNECT_ATTEMPTS = 6;

/**
 * A client of the configured server, to be disposed by the caller.
 *
 * @throws ConfigError
 */
export async function connect(context: CommandContext): Promise<GraphqlClient> {
  process.once("SIGINT", () => process.exit(EXIT.interrupted));
  const address = serverAddress(await context.loadConfig("client", ["url", "token"]));
  return new GraphqlClient({ ...address, connectAttempts: CONNECT_ATTEMPTS });
}

export interface ServerAddress {
  readonly url: string;
  readonly token: string | null;
}

/**
 * The server's URL and token for client commands. A token is never sent to a URL from `.env` unless
 * it is from there too: the command may run in a folder of somebody else. A configuration file is
 * trusted, since its code runs anyway.
 *
 * @throws ConfigError
 */
export function serverAddress({ config, sources }: LoadedConfig): ServerAddress {
  const { url, token } = config;
  if (token === null || sources.url !== ".env" || sources.token === ".env") return { url, token };
  throw new ConfigError([
    "url (LOVAGE_URL) comes from the file .env in this folder and token (LOVAGE_TOKEN) does not: a token is not sent to a less trusted " +
      "address. Set the server with --url or in the environment, or put its token into the .env too.",
  ]);
}
