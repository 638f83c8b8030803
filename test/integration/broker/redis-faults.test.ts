import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { RedisBroker } from "../../../src/broker/redis/broker.ts";
import { UnavailableError } from "../../../src/errors.ts";
import { silentLogger, type Logger, type LogFields } from "../../../src/lib/log/log.ts";
import { RedisConnections } from "../../../src/redis/connections.ts";
import { newId } from "../../../src/lib/uuid.ts";
import { fetchAll, hint } from "../../contract/broker.ts";
import { startRedis, type RedisServer } from "../../support/servers/redis-server.ts";

const NEVER = new AbortController().signal;
const BLOCK_MS = 500;
const STREAM = "{app:mail}:p1";

let server: RedisServer;
/** A second pair of hands in the same Redis. */
let redis: Redis;
const open: (() => Promise<void>)[] = [];

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url, { retryStrategy: () => 50 });
  redis.on("error", () => undefined);
});
afterAll(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => redis.flushall());
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function openBroker(log: Logger = silentLogger): Promise<RedisBroker> {
  const connections = new RedisConnections({ url: server.url, log });
  const broker = new RedisBroker({ connections, prefix: "app", log, blockMs: BLOCK_MS });
  open.push(async () => {
    await broker.close();
    await connections.close();
  });
  await broker.connect();
  return broker;
}

/** Closes all other connections to Redis. */
function killClients(): Promise<unknown> {
  return redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
}

function recordingLog(): { log: Logger; records: { message: string; fields: LogFields | undefined }[] } {
  const records: { message: string; fields: LogFields | undefined }[] = [];
  const write = (message: string, fields?: LogFields): void => void records.push({ message, fields });
  const log: Logger = { ...silentLogger, warn: write, error: write, child: () => log };
  return { log, records };
}

/** Resolves once so many clients wait in a blocking read. */
async function blocked(clients: number): Promise<void> {
  await vi.waitFor(async () => expect(await redis.info("clients")).toContain(`blocked_clients:${clients}\r`));
}

describe("a Redis that is flushed", () => {
  test("while a consumer waits: a hint that is sent then arrives in the same fetch", async () => {
    const broker = await openBroker();
    const consumer = broker.consumer({ consumer: "me" });
    for (let round = 0; round < 3; round += 1) {
      const fetched = consumer.fetch(["mail"], 10, NEVER);
      await blocked(1);
      await redis.flushall();
      await blocked(1);
      const sent = hint("mail");
      await broker.send([sent]);
      expect(await fetched).toMatchObject([sent]);
    }
  });

  test("with hints that were delivered: answers to them do no harm, new hints arrive", async () => {
    const broker = await openBroker();
    const consumer = broker.consumer({ consumer: "me" });
    await broker.send([hint("mail"), hint("mail")]);
    const [acked, handedBack] = await consumer.fetch(["mail"], 2, NEVER);
    await redis.flushall();
    expect(await broker.epoch()).toBeNull();
    const sent = hint("mail");
    await broker.send([sent]);
    acked!.ack();
    handedBack!.retry(0);
    expect(await fetchAll(consumer, ["mail"], 1)).toMatchObject([sent]);
    await vi.waitFor(async () => expect(await broker.depth("mail")).toBe(0));
  });
});

