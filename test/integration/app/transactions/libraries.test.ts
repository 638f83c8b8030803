import { drizzle } from "drizzle-orm/node-postgres";
import createKnex from "knex";
import { CamelCasePlugin, Kysely, PostgresDialect } from "kysely";
import { Pool, type PoolClient } from "pg";
import { DataSource } from "typeorm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import type { App } from "../../../../src/app/app.ts";
import type { AnyTransaction } from "../../../../src/store/transactions/run-statement.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import { type Deployment, shared } from "../../../support/deployments.ts";
import { openPrisma, type PrismaClient } from "../../../support/prisma-client.ts";

vi.setConfig({ testTimeout: 30_000 });

const note = defineTask({
  name: "test.note",
  input: z.object({ text: z.string() }),
  output: z.string(),
  run: ({ text }) => text,
});

/** A transaction of a library, as its users write it. MikroORM has its own file of tests. */
interface Library extends AsyncDisposable {
  /** Commits when `work` resolves, and rolls back when it throws. */
  transact<Result>(work: (transaction: AnyTransaction) => Promise<Result>): Promise<Result>;
  /** Runs `work` in a savepoint of an open transaction, and rolls back to it. */
  undo(transaction: AnyTransaction, work: (transaction: AnyTransaction) => Promise<unknown>): Promise<void>;
  /** What its users may take for a transaction, and is not; null where its type has no such thing. */
  readonly outside: AnyTransaction | null;
}

class Undone extends Error {}
/** Rolls back by an error, as most libraries do. */
async function undone(rolledBack: Promise<unknown>): Promise<void> {
  await expect(rolledBack).rejects.toThrow(Undone);
}

