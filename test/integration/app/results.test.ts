import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { z } from "zod";
import type { App } from "../../../src/app/app.ts";
import { Results } from "../../../src/engine/outcome/results.ts";
import { ResultGoneError } from "../../../src/errors.ts";
import type { Json } from "../../../src/lib/json/json.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { RedisConnections } from "../../../src/redis/connections.ts";
import { RedisResultStore } from "../../../src/store/results/result-store.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { openEngineParts, outcomeOf } from "../../support/engine-parts.ts";
import { DEPLOYMENTS, type Deployment, shared } from "../../support/deployments.ts";
import { freshPrefix } from "../../support/servers/global-servers.ts";

const DAY = 86_400_000;
const output = z.object({ size: z.number() });
const plain = defineTask({ name: "result.plain", output, run: () => ({ size: 1 }) });
const ignored = defineTask({ name: "result.ignored", output, ignoreResult: true, run: () => ({ size: 2 }) });
const nowhere = defineTask({ name: "result.none", output, resultBackend: "none", run: () => ({ size: 3 }) });
const misfit = defineTask({
  name: "result.misfit",
  output,
  ignoreResult: true,
  run: () => ({ size: "no number" }) as never,
});
const kept = defineTask({
  name: "result.kept",
  resultsExpire: { success: "1d", failure: "30d", revoked: "2d" },
  run: (input) => {
    if (input === "fail") throw new Error("as told");
    return null;
  },
  retry: { maxAttempts: 1 },
});
const inRedis = defineTask({
  name: "result.redis",
  resultBackend: "redis",
  run: (input) => (input as { value: Json }).value,
});
const TASKS = [plain, ignored, nowhere, misfit, kept, inRedis];

describe.each(DEPLOYMENTS)("results, $kind", ({ deploy }) => {
  let deployment: Deployment;
  let app: App;
  beforeAll(async () => {
    deployment = await deploy();
    app = await deployment.app(TASKS, ["maintenance", "worker"], {
      resultsExpire: { all: "5d", expired: "1h" },
    });
  });
  afterAll(() => deployment[Symbol.asyncDispose]());

  const keptMs = async (id: string): Promise<number> => {
    const [row] = await app
      .em()
      .execute<{ ms: string }[]>(
        "select extract(epoch from keep_until - finished_at) * 1000 as ms from lovage.task where id = ?",
        [id],
      );
    return Number(row!.ms);
  };

  test("an output is stored unless definition or call ignore it; it is always checked", async () => {
    expect(await (await app.enqueue(plain, {})).result({ timeout: "20s" })).toEqual({ size: 1 });
    expect(await (await app.enqueue(ignored, {})).result({ timeout: "20s" })).toBeNull();
    expect(
      await (await app.enqueue(ignored, {}, { ignoreResult: false })).result({ timeout: "20s" }),
    ).toEqual({
      size: 2,
    });
    expect(
      await (await app.enqueue(plain, {}, { ignoreResult: true })).result({ timeout: "20s" }),
    ).toBeNull();
    expect(await (await app.enqueue(nowhere, {})).result({ timeout: "20s" })).toBeNull();
    await expect((await app.enqueue(misfit, {})).result({ timeout: "20s" })).rejects.toThrow(
      /output does not fit the definition/,
    );
  });

  test("the retention of a task starts at its end: call before definition before app", async () => {
    const succeeded = await app.enqueue(kept, "go");
    const failed = await app.enqueue(kept, "fail");
    const other = await app.enqueue(kept, "fail", { resultsExpire: { failure: "3h" } });
    const plainly = await app.enqueue(plain, {});
    const [revoked, revokedPlain] = [
      await app.enqueue(kept, "later", { delay: "1h" }),
      await app.enqueue(plain, {}, { delay: "1h" }),
    ];
    const late = await app.enqueue(kept, "late", { queue: "nobody", expiresIn: "100ms" });
    const lateOwn = await app.enqueue(
      plain,
      {},
      {
        queue: "nobody",
        expiresIn: "100ms",
        resultsExpire: { all: "4h", success: "1h" },
      },
    );
    await Promise.allSettled(
      [succeeded, failed, other, plainly].map((handle) => handle.result({ timeout: "20s" })),
    );
    await revoked.revoke();
    await revokedPlain.revoke();
    await Promise.allSettled([late, lateOwn].map((handle) => handle.result({ timeout: "20s" })));
    expect(await late.state()).toBe("EXPIRED");
    const spans = [succeeded, failed, other, plainly, revoked, revokedPlain, late, lateOwn].map(({ id }) =>
      keptMs(id),
    );
    expect(await Promise.all(spans)).toEqual([
      ...[DAY, 30 * DAY, DAY / 8, 5 * DAY, 2 * DAY, 5 * DAY],
      ...[DAY / 24, DAY / 6],
    ]);
  });

  test("a result stored in Redis is found by its handle, with Redis and without", async () => {
    for (const value of [{ a: [1] }, null, "text"]) {
      const handle = await app.enqueue(inRedis, { value });
      expect(await handle.result({ timeout: "20s" })).toEqual(value);
    }
  });
});