describe("entries that are not hints", () => {
  test("are moved aside, a bounded number of them, and do not keep the hints behind them", async () => {
    const { log, records } = recordingLog();
    const broker = await openBroker(log);
    const garbage = redis.pipeline();
    for (let count = 0; count < 1_200; count += 1) garbage.xadd(STREAM, "*", "t", `no id ${count}`);
    garbage.xadd(STREAM, "*", "x", "y");
    garbage.xadd(STREAM, "*", "t", newId(), "b", "-1");
    garbage.xadd(STREAM, "*", ...Array.from({ length: 10_000 }, (_, index) => `field ${index}`));
    garbage.xadd(STREAM, "*", "t", "x".repeat(100_000));
    await garbage.exec();
    const sent = [hint("mail"), hint("mail")];
    await broker.send(sent);
    const got = await fetchAll(broker.consumer({ consumer: "me" }), ["mail"], 2);
    expect(got.map(({ taskId }) => taskId)).toEqual(sent.map(({ taskId }) => taskId));
    await vi.waitFor(async () => expect(await broker.depth("mail")).toBe(0));
    expect(await redis.llen("{app:mail}:quarantine")).toBe(1_000);
    expect((await redis.lindex("{app:mail}:quarantine", 0))!.length).toBeLessThan(2_000);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ fields: { queue: "mail", list: "{app:mail}:quarantine" } });
  });

  test("and were delivered to a consumer that died do not stop the claim of idle hints", async () => {
    const broker = await openBroker();
    await redis.xgroup("CREATE", STREAM, "workers", "0", "MKSTREAM");
    await redis.xadd(STREAM, "*", ...Array.from({ length: 20_000 }, (_, index) => `field ${index}`));
    const sent = hint("mail");
    await broker.send([sent]);
    await redis.xreadgroup("GROUP", "workers", "dead", "COUNT", 10, "STREAMS", STREAM, ">");
    await vi.waitFor(async () => {
      const [, , idle] = (await redis.xpending(STREAM, "workers", "-", "+", 1)).flat();
      expect(idle).toBeGreaterThan(50);
    });
    const consumer = broker.consumer({ consumer: "me", claimIdleAfterMs: 50 });
    expect(await fetchAll(consumer, ["mail"], 1)).toMatchObject([sent]);
    await vi.waitFor(async () => expect(await broker.depth("mail")).toBe(0));
  });
});

describe("consumers that die", () => {
  test("leave their deliveries to others, and are forgotten", async () => {
    const [dying, living] = [await openBroker(), await openBroker()];
    const hints = Array.from({ length: 250 }, () => hint("mail"));
    await dying.send(hints);
    const held: unknown[] = [];
    for (let dead = 0; dead < 5; dead += 1) {
      held.push(...(await dying.consumer({ consumer: `dead-${dead}` }).fetch(["mail"], 50, NEVER)));
    }
    expect(held).toHaveLength(250);
    const consumer = living.consumer({ consumer: "me", claimIdleAfterMs: 200 });
    const got: string[] = [];
    await vi.waitFor(
      async () => {
        for (const delivery of await consumer.fetch(["mail"], 100, NEVER)) {
          got.push(delivery.taskId);
          delivery.ack();
        }
        expect(got).toHaveLength(250);
      },
      { timeout: 5_000 },
    );
    expect(new Set(got)).toEqual(new Set(hints.map(({ taskId }) => taskId)));
    await vi.waitFor(
      async () => {
        await consumer.fetch(["mail"], 1, NEVER);
        expect(await redis.xinfo("CONSUMERS", STREAM, "workers")).toHaveLength(1);
      },
      { timeout: 5_000 },
    );
  });

  test("are not the consumers that hold a hint for a late retry", async () => {
    const [patient, greedy] = [await openBroker(), await openBroker()];
    const sent = hint("mail");
    await patient.send([sent]);
    const [delivery] = await patient
      .consumer({ consumer: "patient", claimIdleAfterMs: 150 })
      .fetch(["mail"], 1, NEVER);
    const askedAt = performance.now();
    delivery!.retry(1_000);
    const other = greedy.consumer({ consumer: "greedy", claimIdleAfterMs: 150 });
    const [got] = await vi.waitFor(async () => {
      const some = await other.fetch(["mail"], 1, NEVER);
      expect(some).toHaveLength(1);
      return some;
    }, 5_000);
    expect(performance.now() - askedAt).toBeGreaterThan(990);
    expect(got).toMatchObject({ ...sent, bounces: 1 });
    got!.ack();
    await vi.waitFor(async () => expect(await greedy.depth("mail")).toBe(0));
  });

  test("may return: a hint that two consumers requeue is not doubled", async () => {
    const [late, quick] = [await openBroker(), await openBroker()];
    await late.send([hint("mail")]);
    const [held] = await late.consumer({ consumer: "late" }).fetch(["mail"], 1, NEVER);
    const other = quick.consumer({ consumer: "quick", claimIdleAfterMs: 50 });
    const [taken] = await vi.waitFor(async () => {
      const some = await other.fetch(["mail"], 1, NEVER);
      expect(some).toHaveLength(1);
      return some;
    });
    taken!.retry(0);
    held!.retry(0);
    await fetchAll(other, ["mail"], 1);
    await vi.waitFor(async () => expect(await quick.depth("mail")).toBe(0));
  });
});

