import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

import { type Child, startChild } from "../../support/child.ts";
import { freshDatabase } from "../../support/servers/global-servers.ts";
import { type RedisOptions, startRedis } from "../../support/servers/redis-server.ts";
import { tempDir, type TempDir } from "../../support/temp-dir.ts";
import { CLI, runCli } from "../../support/run-cli.ts";

const TASK =
  'import { defineTask } from "lovage";\nexport const a = defineTask({ name: "a.b", run: () => 1 });\n';
const EVICTS: RedisOptions = { args: ["--maxmemory-policy", "allkeys-lru"] };

let folder: TempDir;
let database: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  folder = await tempDir();
  database = await freshDatabase();
  await mkdir(join(folder.path, "node_modules"));
  await symlink(
    fileURLToPath(new URL("../../..", import.meta.url)),
    join(folder.path, "node_modules/lovage"),
  );
  await writeFile(join(folder.path, "a.tasks.mjs"), TASK);
});
afterAll(async () => {
  await database.drop();
  await folder[Symbol.asyncDispose]();
});

function run(args: readonly string[], env: Readonly<Record<string, string>>) {
  return runCli(args, { cwd: folder.path, env: { DATABASE_URL: database.url, ...env } });
}

/** Starts `lovage worker` and resolves when it works. */
async function startWorker(redisUrl: string): Promise<Child> {
  const child = await startChild(process.execPath, [CLI, "worker", "--migrate"], {
    cwd: folder.path,
    env: { DATABASE_URL: database.url, REDIS_URL: redisUrl, LOVAGE_LOG_LEVEL: "debug" },
  });
  await child.waitForLine(/"a\.b"|a\.b|ready|worker@/);
  return child;
}

test.each(["server", "worker", "up"])(
  "in production, lovage %s does not start on a Redis that may evict hints",
  async (role) => {
    await using redis = await startRedis(EVICTS);
    const args = role === "worker" ? [role] : [role, "--port", "0"];
    const { exitCode, stderr } = await run(args, { REDIS_URL: redis.url, NODE_ENV: "production" });
    expect(stderr).toMatch(
      /^✗ Redis at 127\.0\.0\.1:\d+ has the maxmemory-policy allkeys-lru: .*hints and events.*Set it to noeviction.*\n$/,
    );
    expect(exitCode).toBe(78);
  },
);

test("outside production it starts, with one warning", async () => {
  await using redis = await startRedis(EVICTS);
  await using child = await startWorker(redis.url);
  child.kill("SIGTERM");
  expect(await child.exited).toEqual({ code: 0, signal: null });
  expect(child.output.match(/"level":"warn".*has the maxmemory-policy allkeys-lru/g)).toHaveLength(1);
  // As root one more, also once.
  expect(child.output.match(/"level":"warn".*runs as root/g) ?? []).toHaveLength(
    process.getuid?.() === 0 ? 1 : 0,
  );
});

test("a user without the right to read the policy, and an unneeded password, do not prevent a start", async () => {
  const rights = ["~*", "&*", "+@all", "-info"];
  await using redis = await startRedis({ args: ["--user", "limited", "on", ">pw", ...rights] });
  for (const user of ["limited:pw", ":needless"]) {
    await using child = await startWorker(`redis://${user}@127.0.0.1:${redis.port}`);
    child.kill("SIGTERM");
    expect(await child.exited).toEqual({ code: 0, signal: null });
    // Nothing but records of the log and our own notes: ioredis has nothing to say by itself.
    expect(child.stderrLines.filter((line) => /ioredis|\[WARN\]|Skipping/.test(line))).toEqual([]);
    expect(/eviction policy is unknown/.test(child.output)).toBe(user === "limited:pw");
  }
});

test("the doctor reports what it could not check", async () => {
  await using redis = await startRedis({
    args: ["--user", "limited", "on", ">pw", "~*", "&*", "+@all", "-info"],
  });
  const env = { REDIS_URL: `redis://limited:pw@127.0.0.1:${redis.port}`, NODE_ENV: "production" };
  const { stdout } = await run(["doctor"], env);
  expect(stdout).toMatch(
    /^! The eviction policy of Redis is unknown because INFO is forbidden.*Allow its user the command INFO/m,
  );
  expect(stdout).toMatch(/^! Redis is reachable; its version is unknown/m);
});

test("a REDIS_URL that cannot be used ends the start with every mistake of it, and no password", async () => {
  const url =
    "rediss+sentinel://:hunter2@h:1/?sslcert=/no/such.crt&sslkey=/no/such.key&sentinelpassword=hunter3&x=1";
  const { exitCode, stderr } = await run(["worker"], { REDIS_URL: url });
  expect(exitCode).toBe(78);
  expect(stderr.match(/REDIS_URL [^\n]*/g)).toEqual([
    expect.stringContaining("the parameter x, which means nothing"),
    expect.stringContaining("names no master"),
    expect.stringContaining('the sslcert "/no/such.crt", which cannot be read (ENOENT)'),
    expect.stringContaining('the sslkey "/no/such.key", which cannot be read (ENOENT)'),
  ]);
  expect(stderr).not.toContain("hunter");
});
