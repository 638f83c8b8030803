import { setImmediate, setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { UnavailableError } from "../../../../src/errors.ts";
import { silentLogger } from "../../../../src/lib/log/log.ts";
import { newId } from "../../../../src/lib/uuid.ts";
import { PgDatabase } from "../../../../src/store/connection/pg-database.ts";
import { PgTaskReader } from "../../../../src/store/reading/pg-task-reader.ts";
import type { DatabaseLimits } from "../../../../src/store/connection/limits.ts";
import { freshDatabase } from "../../../support/servers/global-servers.ts";

const SLOW = "select pg_sleep(20)";

async function setUp(limits: Partial<DatabaseLimits> = {}) {
  const fresh = await freshDatabase();
  onTestFinished(() => fresh.drop());
  const { url } = fresh;
  const database = new PgDatabase(
    { kind: "postgresql", url, limits, poolSize: 3, readPoolSize: 4 },
    silentLogger,
  );
  onTestFinished(() => database.close());
  await database.connect();
  const observer = new Client({ connectionString: url });
  await observer.connect();
  onTestFinished(() => observer.end());
  /** How many statements of the database run now. */
  const running = async (): Promise<number> => {
    const { rowCount } = await observer.query(
      "select 1 from pg_stat_activity where datname = current_database() and state = 'active' and query like '%pg_sleep%' and pid <> pg_backend_pid()",
    );
    return rowCount ?? 0;
  };
  return { database, running };
}

function operationIn({ scope, reads }: PgDatabase) {
  const ended = new AbortController();
  const read = (text: string) => settle(scope.run(ended.signal, () => reads.run(text)));
  return { read, end: () => ended.abort() };
}

async function settle<Result>(work: Promise<Result>): Promise<Result | Error> {
  return work.catch((error: unknown) => error as Error);
}

test("the end waits for no connection that is still being made", async () => {
  const { database } = await setUp();
  await database.reads.run("select 1");
  // One connection is free, the others are not made yet.
  const reads = Array.from({ length: 4 }, () => settle(database.reads.run("select 1 as one")));
  await setImmediate();
  await Promise.all([database.close(), ...reads]);
});

test("a statement whose operation ended as it was sent stops running", async () => {
  const { database, running } = await setUp();
  // On a new connection each, so that a request to cancel may arrive before its statement.
  for (let round = 0; round < 10; round += 1) {
    const { read, end } = operationIn(database);
    const slow = read(SLOW);
    await setImmediate();
    const endedAt = performance.now();
    end();
    expect(await slow).toBeInstanceOf(Error);
    expect(performance.now() - endedAt).toBeLessThan(5_000); // Less than the limit of a statement.
  }
  await vi.waitFor(async () => expect(await running()).toBe(0));
});

describe("reads of callers", () => {
  test("take no connection that writes need, however many wait", async () => {
    const { database, running } = await setUp();
    const operations = Array.from({ length: 20 }, () => operationIn(database));
    const reads = operations.flatMap(({ read }) => [read(SLOW), read(SLOW)]);
    await vi.waitFor(async () => expect(await running()).toBe(4));
    expect(await database.sql.run("select 1 as one")).toEqual([{ one: 1 }]);
    for (const { end } of operations) end();
    await Promise.all(reads);
  });

  test("of tasks continue while all connections for writes are in use", async () => {
    const { database } = await setUp({ connectMs: 1_000 });
    await database.migrate();
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const writes = Array.from({ length: 3 }, () =>
      database.sql.transaction(async (sql) => {
        await sql.run("select 1");
        await held;
      }),
    );
    const reader = new PgTaskReader(database.orm);
    const request = { filter: {}, order: { field: "CREATED_AT", direction: "DESC" }, limit: 5 } as const;
    const id = newId();
    try {
      expect(await reader.pages([request, { ...request, filter: { search: "x" } }])).toMatchObject([
        { rows: [] },
        { rows: [] },
      ]);
      expect(await reader.counts([{}], 10)).toEqual([{ count: 0, isComplete: true }]);
      expect((await reader.facets([{}], 10))[0]).toMatchObject({ states: [] });
      expect(await reader.ids({}, 10)).toEqual([]);
      expect(await Promise.all([reader.byIds([id]), reader.outlines([id])])).toEqual([[null], [null]]);
      expect(await reader.activeOf([id])).toEqual([]);
      expect(await reader.values([id], ["output"]).next()).toEqual({ value: [], done: false });
    } finally {
      release();
      await Promise.all(writes);
    }
  });

  test("of one operation leave connections to the others", async () => {
    const { database, running } = await setUp();
    const greedy = operationIn(database);
    const reads = Array.from({ length: 30 }, () => greedy.read(SLOW));
    await vi.waitFor(async () => expect(await running()).toBe(2));
    expect(await operationIn(database).read("select 1 as one")).toEqual([{ one: 1 }]);
    greedy.end();
    await Promise.all(reads);
  });

  test("end in PostgreSQL with their operation, and waiting ones never start", async () => {
    const { database, running } = await setUp();
    const { read, end } = operationIn(database);
    const reads = Array.from({ length: 5 }, () => read(SLOW));
    await vi.waitFor(async () => expect(await running()).toBe(2));
    end();
    for (const error of await Promise.all(reads))
      expect(error).toMatchObject({ name: "UnavailableError", reason: "OPERATION_ENDED" });
    expect(await running()).toBe(0);
    expect(await read(SLOW)).toMatchObject({ reason: "OPERATION_ENDED" });
    // The connections are free for others.
    const others = Array.from({ length: 8 }, () => operationIn(database).read("select 1 as one"));
    for (const rows of await Promise.all(others)) expect(rows).toEqual([{ one: 1 }]);
  });

  test("are also pages, counts, facets, searches and ids of tasks", async () => {
    const { database, running } = await setUp({ connectMs: 500, statementMs: 3_000 });
    await database.migrate();
    const reader = new PgTaskReader(database.orm);
    const order = { field: "CREATED_AT", direction: "DESC" } as const;
    const reads = [{}, { search: "x" }].flatMap((filter): (() => Promise<unknown>)[] => [
      () => reader.pages([{ filter, order, limit: 1 }]),
      () => reader.counts([filter], 10),
      () => reader.facets([filter], 10),
      () => reader.ids(filter, 10),
    ]);
    const writes = Array.from({ length: 3 }, () => settle(database.sql.run(SLOW)));
    await vi.waitFor(async () => expect(await running()).toBe(3));
    for (const read of reads) expect(await settle(read())).not.toBeInstanceOf(Error);
    const ended = AbortSignal.abort();
    for (const read of reads)
      expect(await settle(database.scope.run(ended, read))).toMatchObject({
        reason: "OPERATION_ENDED",
      });
    await Promise.all(writes);
  });

  test("a full pool, a statement and a lock that took too long have their own errors", async () => {
    const { database, running } = await setUp({ connectMs: 300, statementMs: 1_500, lockMs: 400 });
    await database.sql.run("create table held (id int)");
    const slow = Array.from({ length: 4 }, () => settle(database.reads.run(SLOW)));
    await vi.waitFor(async () => expect(await running()).toBe(4));
    const full = await settle(database.reads.run("select 1"));
    expect(full).toBeInstanceOf(UnavailableError);
    expect(full).toMatchObject({
      reason: "POOL_FULL",
      code: "SERVICE_UNAVAILABLE",
      message:
        "No connection for reads became free within 0.3 s (in use: 4 of 4). The statement was not sent. Try again soon.",
    });
    for (const ended of await Promise.all(slow)) {
      expect(ended).toMatchObject({ reason: "STATEMENT_TIMEOUT" });
      expect((ended as Error).message).toMatch(
        /^PostgreSQL cancelled a statement after 1\.5 s, the limit for one statement; it changed nothing\./,
      );
    }
    const locked = await database.sql.transaction(async (sql) => {
      await sql.run("lock table held");
      return settle(database.reads.run("select * from held"));
    });
    expect(locked).toMatchObject({ reason: "LOCK_TIMEOUT" });
    expect((locked as Error).message).toMatch(
      /^PostgreSQL cancelled a statement that waited 0\.4 s for a lock; it changed nothing\./,
    );
  });

  test("a statement that another session cancels does not blame a limit", async () => {
    const { database } = await setUp();
    const slow = settle(database.sql.run("select pg_sleep(20), pg_backend_pid()"));
    await vi.waitFor(async () => {
      const cancelled = await database.sql.run(
        "select pg_cancel_backend(pid) from pg_stat_activity where query like 'select pg_sleep(20), pg_%' and datname = current_database() and pid <> pg_backend_pid()",
      );
      expect(cancelled).toHaveLength(1);
    });
    expect(await slow).toMatchObject({ reason: "STATEMENT_CANCELLED" });
  });
});

describe("the embedded database", () => {
  let database: PgDatabase;
  beforeEach(async () => {
    database = new PgDatabase({ kind: "embedded", folder: null }, silentLogger);
    await database.connect();
  });
  afterEach(() => database.close());

  test("writes go before reads that came first, and a stream of writes lets reads through", async () => {
    const order: string[] = [];
    const run = (kind: "reads" | "sql", name: string) =>
      database[kind].run("select 1").then(() => void order.push(name));
    const reads = Array.from({ length: 10 }, () => run("reads", "read"));
    const writes = Array.from({ length: 20 }, () => run("sql", "write"));
    await Promise.all([...reads, ...writes]);
    expect(order.slice(0, 2)).toContain("write");
    const firstWrites = order.slice(0, 12).filter((name) => name === "write");
    expect(firstWrites.length).toBeGreaterThan(7);
    expect(order.slice(0, 12).filter((name) => name === "read").length).toBeGreaterThan(1);
  });

  test("reads of an operation that has ended do not start", async () => {
    const { read, end } = operationIn(database);
    let finish = (): void => undefined;
    const busy = database.sql.transaction(() => new Promise<void>((resolve) => (finish = resolve)));
    await pause(50);
    const waiting = read("select 1");
    end();
    expect(await waiting).toMatchObject({ reason: "OPERATION_ENDED" });
    finish();
    await busy;
  });
});