describe("an entry that the group has read past and no consumer has", () => {
  /** As after a restart of Redis in the middle of an ack. */
  async function strand(count: number): Promise<string[]> {
    const tasks = Array.from({ length: count }, () => newId());
    await redis.xgroup("CREATE", STREAM, "workers", "0", "MKSTREAM");
    const adding = redis.pipeline();
    for (const task of tasks) adding.xadd(STREAM, "*", "t", task);
    await adding.exec();
    await redis.xgroup("SETID", STREAM, "workers", "$");
    return tasks;
  }

  test("is still delivered, however many there are, and no longer counts in the depth", async () => {
    const stranded = await strand(250);
    const broker = await openBroker();
    const consumer = broker.consumer({ consumer: "me" });
    const got = await fetchAll(consumer, ["mail"], 250);
    expect(got.map(({ taskId }) => taskId)).toEqual(stranded);
    await vi.waitFor(async () => expect(await broker.depth("mail")).toBe(0));
  });

  test("is found behind many that are held, which stay where they are", async () => {
    const [holding, finding] = [await openBroker(), await openBroker()];
    const hints = Array.from({ length: 250 }, () => hint("mail"));
    await holding.send(hints);
    const held = await holding.consumer({ consumer: "holding" }).fetch(["mail"], 250, NEVER);
    expect(held).toHaveLength(250);
    const stranded = newId();
    await redis.xadd(STREAM, "*", "t", stranded);
    await redis.xgroup("SETID", STREAM, "workers", "$");
    const ids = ((await redis.xpending(STREAM, "workers", "-", "+", 1_000)) as [string][]).map(([id]) => id);
    // Each look goes on where the last one ended: 250 are held, and looked at 100 at a time.
    const consumer = finding.consumer({ consumer: "finding", claimIdleAfterMs: 2_000 });
    const found = await vi.waitFor(
      async () => {
        // Those who hold hints say so.
        await redis.xclaim(STREAM, "workers", "holding", 0, ...ids, "JUSTID");
        const some = await consumer.fetch(["mail"], 10, NEVER);
        expect(some).toHaveLength(1);
        return some;
      },
      { timeout: 15_000, interval: 1 },
    );
    expect(found).toMatchObject([{ taskId: stranded }]);
    for (const delivery of held) delivery.ack();
    found[0]!.ack();
    await vi.waitFor(async () => expect(await finding.depth("mail")).toBe(0));
  });
});