describe("results in Redis", () => {
  let deployment: Deployment;
  let app: App;
  let connections: RedisConnections;
  beforeAll(async () => {
    deployment = await shared();
    app = await deployment.app(TASKS);
    connections = new RedisConnections({ url: inject("redisUrl"), log: silentLogger });
    await connections.connect();
  });
  afterAll(async () => {
    await connections.close();
    await deployment[Symbol.asyncDispose]();
  });
  const keysOf = (id: string): Promise<string[]> =>
    connections.run("", (redis) => redis.keys(`${String(deployment.settings["prefix"])}:result:${id}:*`));

  test("the row does not hold the output; Redis does, for as long as the task is kept", async () => {
    const handle = await app.enqueue(inRedis, { value: 1 }, { resultsExpire: "1h" });
    await handle.result({ timeout: "20s" });
    expect(await handle.read()).toMatchObject({ state: "SUCCESS", output: null });
    const [key] = await keysOf(handle.id);
    const ttl = await connections.run(key!, (redis) => redis.pttl(key!));
    expect(ttl).toBeGreaterThan(3_000_000);
    expect(ttl).toBeLessThanOrEqual(3_600_000);
  });

  test("a lost key is reported as lost", async () => {
    const handle = await app.enqueue(inRedis, { value: 1 });
    await handle.result({ timeout: "20s" });
    const keys = await keysOf(handle.id);
    await connections.run("", (redis) => redis.del(...keys));
    await expect(handle.result()).rejects.toThrow(ResultGoneError);
  });

  test("while Redis cannot take it, the output goes into the row, and is found there; null too", async () => {
    await using parts = await openEngineParts();
    const results = new Results(
      { put: () => Promise.reject(new Error("away")), get: () => Promise.reject(new Error("not asked")) },
      silentLogger,
    );
    const worker = await parts.register();
    for (const value of [{ a: 1 }, null]) {
      const id = await parts.insert({ options: { resultBackend: "redis", ignoreResult: true } });
      const [task] = await parts.claim(worker, [id]);
      const entry = { task: task!, outcome: outcomeOf(task!, { kind: "succeeded", output: value }) };
      await parts.stores.tasks.finish(await results.storeExternally([entry]));
      const row = await parts.read(id);
      expect(row).toMatchObject({ state: "SUCCESS", output: value, options: { ignoreResult: true } });
      expect(row.options).not.toHaveProperty("resultBackend");
      expect(await results.read([row])).toEqual([{ output: value, gone: false }]);
    }
  });

  test("an output stored by a rescued attempt does not replace that of the later one", async () => {
    await using parts = await openEngineParts();
    const store = new RedisResultStore({ connections, prefix: freshPrefix() });
    const results = new Results(store, silentLogger);
    const [lost, next] = [await parts.register(), await parts.register()];
    const id = await parts.insert({ options: { resultBackend: "redis" } });
    const [first] = await parts.claim(lost, [id]);
    await parts.sql.run("update lovage.task set state = 'QUEUED', version = version + 1 where id = $1", [id]);
    const [second] = await parts.claim(next, [id]);
    const finish = async (task: typeof first, value: string) => {
      const entry = { task: task!, outcome: outcomeOf(task!, { kind: "succeeded", output: value }) };
      return parts.stores.tasks.finish(await results.storeExternally([entry]));
    };
    expect(await finish(second, "second")).toMatchObject([{ state: "SUCCESS" }]);
    expect(await finish(first, "too late")).toEqual([null]);
    expect(await results.read([await parts.read(id)])).toEqual([{ output: "second", gone: false }]);
  });

  test("many are read together, in order; a value that was overwritten by hand counts as lost", async () => {
    const prefix = freshPrefix();
    const store = new RedisResultStore({ connections, prefix });
    const keys = Array.from({ length: 300 }, () => ({ taskId: randomUUID(), version: 3 }));
    await store.put(keys.map((key, output) => ({ ...key, output, keepMs: 60_000 })));
    const broken = keys[7]!;
    const name = `${prefix}:result:${broken.taskId}:3`;
    await connections.run(name, (redis) => redis.set(name, "{"));
    const expected = keys.map((_, index) => (index === 7 ? undefined : index));
    expect(await store.get(keys)).toEqual(expected);
  });
});
