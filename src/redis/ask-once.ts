import { Redis, type RedisOptions } from "ioredis";

import { connectorTo } from "./connector.ts";
import { isAftermath } from "./errors.ts";
import type { RedisAddress, RedisTarget } from "./url.ts";

/** Whom to ask, and how to get in there. */
export interface Asked extends Pick<RedisTarget, "username" | "password" | "tls"> {
  readonly address: RedisAddress;
}

/** Who does not answer in so long is passed over for the next one. */
const ANSWER_MS = 1_000;

/** Settings of every connection: one shape of replies, also behind proxies that do not know HELLO; no word that ioredis adds by itself. */
export const PLAIN = {
  protocol: 2,
  disableClientInfo: true,
  lazyConnect: true,
  // ioredis' own check needs INFO, and complains on stderr where that is forbidden. A Redis that still loads says so by itself.
  enableReadyCheck: false,
} as const satisfies RedisOptions;

/** How to say who we are. To a password alone ioredis answers with a warning on stderr where none is needed; to a user it does not. */
export function credentials({
  username,
  password,
}: Pick<RedisTarget, "username" | "password">): RedisOptions {
  if (password === null) return username === null ? {} : { username };
  return { username: username ?? "default", password };
}

/** Connects, asks one thing, and leaves. @throws the reason, when there is no connection or no answer within about a second */
export async function askOnce<Answer>(
  asked: Asked,
  question: (redis: Redis) => Promise<Answer>,
): Promise<Answer> {
  const { address, tls } = asked;
  const redis = new Redis({
    ...PLAIN,
    ...credentials(asked),
    ...(tls ? { tls } : {}),
    Connector: connectorTo(async () => ({ ...address }), tls),
    connectTimeout: ANSWER_MS,
    commandTimeout: ANSWER_MS,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    replyMapping: "legacy",
  });
  let reason: Error | null = null;
  redis.on("error", (error: Error) => (reason ??= error));
  try {
    await redis.connect();
    return await question(redis);
  } catch (error) {
    throw reason !== null && isAftermath(error as Error) ? reason : error;
  } finally {
    redis.disconnect();
  }
}
