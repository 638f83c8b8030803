import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { freePort } from "../../support/servers/free-port.ts";
import { freshDatabase } from "../../support/servers/global-servers.ts";
import { startRedis } from "../../support/servers/redis-server.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { runCli } from "../../support/run-cli.ts";

const folder = await tempDir();
let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(async () => {
  await database.drop();
  await folder[Symbol.asyncDispose]();
});

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return runCli(args, { cwd: folder.path, env });
}

function stores(): Readonly<Record<string, string>> {
  return { DATABASE_URL: database.url, REDIS_URL: inject("redisUrl") };
}

test("migrate applies pending migrations once, and the doctor reports the difference", async () => {
  const before = await run(["doctor"], stores());
  expect(before.exitCode).toBe(1);
  expect(before.stdout).toMatch(/^✔ PostgreSQL \d+.* is reachable\.$/m);
  expect(before.stdout).toMatch(/^✗ \d+ migrations? .* pending: .*\. Run `lovage migrate`\.$/m);

  const first = await run(["migrate", "--json"], stores());
  expect(first).toMatchObject({ exitCode: 0, stderr: "" });
  expect((JSON.parse(first.stdout) as { applied: string[] }).applied.length).toBeGreaterThan(0);
  const second = await run(["migrate"], stores());
  expect(second).toMatchObject({
    exitCode: 0,
    stdout: "",
    stderr: "✔ Nothing to apply: the database is up to date.\n",
  });

  const after = await run(["doctor"], stores());
  expect(after.stdout).toMatch(/^✔ all migrations are applied\.$/m);
  expect(after.stdout).toMatch(
    /^! no worker sends heartbeats: tasks wait\. Start one with `lovage worker`\.$/m,
  );
  expect(after.stdout).toMatch(/^✔ Redis \d+.* is reachable\.$/m);
  expect(after.stdout).not.toContain("✗");
  expect(after.exitCode).toBe(0);
});

describe.concurrent("unreachable servers", () => {
  test("PostgreSQL and Redis that do not answer are each reported, with the address and without the password", async () => {
    const [pg, redis] = [await freePort(), await freePort()];
    const env = {
      DATABASE_URL: `postgres://ada:hunter2@127.0.0.1:${pg}/x`,
      REDIS_URL: `redis://:hunter2@127.0.0.1:${redis}`,
    };
    const { exitCode, stdout, stderr } = await run(["doctor"], env);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(new RegExp(`^✗ .*127\\.0\\.0\\.1:${pg}`, "m"));
    expect(stdout).toMatch(new RegExp(`^✗ .*127\\.0\\.0\\.1:${redis}`, "m"));
    expect(stdout + stderr).not.toContain("hunter2");
  });

  test("a URL given by its flag is named by the flag", async () => {
    const url = `postgres://127.0.0.1:${await freePort()}/x`;
    const migrate = await run(["migrate", "--database-url", url]);
    expect(migrate.stderr).toMatch(
      /^✗ Cannot reach PostgreSQL at .* Start it, or change --database-url\.\n$/,
    );
    const doctor = await run(["doctor", "--database-url", url]);
    expect(doctor.stdout).toMatch(/^✗ Cannot reach PostgreSQL at .* Start it, or change --database-url\.$/m);
  });

  test("migrate ends with 69 and one line when PostgreSQL is away", async () => {
    const { exitCode, stderr } = await run(["migrate"], {
      DATABASE_URL: `postgres://127.0.0.1:${await freePort()}/x`,
    });
    expect(exitCode).toBe(69);
    expect(stderr).toMatch(/^✗ [^\n]*\n$/);
  });

  test("a configured server that does not answer is bad; an unconfigured one is not", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const named = await run(["doctor", "--json", "--url", url]);
    expect(named.exitCode).toBe(1);
    expect(JSON.parse(named.stdout)).toContainEqual(
      expect.objectContaining({
        check: "server",
        verdict: "bad",
        what: `no server at ${url} (ECONNREFUSED).`,
      }),
    );
  });

  test("settings that cannot be used are a finding too", async () => {
    const { exitCode, stdout } = await run(["doctor"], { PORT: "many" });
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^✗ port \(PORT\): expected an integer/m);
  });
});

test("a Redis that may evict hints is a warning, and bad in production", async () => {
  await using redis = await startRedis({ args: ["--maxmemory-policy", "allkeys-lru"] });
  const env = { ...stores(), REDIS_URL: redis.url };
  expect((await run(["doctor"], env)).stdout).toMatch(
    /^! The eviction policy of Redis is allkeys-lru: .*noeviction\.$/m,
  );
  const inProduction = await run(["doctor"], { ...env, NODE_ENV: "production" });
  expect(inProduction.stdout).toMatch(/^✗ .*noeviction/m);
  expect(inProduction.exitCode).toBe(1);
});
