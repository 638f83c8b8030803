import { setImmediate as nextImmediate, setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { StartError, UnavailableError } from "../../../../src/errors.ts";
import { type Logger, type LogFields, silentLogger } from "../../../../src/lib/log/log.ts";
import { PgDatabase } from "../../../../src/store/connection/pg-database.ts";
import type { DatabaseLimits } from "../../../../src/store/connection/limits.ts";
import { PgTaskReader } from "../../../../src/store/reading/pg-task-reader.ts";
import { freshDatabase } from "../../../support/servers/global-servers.ts";
import { startPostgres } from "../../../support/servers/postgres-server.ts";
import { startTcpProxy, type TcpProxy } from "../../../support/servers/tcp-proxy.ts";

const POOL = 10;

function recordingLogger() {
  const records: { readonly message: string; readonly fields: LogFields }[] = [];
  const warn = (message: string, fields: LogFields = {}): void => void records.push({ message, fields });
  const log: Logger = { ...silentLogger, warn };
  return { log, records };
}

async function openAt(
  url: string,
  limits: Partial<DatabaseLimits> = {},
  log = silentLogger,
  poolSize = POOL,
) {
  const database = new PgDatabase({ kind: "postgresql", url, limits, poolSize }, log);
  onTestFinished(() => database.close());
  await database.connect();
  return database;
}

async function setUpFresh() {
  const fresh = await freshDatabase();
  onTestFinished(() => fresh.drop());
  return fresh.url;
}

/** A database behind a proxy whose pool is warm: all its connections are open and idle. */
async function setUpProxied(limits: Partial<DatabaseLimits>, log = silentLogger) {
  const proxy = await startTcpProxy({ port: Number(new URL(inject("postgresUrl")).port) });
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  const url = new URL(await setUpFresh());
  url.port = String(proxy.port);
  const database = await openAt(url.href, limits, log);
  await warmUp(database, proxy);
  return { proxy, database, run: () => database.sql.run("select 1 as one") };
}

async function warmUp(database: PgDatabase, proxy: TcpProxy): Promise<void> {
  await Promise.all(Array.from({ length: POOL }, () => database.sql.run("select pg_sleep(0.2)")));
  expect(proxy.connections).toBe(POOL);
}

async function settle<Result>(work: Promise<Result>): Promise<Result | Error> {
  return work.catch((error: unknown) => error as Error);
}

test("sockets that died silently fail the statements that were sent on them, and no others", async () => {
  const { proxy, run } = await setUpProxied({ statementMs: 2_000, silenceMs: 2_500 });
  proxy.loseSome(POOL - 3);
  const results = await Promise.all(Array.from({ length: POOL }, () => settle(run())));
  const failed = results.filter((result) => result instanceof Error);
  expect(failed).toHaveLength(POOL - 3);
  for (const error of failed) expect(error).toBeInstanceOf(UnavailableError);
  const after = await Promise.all(Array.from({ length: 2 * POOL }, () => run()));
  expect(after).toHaveLength(2 * POOL);
});

test("a host that vanished with all connections costs one wait, not one for each of them", async () => {
  const { log, records } = recordingLogger();
  const { proxy, run } = await setUpProxied({ statementMs: 2_000, silenceMs: 2_500 }, log);
  proxy.setMode("halfOpen");
  expect(await settle(run())).toBeInstanceOf(UnavailableError);
  for (let round = 0; round < 2 * POOL; round += 1) expect(await run()).toEqual([{ one: 1 }]);
  expect(records).toEqual([
    {
      message: "PostgreSQL gave no answer, connection closed",
      fields: { afterMs: expect.any(Number), doubtful: POOL - 1 },
    },
    { message: "Slow statement", fields: { statement: "select", ms: expect.any(Number) } },
  ]);
});

test("looking for migrations, and applying them, is unavailable too while the host is away", async () => {
  const { proxy, database } = await setUpProxied({ connectMs: 2_000 });
  await database.pendingMigrations();
  const migrating = settle(database.migrate());
  proxy.setMode("reset");
  expect(await migrating).toBeInstanceOf(UnavailableError);
  expect(await settle(database.pendingMigrations())).toBeInstanceOf(UnavailableError);
});

test("closing leaves no socket behind when its other end has vanished", async () => {
  const { proxy, database } = await setUpProxied({});
  const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === "TCPSocketWrap").length;
  const before = sockets();
  proxy.setMode("blackHole");
  await database.close();
  await vi.waitFor(() => expect(sockets()).toBeLessThanOrEqual(before - POOL), { timeout: 20_000 });
});