describe("a connection that is lost", () => {
  test("with a delivery under way: it comes again soon, not only as an idle hint", async () => {
    const broker = await openBroker();
    const consumer = broker.consumer({ consumer: "me" });
    await consumer.fetch(["mail"], 1, NEVER);
    const fetched = consumer.fetch(["mail"], 1, NEVER);
    await blocked(1);
    const sent = hint("mail", "HIGH");
    // As if the reply had been on its way when the socket died.
    await killClients();
    await expect(fetched).rejects.toThrow(UnavailableError);
    await redis.xadd("{app:mail}:p2", "*", "t", sent.taskId);
    await redis.xreadgroup("GROUP", "workers", "me", "COUNT", 1, "STREAMS", "{app:mail}:p2", ">");
    await vi.waitFor(async () => expect(await consumer.fetch(["mail"], 1, NEVER)).toMatchObject([sent]));
  });

  test("again and again: every hint arrives", async () => {
    const broker = await openBroker();
    const consumer = broker.consumer({ consumer: "me" });
    const hints = Array.from({ length: 200 }, () => hint("mail"));
    const killing = setInterval(() => void killClients(), 60);
    const missing = new Set(hints.map(({ taskId }) => taskId));
    const sending = (async () => {
      for (let sent = 0; sent < hints.length;) {
        // Both kinds of failure, refused and unknown, are met by sending again: doubles are
        // allowed.
        await broker.send(hints.slice(sent, sent + 5)).then(
          () => (sent += 5),
          () => new Promise((resolve) => setTimeout(resolve, 10)),
        );
      }
    })();
    while (missing.size > 0) {
      const some = await consumer.fetch(["mail"], 3, NEVER).catch(() => []);
      for (const delivery of some) {
        missing.delete(delivery.taskId);
        delivery.ack();
      }
      if (some.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await sending;
    clearInterval(killing);
  });
});

describe("a Redis that dies", () => {
  test("makes calls fail at once, and the consumer continues when it is back", async () => {
    const { log, records } = recordingLog();
    const broker = await openBroker(log);
    const consumer = broker.consumer({ consumer: "me" });
    const fetched = consumer.fetch(["mail"], 1, NEVER);
    await blocked(1);
    await Promise.all([server.kill(), expect(fetched).rejects.toThrow(UnavailableError)]);
    const startedAt = performance.now();
    await expect(broker.send([hint("mail")])).rejects.toThrow(UnavailableError);
    await expect(consumer.fetch(["mail"], 1, NEVER)).rejects.toThrow(UnavailableError);
    await expect(broker.depth("mail")).rejects.toThrow(UnavailableError);
    await expect(broker.health()).rejects.toThrow(UnavailableError);
    expect(performance.now() - startedAt).toBeLessThan(200);
    await server.start();
    const sent = hint("mail");
    await vi.waitFor(() => broker.send([sent]), 5_000);
    expect(await fetchAll(consumer, ["mail"], 1)).toMatchObject([sent]);
    expect(records).toMatchObject([
      {
        message: "Redis connection lost, reconnecting",
        fields: { redis: `127.0.0.1:${server.port}` },
      },
    ]);
  });

  test("silently: calls fail within about 2 s, a waiting fetch soon after its block time", async () => {
    const broker = await openBroker();
    const consumer = broker.consumer({ consumer: "me" });
    const fetched = consumer.fetch(["mail"], 1, NEVER);
    await blocked(1);
    await server.kill("SIGSTOP");
    const startedAt = performance.now();
    const failsAfter = (promise: Promise<unknown>): Promise<number> =>
      promise.then(
        () => Promise.reject(new Error("It did not fail.")),
        (error: unknown) => {
          expect(error).toBeInstanceOf(UnavailableError);
          return performance.now() - startedAt;
        },
      );
    try {
      expect(await failsAfter(broker.send([hint("mail")]))).toBeLessThan(2_600);
      expect(await failsAfter(fetched)).toBeLessThan(BLOCK_MS + 3_600);
    } finally {
      await server.kill("SIGCONT");
    }
    const sent = hint("mail", "CRITICAL");
    await vi.waitFor(() => broker.send([sent]), 10_000);
    const got = await vi.waitFor(() => consumer.fetch(["mail"], 10, NEVER), 10_000);
    expect(got.map(({ taskId }) => taskId)).toContain(sent.taskId);
  });

  test("silently, does not delay a consumer that leaves", async () => {
    const broker = await openBroker();
    const consumer = broker.consumer({ consumer: "me" });
    await broker.send([hint("mail")]);
    await consumer.fetch(["mail"], 1, NEVER);
    await server.kill("SIGSTOP");
    try {
      const startedAt = performance.now();
      await consumer.close();
      expect(performance.now() - startedAt).toBeLessThan(3_500);
    } finally {
      await server.kill("SIGCONT");
    }
  });
});

test("a full Redis accepts no hints, but can be emptied, also by a consumer that starts only then", async () => {
  const broker = await openBroker();
  const sent = [hint("mail"), hint("mail")];
  await broker.send(sent);
  await redis.config("SET", "maxmemory", "1");
  try {
    await expect(broker.send([hint("mail")])).rejects.toThrow(UnavailableError);
    const consumer = broker.consumer({ consumer: "me" });
    const [first, second] = await consumer.fetch(["mail"], 2, NEVER);
    first!.ack();
    second!.retry(0);
    await vi.waitFor(async () => expect(await redis.xlen(STREAM)).toBe(1));
    await redis.config("SET", "maxmemory", "0");
    expect(await fetchAll(consumer, ["mail"], 1)).toMatchObject([sent[1]!]);
  } finally {
    await redis.config("SET", "maxmemory", "0");
  }
});

test("a Redis that became a replica is left: the next connection may lead to the new master", async () => {
  const broker = await openBroker();
  const ids = async (): Promise<string[]> => {
    const list = (await redis.client("LIST")) as string;
    return [...list.matchAll(/^id=(\d+) .*name=lovage:commands/gm)].map((match) => match[1]!);
  };
  const before = await ids();
  await redis.call("REPLICAOF", "127.0.0.1", "1");
  await expect(broker.send([hint("mail")])).rejects.toThrow(UnavailableError);
  await redis.call("REPLICAOF", "NO", "ONE");
  await vi.waitFor(() => broker.send([hint("mail")]), 5_000);
  expect(await ids()).not.toEqual(before);
});

test("ending a wait costs no connection", async () => {
  const broker = await openBroker();
  const consumer = broker.consumer({ consumer: "me" });
  const connectionsSoFar = async (): Promise<string> =>
    /total_connections_received:(\d+)/.exec(await redis.info("stats"))![1]!;
  let before = "";
  for (const queue of ["mail", "images", "mail", "images", "images"]) {
    const fetched = consumer.fetch(["mail", "images"], 1, NEVER);
    await blocked(2);
    before ||= await connectionsSoFar();
    await broker.send([hint(queue)]);
    expect(await fetched).toHaveLength(1);
    await blocked(0);
  }
  expect(await connectionsSoFar()).toBe(before);
});

test("a broker forgets the consumers that left", async () => {
  const broker = await openBroker();
  const [gone, left] = [broker.consumer({ consumer: "gone" }), broker.consumer({ consumer: "left" })];
  const closes = [vi.spyOn(gone, "close"), vi.spyOn(left, "close")];
  await gone.close();
  await broker.close();
  for (const close of closes) expect(close).toHaveBeenCalledTimes(1);
});

test("leaves no consumer and no connection behind", async () => {
  const broker = await openBroker();
  const clients = async (): Promise<number> =>
    Number(/connected_clients:(\d+)/.exec(await redis.info("clients"))![1]);
  const before = await clients();
  for (let round = 0; round < 20; round += 1) {
    const consumer = broker.consumer({ consumer: newId() });
    const abort = new AbortController();
    const fetched = consumer.fetch(["mail", "images"], 1, abort.signal);
    await blocked(2);
    abort.abort();
    await fetched;
    await consumer.close();
  }
  for (const stream of [STREAM, "{app:images}:p3"])
    expect(await redis.xinfo("CONSUMERS", stream, "workers")).toEqual([]);
  await vi.waitFor(async () => expect(await clients()).toBe(before));
});
