import { afterEach, describe, expect, inject, onTestFinished, test, vi } from "vitest";
import { type HealthParts, healthChecks } from "../../../src/app/health.ts";
import { UnavailableError } from "../../../src/errors.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { PgDatabase } from "../../../src/store/connection/pg-database.ts";
import { DEPLOYMENTS, shared } from "../../support/deployments.ts";
import { freshDatabase } from "../../support/servers/global-servers.ts";
import { startTcpProxy } from "../../support/servers/tcp-proxy.ts";

afterEach(() => void vi.useRealTimers());

const idle = defineTask({ name: "test.idle", run: () => undefined });
const never = (): Promise<never> => new Promise(() => undefined);
const health = { kind: "postgresql", version: "15", clockSkewMs: 0 };

const database: HealthParts["database"] = {
  health: async () => health,
  checkRights: async () => undefined,
  checkWrite: async () => undefined,
  pendingMigrations: async () => [],
};

function setUp(part: Partial<HealthParts> = {}) {
  return healthChecks({
    database,
    broker: {
      health: async () => ({ denied: null }) as Awaited<ReturnType<HealthParts["broker"]["health"]>>,
    },
    loops: () => [],
    ...part,
  });
}

describe("readiness", () => {
  test("is the sum of its parts", async () => {
    const loops = () => [{ name: "dispatcher", hungMs: null }];
    expect(await setUp({ loops }).ready()).toEqual({
      ok: true,
      parts: {
        database: { ok: true },
        broker: { ok: true },
        migrations: { ok: true },
        dispatcher: { ok: true },
      },
    });
  });

  test("shows the reason of a part that is away, not the message of mutations", async () => {
    const away = async (): Promise<never> => {
      throw new UnavailableError("broker", { cause: new Error("connect ECONNREFUSED 127.0.0.1:1") });
    };
    expect(await setUp({ broker: { health: away } }).ready()).toMatchObject({
      ok: false,
      parts: { database: { ok: true }, broker: { ok: false, reason: "connect ECONNREFUSED 127.0.0.1:1" } },
    });
  });

  test("explains why none of a name's addresses could be reached", async () => {
    const refused = ["::1", "127.0.0.1"].map((address) => new Error(`connect ECONNREFUSED ${address}:1`));
    const away = async (): Promise<never> => {
      throw new UnavailableError("broker", { cause: new AggregateError(refused) });
    };
    const { parts } = await setUp({ broker: { health: away } }).ready();
    expect(parts.broker).toEqual({ ok: false, reason: "connect ECONNREFUSED ::1:1" });
  });

  test("names migrations that are pending", async () => {
    const pendingMigrations = async () => ["0001", "0002"];
    expect((await setUp({ database: { ...database, pendingMigrations } }).ready()).parts.migrations).toEqual({
      ok: false,
      reason: "pending: 0001, 0002",
    });
  });

  test("does not wait for a part that does not answer, and reports the others", async () => {
    vi.useFakeTimers();
    const ready = setUp({ broker: { health: never } }).ready();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await ready).toEqual({
      ok: false,
      parts: {
        database: { ok: true },
        broker: { ok: false, reason: "no answer within 3 s" },
        migrations: { ok: true },
      },
    });
  });

  test("does not ask again while a part has not answered, however many want to know", async () => {
    const ask = vi.fn(never);
    const checks = setUp({ broker: { health: ask }, answerMs: 10 });
    await Promise.all([checks.ready(), checks.ready()]);
    await checks.ready();
    expect(ask).toHaveBeenCalledOnce();
  });

  test("asks again once a part has answered", async () => {
    const ask = vi.fn(async () => health);
    const checks = setUp({ database: { ...database, health: ask } });
    await checks.ready();
    await checks.ready();
    expect(ask).toHaveBeenCalledTimes(2);
  });

  test("reports an unreachable database in time, and recovers with it", async () => {
    const fresh = await freshDatabase();
    onTestFinished(() => fresh.drop());
    const url = new URL(fresh.url);
    const proxy = await startTcpProxy({ port: Number(new URL(inject("postgresUrl")).port) });
    onTestFinished(() => proxy[Symbol.asyncDispose]());
    url.port = String(proxy.port);
    const limits = { connectMs: 300, statementMs: 500, silenceMs: 800 };
    const database = new PgDatabase({ kind: "postgresql", url: url.href, limits }, silentLogger);
    onTestFinished(() => database.close());
    await database.connect();
    await database.migrate();
    const checks = setUp({ database, answerMs: 200 });
    expect((await checks.ready()).ok).toBe(true);
    proxy.setMode("blackHole");
    expect((await checks.ready()).parts.database).toEqual({ ok: false, reason: "no answer within 0.2 s" });
    proxy.setMode("pass");
    await vi.waitFor(async () => expect((await checks.ready()).ok).toBe(true), { timeout: 5_000 });
  });
});

describe("liveness", () => {
  test("asks no other part, and names the loop that hangs and for how long", async () => {
    const loops = () => [
      { name: "dispatcher", hungMs: 61_234 },
      { name: "janitor", hungMs: null },
    ];
    const database = { health: never, checkRights: never, checkWrite: never, pendingMigrations: never };
    expect(await setUp({ database, broker: { health: never }, loops }).live()).toEqual({
      ok: false,
      parts: {
        dispatcher: { ok: false, reason: "hangs: it has not got on for 61 s" },
        janitor: { ok: true },
      },
    });
  });

  test("watches every loop of the process", async () => {
    await using deployment = await DEPLOYMENTS[0]!.deploy();
    const app = await deployment.app([idle], ["maintenance", "worker", "server"]);
    const response = await fetch(new URL("/healthz", app.describe().url!));
    const report = (await response.json()) as { ok: boolean; parts: object };
    expect(report.ok).toBe(true);
    expect(Object.keys(report.parts).sort()).toEqual([
      "autoscaler",
      "dispatcher",
      "fetcher",
      "heartbeat",
      "janitor",
      "liveHeartbeat",
      "queueSettings",
      "remoteControl",
      "repair",
      "rollUp",
      "sweeper",
    ]);
  });
});

test("an enqueue on a database that vanished is refused before its time is up, and done when it is back", async () => {
  await using deployment = await shared();
  const url = new URL(deployment.settings["databaseUrl"] as string);
  await using proxy = await startTcpProxy({ port: Number(url.port) });
  url.port = String(proxy.port);
  const app = await deployment.app([idle], ["server"], { databaseUrl: url.href });
  const enqueue = () =>
    fetch(new URL("/graphql", app.describe().url!), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        query: 'mutation { enqueueTask(input: { name: "test.idle" }) { task { id } } }',
      }),
    });
  expect((await enqueue()).status).toBe(200);
  proxy.setMode("halfOpen");
  const refused = await enqueue();
  expect(await refused.json()).toMatchObject({
    data: null,
    errors: [{ extensions: { code: "SERVICE_UNAVAILABLE", retryAfter: 2 } }],
  });
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "2"]);
  expect(await (await enqueue()).json()).toMatchObject({ data: { enqueueTask: { task: {} } } });
});
