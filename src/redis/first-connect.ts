import type { Redis } from "ioredis";

import { StartError } from "../errors.ts";
import { isAccessDenied, isAftermath, plainError, replyCode } from "./errors.ts";
import type { RedisTarget } from "./url.ts";

export const FIRST_CONNECT_MS = 4_500;
const FIRST_CONNECT_ATTEMPTS = 5;

/**
 * Connects for the first time, with a few attempts, and checks that the server is of the URL's
 * kind.
 *
 * @throws StartError within 5 s, and closes the connection
 */
export function connectFirst(redis: Redis, target: RedisTarget): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let tries = 0;
  let lastError: Error | null = null;
  const fail = (): void => reject(startError(target, lastError, tries));
  const onError = (error: Error): void => {
    if (!isAftermath(error)) lastError = error;
    if (error instanceof StartError || isAccessDenied(error) || isMissingDatabase(error)) fail();
  };
  const onClose = (): void => {
    tries += 1;
    if (tries >= FIRST_CONNECT_ATTEMPTS) fail();
  };
  const onReady = (): void => void checkMode(redis, target).then(resolve, onError);
  const timer = setTimeout(fail, FIRST_CONNECT_MS);
  redis.on("error", onError).on("close", onClose).on("ready", onReady);
  redis.connect().catch(() => undefined); // The listeners above get the reason; its error has none.
  return promise
    .catch((error: unknown) => {
      redis.disconnect();
      throw error;
    })
    .finally(() => {
      clearTimeout(timer);
      redis.off("error", onError).off("close", onClose).off("ready", onReady);
    });
}

/** Returns the error for a Redis that could not be connected to. */
export function startError(target: RedisTarget, error: Error | null, tries: number): StartError {
  if (error instanceof StartError) return error;
  const cause = error ? plainError(error) : undefined;
  const options = cause ? { cause } : {};
  if (isAccessDenied(error)) {
    const advice = "Correct the user and password in REDIS_URL, or the user's rights.";
    return new StartError(
      `Redis at ${target.label} denied access (${cause?.message}). ${advice}`,
      77,
      options,
    );
  }
  if (error && isMissingDatabase(error)) {
    const advice = "Name another one in REDIS_URL, or raise Redis' setting databases.";
    return new StartError(`Redis at ${target.label} has no database ${target.db}. ${advice}`, 78, options);
  }
  const reason = reasonOf(cause);
  const advice = "Start Redis there, or correct REDIS_URL.";
  const count = Math.max(1, tries);
  return new StartError(
    `Cannot reach Redis at ${target.label} (${reason}), tried ${count} ${count === 1 ? "time" : "times"}. ${advice}`,
    69,
    options,
  );
}

const OTHER_MODES: Readonly<Record<string, string>> = {
  cluster: "is a node of a cluster. Begin REDIS_URL with redis+cluster:// (rediss+cluster:// for TLS).",
  sentinel:
    "is a sentinel. Write REDIS_URL as redis+sentinel://user:password@host:26379,host:26379/masterName, with the user and password of Redis.",
};

/**
 * Throws when the server is a node of a cluster, or a sentinel: both accept connections and refuse
 * most commands.
 */
async function checkMode(redis: Redis, { label }: RedisTarget): Promise<void> {
  const facts = await redis.info("server").catch((error: unknown) => {
    // A user without the right to INFO is connected nevertheless.
    if (["NOPERM", "ERR"].includes(replyCode(error) ?? "")) return "";
    throw error;
  });
  const mode = /^redis_mode:(\w+)/m.exec(facts)?.[1] ?? "";
  const otherMode = OTHER_MODES[mode];
  if (otherMode !== undefined) throw new StartError(`Redis at ${label} ${otherMode}`, 78);
}

function isMissingDatabase(error: Error): boolean {
  return /DB index is out of range|SELECT is not allowed/.test(error.message);
}

function reasonOf(cause: Error | undefined): string {
  if (!cause) return "no reply, or the connection was closed";
  if (/report this/.test(cause.message)) return "the server there is not a Redis";
  const { code } = cause as { readonly code?: unknown };
  return typeof code === "string" ? code : cause.message;
}
