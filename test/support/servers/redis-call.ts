import { Redis } from "ioredis";

/** Sends one command to a server of 127.0.0.1 and leaves. Rejects when there is no answer. */
export async function redisCall(
  port: number,
  { password = null }: { readonly password?: string | null },
  command: string,
  ...args: (string | number)[]
): Promise<unknown> {
  const redis = new Redis({
    port,
    host: "127.0.0.1",
    ...(password === null ? {} : { password }),
    lazyConnect: true,
    enableReadyCheck: false,
    disableClientInfo: true,
    protocol: 2,
    retryStrategy: () => null,
    commandTimeout: 2_000,
    replyMapping: "legacy",
  });
  redis.on("error", () => undefined);
  try {
    return await redis.call(command, ...args);
  } finally {
    redis.disconnect();
  }
}

/** Asks until the answer is yes; rejects after `timeoutMs`. Failures count as no. */
export async function waitUntil(
  what: string,
  isSo: () => Promise<boolean>,
  timeoutMs = 30_000,
): Promise<void> {
  const until = performance.now() + timeoutMs;
  let cause: unknown;
  const ask = (): Promise<boolean> =>
    isSo().catch((error: unknown) => {
      cause = error;
      return false;
    });
  while (!(await ask())) {
    if (performance.now() > until) {
      throw new Error(`It did not come true within ${timeoutMs} ms: ${what}.`, { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
