import { MikroORM, RequestContext } from "@mikro-orm/postgresql";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import type { App } from "../../../../src/app/app.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import { type Caller, CALLERS, OrderEntity, ownOrm } from "../../../support/callers.ts";
import { type Deployment, shared } from "../../../support/deployments.ts";
import { freshDatabase } from "../../../support/servers/global-servers.ts";

vi.setConfig({ testTimeout: 60_000 });

const runs: number[] = [];
const note = defineTask({
  name: "test.note",
  input: z.object({ x: z.number() }),
  output: z.number(),
  run: ({ x }) => {
    runs.push(x);
    return x;
  },
});
const insert = "insert into user_order (id, item) values (?, ?)";

describe.each(CALLERS)("an enqueue in the caller's transaction: $title", ({ deploy, open }) => {
  let deployment: Deployment;
  let app: App;
  let caller: Caller;
  let next = 0;

  beforeAll(async () => {
    deployment = await deploy();
    // No sweeper: what runs was announced by the dispatcher.
    app = await deployment.app([note], ["maintenance", "worker"], { sweepEvery: "1h" });
    caller = await open(deployment, app);
  });
  afterAll(async () => {
    await caller[Symbol.asyncDispose]();
    await deployment[Symbol.asyncDispose]();
  });
  const number = () => (next += 1);
  const rowsOf = (x: number) =>
    app.em().execute("select id from lovage.task where (input->>'x')::int = ?", [x]);
  const gone = (id: string) => expect(app.task(id)).rejects.toMatchObject({ code: "NOT_FOUND" });

  test("committed, it runs, and the caller's own writes are there", async () => {
    const x = number();
    const handle = await caller.em().transactional(async (em) => {
      await em.execute(insert, [x, "committed"]);
      return app.enqueue(note, { x }, { transaction: em });
    });
    expect(await handle.result({ timeout: "10s" })).toBe(x);
    expect(await caller.orders()).toContain("committed");
    expect(await handle.read()).toMatchObject({ state: "SUCCESS", attempt: 1, input: { x } });
  });

  test("rolled back, it leaves no row, no run and no event", async () => {
    const [x, told] = [number(), vi.fn<(type: string) => void>()];
    const ids: string[] = [];
    const aborted = caller.em().transactional(async (em) => {
      await em.execute(insert, [x, "rolled back"]);
      const handle = await app.enqueue(note, { x }, { transaction: em });
      ids.push(handle.id);
      void (async () => {
        for await (const event of handle.events()) told(event.type);
      })().catch(() => undefined);
      await em.execute("select pg_sleep(0.1)"); // Time enough to be announced in, wrongly.
      throw new Error("the caller changed its mind");
    });
    await expect(aborted).rejects.toThrow("changed its mind");
    await gone(ids[0]!);
    // What comes after it was announced after it would have been.
    const after = await app.enqueue(note, { x: number() });
    await after.result({ timeout: "10s" });
    expect(runs).not.toContain(x);
    expect(told).not.toHaveBeenCalled();
    expect(await caller.orders()).not.toContain("rolled back");
  });

  test("enqueues that are rolled back to a savepoint never existed, the rest runs", async () => {
    const [kept, undone, inner] = [number(), number(), number()];
    const handles = await caller.em().transactional(async (em) => {
      const first = await app.enqueue(note, { x: kept }, { transaction: em });
      const undoing = em.transactional(async (em) => {
        const lost = await app.enqueue(note, { x: undone }, { transaction: em });
        throw new Error(lost.id);
      });
      const lost: string = await undoing.catch((error: Error) => error.message);
      const second = await em.transactional((em) => app.enqueue(note, { x: inner }, { transaction: em }));
      return { first, second, lost };
    });
    expect(await handles.first.result({ timeout: "10s" })).toBe(kept);
    expect(await handles.second.result({ timeout: "10s" })).toBe(inner);
    await gone(handles.lost);
    expect(runs).not.toContain(undone);
  });

  test("only an inner transaction enqueues, and the outer one commits later", async () => {
    const x = number();
    const handle = await caller.em().transactional(async (em) => {
      const enqueued = await em.transactional((em) => app.enqueue(note, { x }, { transaction: em }));
      await em.execute(insert, [x, "outer"]);
      return enqueued;
    });
    expect(await handle.result({ timeout: "10s" })).toBe(x);
  });

  test("a transaction that was started by hand counts as any other", async () => {
    const [committed, undone] = [number(), number()];
    const em = caller.em();
    await em.begin();
    const handle = await app.enqueue(note, { x: committed }, { transaction: em });
    await em.commit();
    expect(await handle.result({ timeout: "10s" })).toBe(committed);
    await em.begin();
    const lost = await app.enqueue(note, { x: undone }, { transaction: em });
    await em.rollback();
    await gone(lost.id);
    await expect(lost.state()).rejects.toThrow(/transaction that enqueued it is not committed/);
  });

  test("many are enqueued together; a delay counts from the enqueue, and the task waits for its time", async () => {
    const xs = [number(), number(), number()];
    const { handles, delayed, begun } = await caller.em().transactional(async (em) => {
      const [{ begun }] = await em.execute<[{ begun: number }]>(
        "select extract(epoch from now())::float8 * 1000 as begun, pg_sleep(0.3)",
      );
      const inputs = xs.map((x) => ({ input: { x } }));
      const handles = await app.enqueueMany(note, inputs, { transaction: em });
      const delayed = await app.enqueue(
        note,
        { x: number() },
        { transaction: em, delay: "1h", tags: ["later"] },
      );
      return { handles, delayed, begun };
    });
    expect(await Promise.all(handles.map((handle) => handle.result({ timeout: "10s" })))).toEqual(xs);
    const row = await delayed.read();
    expect(row).toMatchObject({ state: "SCHEDULED", tags: ["later"] });
    expect(row.createdAt.getTime() - begun).toBeGreaterThanOrEqual(299);
    expect(row.runAt!.getTime() - row.createdAt.getTime()).toBe(3_600_000);
  });

  test("keys mean the same; a conflict leaves nothing of its call, and the transaction continues", async () => {
    const [x, other] = [number(), number()];
    const key = `key ${x}`;
    const { first, again, unique, twin } = await caller.em().transactional(async (em) => {
      const first = await app.enqueue(note, { x }, { transaction: em, idempotencyKey: key });
      const again = await app.enqueue(note, { x }, { transaction: em, idempotencyKey: key });
      const conflict = app.enqueueMany(
        note,
        [{ input: { x: other } }, { input: { x: other }, options: { idempotencyKey: key } }],
        { transaction: em },
      );
      await expect(conflict).rejects.toMatchObject({ code: "CONFLICT" });
      await expect(app.enqueue(note, { x: "one" as never }, { transaction: em })).rejects.toMatchObject({
        code: "INVALID_INPUT",
      });
      const unique = await app.enqueue(note, { x }, { transaction: em, uniqueKey: key, delay: "1h" });
      const twin = await app.enqueue(note, { x }, { transaction: em, uniqueKey: key });
      await em.execute(insert, [x, `after the conflict ${x}`]);
      return { first, again, unique, twin };
    });
    expect([again.id, again.deduplicated]).toEqual([first.id, true]);
    expect([twin.id, twin.deduplicated]).toEqual([unique.id, true]);
    expect(await first.result({ timeout: "10s" })).toBe(x);
    expect(await caller.orders()).toContain(`after the conflict ${x}`);
    expect(await rowsOf(other)).toEqual([]);
    const outside = await app.enqueue(note, { x }, { idempotencyKey: key });
    expect(outside.id).toBe(first.id);
  });

  test("an em without an open transaction is refused, with the remedy", async () => {
    const remedy = /Call from within `await em\.transactional/;
    const refused = (em: unknown) => app.enqueue(note, { x: 1 }, { transaction: em as never });
    await expect(refused(caller.em())).rejects.toThrow(/no open transaction\..*/);
    await expect(refused(caller.em())).rejects.toThrow(remedy);
    await expect(refused(null)).rejects.toThrow(/expected an open transaction of pg, Drizzle/);
    await expect(refused({})).rejects.toThrow(/expected an open transaction of pg, Drizzle/);
    const ended = await caller.em().transactional(async (em) => em);
    await expect(refused(ended)).rejects.toThrow(/transaction: it has ended/);
    const foreign = { ...fakeManager(), getTransactionContext: () => ({ commit: () => undefined }) };
    await expect(refused(foreign)).rejects.toThrow(/not one of MikroORM 7 for PostgreSQL/);
  });
});

function fakeManager() {
  return { getContext: () => undefined, getDriver: () => ({}), getEventManager: () => undefined };
}

describe("PostgreSQL", () => {
  let deployment: Deployment;
  let app: App;
  beforeAll(async () => {
    deployment = await shared();
    app = await deployment.app([note]);
  });
  afterAll(() => deployment[Symbol.asyncDispose]());

  test("an em of another database is refused: its tasks would never run", async () => {
    const elsewhere = await freshDatabase();
    const orm = await MikroORM.init({ clientUrl: elsewhere.url, entities: [OrderEntity] });
    try {
      const enqueued = orm.em.fork().transactional((em) => app.enqueue(note, { x: 1 }, { transaction: em }));
      await expect(enqueued).rejects.toThrow(/another database than the app.*app\.em\(\)/s);
    } finally {
      await orm.close(true);
      await elsewhere.drop();
    }
  });

  test("the app is not affected by the user's request and transaction contexts", async () => {
    await using caller = await ownOrm(deployment);
    await RequestContext.create(caller.em(), async () => {
      const handle = await app.enqueue(note, { x: -1 });
      expect(await handle.read()).toMatchObject({ name: "test.note" });
    });
    await caller.em().transactional(async () => {
      const handle = await app.enqueue(note, { x: -2 });
      expect(await handle.read()).toMatchObject({ name: "test.note" });
    });
  });

  test("entities of the user's own are flushed with the task's row", async () => {
    await using caller = await ownOrm(deployment);
    const handle = await caller.em().transactional(async (em) => {
      em.create(OrderEntity, { id: 900, item: "an entity" });
      return app.enqueue(note, { x: 900 }, { transaction: em });
    });
    expect(await handle.result({ timeout: "10s" })).toBe(900);
    expect(await caller.orders()).toContain("an entity");
  });
});

describe("embedded", () => {
  test("an enqueue that would wait for its own transaction forever is refused", async () => {
    await using deployment = await CALLERS[0]!.deploy();
    const app = await deployment.app([note]);
    await app.em().transactional(async (em) => {
      await expect(app.enqueue(note, { x: 1 })).rejects.toThrow(/needs \{ transaction: em \}/);
      await app.enqueue(note, { x: 902 }, { transaction: em });
    });
    await vi.waitFor(() => expect(runs).toContain(902), { timeout: 10_000 });
  });
});

test("a wrong input, option or transaction does not compile", () => {
  const wrong = async (app: App) => {
    const em = app.em();
    await app.enqueue(note, { x: 1 }, { transaction: em, priority: "HIGH" });
    await app.enqueueMany(note, [{ input: { x: 1 }, options: { delay: "1s" } }], { transaction: em });
    // @ts-expect-error -- x is a number
    await app.enqueue(note, { x: "1" }, { transaction: em });
    // @ts-expect-error -- no such option
    await app.enqueue(note, { x: 1 }, { transaction: em, prio: "HIGH" });
    // @ts-expect-error -- a connection is not a transaction
    await app.enqueue(note, { x: 1 }, { transaction: em.getConnection() });
    // @ts-expect-error -- y is none of the inputs' fields
    await app.enqueueMany(note, [{ input: { y: 1 } }], { transaction: em });
  };
  expect(wrong).toBeTypeOf("function");
});