const LIBRARIES: Readonly<Record<string, (url: string) => Promise<Library>>> = {
  pg: async (url) => {
    const pool = new Pool({ connectionString: url, max: 2 });
    return {
      outside: pool,
      transact: async (work) => {
        const client = await pool.connect();
        try {
          await client.query("begin");
          const result = await work(client);
          await client.query("commit");
          return result;
        } catch (error) {
          await client.query("rollback");
          throw error;
        } finally {
          client.release();
        }
      },
      undo: async (client, work) => {
        await (client as PoolClient).query("savepoint s");
        await work(client);
        await (client as PoolClient).query("rollback to savepoint s");
      },
      [Symbol.asyncDispose]: () => pool.end(),
    };
  },
  Drizzle: async (url) => {
    const db = drizzle({ connection: { connectionString: url, max: 2 } });
    type Transaction = Parameters<Parameters<typeof db.transaction>[0]>[0];
    return {
      outside: null,
      transact: (work) => db.transaction((tx) => work(tx)),
      undo: (tx, work) =>
        undone(
          (tx as Transaction).transaction(async (inner) => {
            await work(inner);
            throw new Undone();
          }),
        ),
      [Symbol.asyncDispose]: () => db.$client.end(),
    };
  },
  Kysely: async (url) => {
    const dialect = new PostgresDialect({ pool: new Pool({ connectionString: url, max: 2 }) });
    const db = new Kysely<object>({ dialect, plugins: [new CamelCasePlugin()] });
    return {
      outside: db as never,
      transact: async (work) => {
        const trx = await db.startTransaction().execute();
        try {
          const result = await work(trx);
          await trx.commit().execute();
          return result;
        } catch (error) {
          await trx.rollback().execute();
          throw error;
        }
      },
      undo: async (trx, work) => {
        type Transaction = Awaited<ReturnType<ReturnType<typeof db.startTransaction>["execute"]>>;
        const inner = await (trx as unknown as Transaction).savepoint("s").execute();
        await work(inner);
        await inner.rollbackToSavepoint("s").execute();
      },
      [Symbol.asyncDispose]: () => db.destroy(),
    };
  },
  Knex: async (url) => {
    const knex = createKnex({ client: "pg", connection: url, pool: { min: 0, max: 2 } });
    return {
      outside: knex as never,
      transact: (work) => knex.transaction((trx) => work(trx)),
      undo: (trx, work) =>
        undone(
          (trx as createKnex.Knex.Transaction).transaction(async (inner) => {
            await work(inner);
            throw new Undone();
          }),
        ),
      [Symbol.asyncDispose]: () => knex.destroy(),
    };
  },
  Prisma: async (url) => {
    const prisma = openPrisma(url);
    return {
      outside: prisma,
      transact: (work) => prisma.$transaction((tx) => work(tx)),
      undo: async (tx, work) => {
        await (tx as PrismaClient).$executeRawUnsafe("savepoint s");
        await work(tx);
        await (tx as PrismaClient).$executeRawUnsafe("rollback to savepoint s");
      },
      [Symbol.asyncDispose]: () => prisma.$disconnect(),
    };
  },
  TypeORM: async (url) => {
    const source = await new DataSource({ type: "postgres", url, poolSize: 2 }).initialize();
    return {
      outside: source.manager,
      transact: (work) => source.transaction((manager) => work(manager)),
      undo: (manager, work) =>
        undone(
          (manager as typeof source.manager).transaction(async (inner) => {
            await work(inner);
            throw new Undone();
          }),
        ),
      [Symbol.asyncDispose]: () => source.destroy(),
    };
  },
  "a function of the caller": async (url) => {
    const own = await LIBRARIES["pg"]!(url);
    const viaFunction =
      (client: AnyTransaction): AnyTransaction =>
      (sql, parameters) =>
        (client as PoolClient).query(sql, parameters);
    return {
      outside: null,
      transact: (work) => own.transact((client) => work(viaFunction(client))),
      undo: async () => undefined,
      [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
    };
  },
};

describe("an enqueue in a transaction", () => {
  let deployment: Deployment;
  let app: App;
  beforeAll(async () => {
    deployment = await shared();
    app = await deployment.app([note]);
  });
  afterAll(() => deployment[Symbol.asyncDispose]());
  const gone = (id: string) => expect(app.task(id)).rejects.toMatchObject({ code: "NOT_FOUND" });

  test.each(Object.entries(LIBRARIES))("of %s", async (name, open) => {
    await using library = await open(String(deployment.settings["databaseUrl"]));
    const enqueue = (text: string, transaction: AnyTransaction, options = {}) =>
      app.enqueue(note, { text }, { transaction, ...options });
    const texts = [`it's ${name}`, `\\ "?" $1 ${name}`, `key ${name}`];

    const { handles, again, undoneId } = await library.transact(async (transaction) => {
      const items = texts.map((text) => ({ input: { text } }));
      const handles = await app.enqueueMany(note, items, { transaction });
      const first = await enqueue("with a key", transaction, { idempotencyKey: name, uniqueKey: name });
      const again = await enqueue("with a key", transaction, { idempotencyKey: name });
      expect([again.id, again.deduplicated]).toEqual([first.id, true]);
      let undoneId: string | null = null;
      await library.undo(transaction, async (inner) => {
        undoneId = (await enqueue("undone", inner)).id;
      });
      const conflict = [
        { input: { text: "not this" } },
        { input: { text: "x" }, options: { idempotencyKey: name } },
      ];
      await expect(app.enqueueMany(note, conflict, { transaction })).rejects.toMatchObject({
        code: "CONFLICT",
      });
      await gone(handles[0]!.id);
      return { handles: [...handles, first], again, undoneId };
    });
    const results = await Promise.all(handles.map((handle) => handle.result({ timeout: "10s" })));
    expect(results).toEqual([...texts, "with a key"]);
    expect(again.id).toBe(handles[3]!.id);
    if (undoneId !== null) await gone(undoneId);
    expect(await app.em().execute("select 1 from lovage.task where input ->> 'text' = 'not this'")).toEqual(
      [],
    );

    const ids: string[] = [];
    const rolledBack = library.transact(async (transaction) => {
      ids.push((await enqueue("rolled back", transaction)).id);
      throw new Undone();
    });
    await undone(rolledBack);
    await gone(ids[0]!);

    if (library.outside !== null)
      await expect(enqueue("outside", library.outside)).rejects.toThrow(
        /^transaction: (no transaction is open|expected an open transaction)/,
      );
  });

  test.each([
    ["prepares statements", { queryMode: "extended" }],
    ["names its statements", { name: "enqueue" }],
  ])("outside a transaction nothing is committed by a library that %s", async (what, mode) => {
    await using library = await LIBRARIES["pg"]!(String(deployment.settings["databaseUrl"]));
    const pool = library.outside as Pool;
    const text = `never ${what}`;
    let count = 0;
    const transaction: AnyTransaction = (sql, values) => {
      const name = "name" in mode ? { name: `${mode.name}${(count += 1)}` } : {};
      return pool.query({ ...mode, ...name, text: sql, values });
    };
    await expect(app.enqueue(note, { text }, { transaction })).rejects.toThrow(
      "transaction: no transaction is open on this connection",
    );
    const rows = await app.em().execute("select 1 from lovage.task where input ->> 'text' = ?", [text]);
    expect(rows).toEqual([]);
  });

  test.each([
    ["of a role without rights", "set local role nobody_here", "42501", "Grant the role the rights"],
    ["that only reads", "set transaction read only", "25006", "Begin a transaction that may write"],
    ["that has failed", "select 1/0", "25P02", "Roll it back"],
  ])("a transaction %s is refused with the remedy, not as an outage", async (_what, sql, code, remedy) => {
    await app
      .em()
      .execute("create role nobody_here")
      .catch(() => undefined);
    await using library = await LIBRARIES["pg"]!(String(deployment.settings["databaseUrl"]));
    const refused = library.transact(async (transaction) => {
      await (transaction as PoolClient).query(sql).catch(() => undefined);
      await app.enqueue(note, { text: "x" }, { transaction });
    });
    const error = await refused.then(
      () => null,
      (thrown: Error) => thrown,
    );
    expect(error?.name).toBe("Error");
    expect(error?.message).toContain("transaction: PostgreSQL refused the enqueue: ");
    expect(error?.message).toContain(`(${code}). ${remedy}`);
  });

  test("a value that is not such a function's result is refused, and an outage is reported as one", async () => {
    await expect(app.enqueue(note, { text: "x" }, { transaction: async () => undefined })).rejects.toThrow(
      "the function must return the rows",
    );
    await using library = await LIBRARIES["pg"]!(String(deployment.settings["databaseUrl"]));
    const killed = library.transact(async (transaction) => {
      const [{ pid }] = (
        await (transaction as PoolClient).query<{ pid: number }>("select pg_backend_pid() as pid")
      ).rows as [{ pid: number }];
      (transaction as PoolClient).on("error", () => undefined);
      await app.em().execute("select pg_terminate_backend(?)", [pid]);
      await app.enqueue(note, { text: "x" }, { transaction });
    });
    await expect(killed).rejects.toThrow();
  });
});
