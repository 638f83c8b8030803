import { existsSync } from "node:fs";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { ensureProgram } from "../../support/servers/debian.ts";
import { freshDatabase, freshPrefix } from "../../support/servers/global-servers.ts";
import { runSql, startPostgres } from "../../support/servers/postgres-server.ts";
import { startRedis } from "../../support/servers/redis-server.ts";

/** Sends inline commands and gives all replies. */
async function redis(url: string, ...commands: string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write([...commands, "QUIT", ""].join("\r\n"));
  return text(socket);
}

test("Redis returns on its port after a kill, with its arguments", async () => {
  const server = await startRedis({ args: ["--appendonly", "yes", "--appendfsync", "always"] });
  const { pid, url } = server;
  expect(await redis(url, "SET kept yes")).toBe("+OK\r\n+OK\r\n");
  await server.kill();
  await expect(redis(url, "PING")).rejects.toThrow("ECONNREFUSED");
  await server.restart();
  expect(await redis(url, "GET kept")).toContain("yes");
  expect(server.pid).not.toBe(pid);
  await server[Symbol.asyncDispose]();
  await expect(redis(url, "PING")).rejects.toThrow("ECONNREFUSED");
  expect(existsSync(server.dir)).toBe(false);
});

test("Redis that cannot start reports the reason", async () => {
  await expect(startRedis({ args: ["--no-such-setting", "1"] })).rejects.toThrow(
    /Bad directive or wrong number/,
  );
});

test("PostgreSQL keeps committed data over a crash and an orderly restart", async () => {
  const server = await startPostgres();
  const url = await server.createDatabase('odd "name"');
  await runSql(url, "CREATE TABLE kept (id int PRIMARY KEY)");
  await runSql(url, "INSERT INTO kept VALUES (1)");
  await server.stop("immediate");
  await expect(runSql(url, "SELECT 1")).rejects.toThrow("ECONNREFUSED");
  await server.start();
  await expect(runSql(url, "INSERT INTO kept VALUES (1)")).rejects.toThrow("duplicate key");
  await server.restart("fast");
  await expect(runSql(url, "INSERT INTO kept VALUES (1)")).rejects.toThrow("duplicate key");
  await server[Symbol.asyncDispose]();
  expect(existsSync(server.dir)).toBe(false);
});

test("each fresh database is empty, and can be dropped while it is used", async () => {
  const [one, two] = await Promise.all([freshDatabase(), freshDatabase()]);
  for (const { url } of [one, two]) await runSql(url, "CREATE TABLE mine ()");
  const longQuery = expect(runSql(one.url, "SELECT pg_sleep(60)")).rejects.toThrow(/terminat/i);
  await runSql(
    two.url,
    `DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)')
    LOOP PERFORM pg_sleep(0.01), pg_stat_clear_snapshot(); END LOOP; END $$`,
  );
  await one.drop();
  await longQuery;
  await two.drop();
  await expect(runSql(two.url, "SELECT 1")).rejects.toThrow("does not exist");
});

test("the servers of the run are not those of the machine", async () => {
  expect([new URL(inject("redisUrl")).port, new URL(inject("postgresUrl")).port]).not.toContain("6379");
  expect(new URL(inject("postgresUrl")).port).not.toBe("5432");
  const key = `${freshPrefix()}:key`;
  expect(await redis(inject("redisUrl"), `SET ${key} 1`, `GET ${key}`)).toContain("$1\r\n1\r\n");
});

test("a missing program is reported with the package to install", async () => {
  // Without a PATH there is no apt-get, so that root gets the message, too.
  vi.stubEnv("PATH", "");
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(ensureProgram("no-such-program", "no-such-package")).rejects.toThrow(
    /need the program no-such-program.*apt-get install no-such-package.*brew install/,
  );
});
