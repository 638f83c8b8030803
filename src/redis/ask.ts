import { Redis } from "ioredis";

import { StartError } from "../errors.ts";
import { clientOptions, type Login } from "./client.ts";
import { isAccessDenied, isAftermath, plainError, replyCode } from "./errors.ts";
import { type RedisAddress, showAddress } from "./url.ts";

/** One question to any of several servers, and how to report that they cannot answer it. */
export interface Question<Answer> {
  readonly login: Login;
  readonly ask: (redis: Redis, label: string) => Promise<Answer>;
  /** Messages for the two failures that an operator has to mend. */
  readonly messages: {
    readonly accessDenied: (label: string, reason: string) => string;
    readonly otherKind: (label: string, reason: string) => string;
  };
}

/** How long a server may take to accept a connection, and to answer. */
const ANSWER_MS = 1_000;

/**
 * Asks one server after the other until one answers, each over its own short connection.
 *
 * @throws StartError when a server denies access (77) or is of another kind (78), since an operator
 * can mend that; otherwise the last failure
 */
export async function askAny<Answer>(
  addresses: readonly RedisAddress[],
  question: Question<Answer>,
): Promise<{ readonly answer: Answer; readonly address: RedisAddress }> {
  const failures: unknown[] = [];
  for (const address of addresses) {
    try {
      return { answer: await askOnce(address, question), address };
    } catch (error) {
      failures.push(explain(error, showAddress(address), question.messages));
    }
  }
  throw failures.find((failure) => failure instanceof StartError) ?? failures.at(-1);
}

async function askOnce<Answer>(address: RedisAddress, { login, ask }: Question<Answer>): Promise<Answer> {
  const redis = new Redis({
    ...clientOptions(login, async () => ({ ...address })),
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
    return await ask(redis, showAddress(address));
  } catch (error) {
    throw reason !== null && isAftermath(error as Error) ? reason : error;
  } finally {
    redis.disconnect();
  }
}

function explain(error: unknown, label: string, messages: Question<unknown>["messages"]): unknown {
  const cause = plainError(error);
  if (isAccessDenied(error))
    return new StartError(messages.accessDenied(label, cause.message), 77, { cause });
  if (replyCode(error) === "ERR")
    return new StartError(messages.otherKind(label, cause.message), 78, { cause });
  return error;
}