test("while the host is away everything fails as unavailable, and works again when it is back", async () => {
  const { proxy, run } = await setUpProxied({ connectMs: 2_000, statementMs: 2_000, silenceMs: 2_500 });
  proxy.setMode("blackHole");
  const during = await Promise.all(Array.from({ length: 2 * POOL }, () => settle(run())));
  for (const error of during) expect(error).toBeInstanceOf(UnavailableError);
  expect(await settle(run())).toBeInstanceOf(UnavailableError);
  proxy.setMode("pass");
  await vi.waitFor(async () => expect(await run()).toEqual([{ one: 1 }]), { timeout: 15_000 });
});

test("a process that was busy for longer than the bound still accepts the answers that came meanwhile", async () => {
  const database = await openAt(await setUpFresh(), { silenceMs: 1_500 });
  const answer = database.sql.run("select 1 as one from pg_sleep(0.1)");
  await pause(20); // The statement is on its way.
  // From this place of the event loop timers come before sockets.
  await nextImmediate();
  const until = performance.now() + 2_500;
  while (performance.now() < until);
  expect(await answer).toEqual([{ one: 1 }]);
});

test("the server ends statements, and waits for locks, that take too long", async () => {
  const database = await openAt(await setUpFresh(), { statementMs: 200, lockMs: 100 });
  const slow = await settle(database.sql.run("select pg_sleep(30)"));
  expect(slow).toMatchObject({ name: "UnavailableError", cause: { code: "57014" } });

  await database.sql.run("create table held (id int)");
  const locked = database.sql.transaction(async (sql) => {
    await sql.run("lock table held");
    return settle(database.sql.run("select * from held"));
  });
  expect(await locked).toMatchObject({ name: "UnavailableError", cause: { code: "55P03" } });
});

test("migrations may take longer than any statement", async () => {
  const url = await setUpFresh();
  const database = await openAt(url, { statementMs: 500, lockMs: 500, silenceMs: 1_000 });
  await database.pendingMigrations(); // Makes the table.
  const other = new Client({ connectionString: url });
  await other.connect();
  onTestFinished(() => other.end());
  await other.query("begin; lock table lovage.migration in exclusive mode");
  const migrated = settle(database.migrate());
  expect(await Promise.race([migrated, pause(2_000, "waits")])).toBe("waits");
  await other.query("commit");
  expect(await migrated).not.toEqual([]);
  expect(await database.pendingMigrations()).toEqual([]);
});

test("a pool without a free connection reports it in time, and continues when one is released", async () => {
  const database = await openAt(await setUpFresh(), { connectMs: 2_000 }, silentLogger, 1);
  const held = Promise.withResolvers<void>();
  const holder = database.sql.transaction(() => held.promise);
  const refused = await settle(database.sql.run("select 1"));
  expect(refused).toMatchObject({
    name: "UnavailableError",
    service: "database",
    reason: "POOL_FULL",
    retryAfterMs: 1_000,
  });
  const waiting = database.sql.run("select 2 as two");
  held.resolve();
  await holder;
  expect(await waiting).toEqual([{ two: 2 }]);
});

test("a server that is out of connections is unavailable, and at the start the error has the remedy", async () => {
  const url = new URL(await setUpFresh());
  const admin = await openAt(url.href);
  const role = `poor_${url.pathname.slice(-8)}`;
  await admin.sql.run(`create role ${role} login connection limit 1`);
  onTestFinished(() => dropRole(role));
  url.username = role;
  const database = await openAt(url.href, {}, silentLogger, 2);
  const held = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const holder = database.sql.transaction(async (sql) => {
    await sql.run("select 1");
    begun.resolve();
    await held.promise;
  });
  await begun.promise;
  const refused = await settle(database.sql.run("select 1"));
  expect(refused).toMatchObject({ name: "UnavailableError", cause: { code: "53300" } });
  const start = await settle(openAt(url.href));
  expect(start).toBeInstanceOf(StartError);
  expect(start).toMatchObject({ exitCode: 69 });
  expect((start as Error).message).toMatch(/has no connection left: too many connections .*max_connections/);
  held.resolve();
  await holder;
  expect(await database.sql.run("select 1 as one")).toEqual([{ one: 1 }]);
});

async function dropRole(role: string): Promise<void> {
  const client = new Client({ connectionString: inject("postgresUrl") });
  await client.connect();
  await client.query(`drop role ${role}`);
  await client.end();
}

/** Statements of every kind, again and again, until told to stop; gives what failed. */
function load(database: PgDatabase) {
  const reader = new PgTaskReader(database.orm);
  const kinds = [
    () => database.sql.run("select pg_sleep(0.01)"),
    () => database.sql.transaction((sql) => sql.run("select 1").then(() => sql.run("select pg_sleep(0.01)"))),
    () => reader.byIds(["01a2053c-914e-70dc-9a9c-cd2bf03f1f8a"]),
    () => database.health(),
  ];
  const failures: unknown[] = [];
  const ending = new AbortController();
  const turn = async (kind: () => Promise<unknown>): Promise<void> => {
    while (!ending.signal.aborted) await kind().catch((error: unknown) => failures.push(error));
  };
  const turns = Promise.all([...kinds, ...kinds, ...kinds].map(turn));
  return {
    failures,
    end: async (): Promise<void> => {
      ending.abort();
      await turns;
    },
  };
}

test("ended sessions, again and again, make statements unavailable and nothing else", async () => {
  const url = await setUpFresh();
  const database = await openAt(url);
  await database.migrate();
  const { failures, end } = load(database);
  const admin = new Client({ connectionString: inject("postgresUrl") });
  await admin.connect();
  onTestFinished(() => admin.end());
  for (let round = 1; round <= 6; round += 1) {
    await pause(300);
    await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [
      new URL(url).pathname.slice(1),
    ]);
    await vi.waitFor(() => expect(failures.length).toBeGreaterThanOrEqual(round));
  }
  await pause(300);
  const before = failures.length;
  await pause(300);
  await end();
  expect(failures.length).toBe(before);
  for (const error of failures) expect(error).toBeInstanceOf(UnavailableError);
});

test(
  "a server that crashes and comes back makes statements unavailable and nothing else",
  { timeout: 60_000 },
  async () => {
    await using server = await startPostgres();
    const database = await openAt(await server.createDatabase());
    await database.migrate();
    const { failures, end } = load(database);
    for (let round = 0; round < 2; round += 1) {
      await pause(200);
      const before = failures.length;
      await server.stop("immediate");
      await vi.waitFor(() => expect(failures.length).toBeGreaterThan(before));
      await server.start();
      await vi.waitFor(() => database.health(), { timeout: 5_000 });
    }
    await end();
    for (const error of failures) expect(error).toBeInstanceOf(UnavailableError);
    await database.close();
  },
);

test("times reach the ORM as PostgreSQL's string, to the microsecond", async () => {
  const database = await openAt(await setUpFresh());
  const at = "2026-05-01 12:00:00.123456";
  const rows = await database.sql.run(
    `select timestamp '${at}' as one, array[timestamp '${at}'] as several, interval '90 minutes' as span, date '2026-05-01' as day, array[1, 2] as numbers`,
  );
  expect(rows).toEqual([{ one: at, several: [at], span: "01:30:00", day: "2026-05-01", numbers: [1, 2] }]);
});

test("a slow statement is logged by verb, table and time, once, and never with its values", async () => {
  const { log, records } = recordingLogger();
  const database = await openAt(await setUpFresh(), {}, log);
  const slow = (secret: string) =>
    database.sql.run("select $1::text from pg_sleep(1.05), pg_class limit 1", [secret]);
  await Promise.all([slow("hunter2"), slow("hunter3")]);
  expect(records).toEqual([
    {
      message: "Slow statement",
      fields: { statement: "select pg_sleep", ms: expect.any(Number) },
    },
  ]);
});
