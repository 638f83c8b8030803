import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import type { App } from "../../../../src/app/app.ts";
import { TaskRescuedError } from "../../../../src/errors.ts";
import type { EntityManager, TaskContext } from "../../../../src/task/definition/context.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import type { TaskDefinition } from "../../../../src/task/definition/definition.ts";
import { DEPLOYMENTS, type Deployment } from "../../../support/deployments.ts";

vi.setConfig({ testTimeout: 60_000 });

const ORDERS = "create table if not exists user_order (id serial primary key, item text not null)";
const write = (em: EntityManager, item: string) =>
  em.execute("insert into user_order (item) values (?)", [item]);

type Script = (ctx: TaskContext, item: string) => Promise<unknown>;

/** Tasks whose code the test gives, by the name of what they write. */
function makeTasks() {
  const scripts = new Map<string, Script>();
  const common = {
    input: z.object({ item: z.string() }),
    retry: { maxAttempts: 3, backoff: "fixed", initialDelay: "20ms", jitter: false },
    run: ({ item }: { item: string }, ctx: TaskContext<{ item: string }>) =>
      scripts.get(item)!(ctx as TaskContext, item) as Promise<string>,
  } as const;
  const order = defineTask({ name: "test.order", ...common, output: z.string() });
  const limited = defineTask({
    ...{ name: "test.limited", ...common, output: z.string() },
    ...{ timeLimit: "100ms", retry: { maxAttempts: 1 } },
  });
  const child = defineTask({ name: "test.child", run: () => "child" });
  return { order, limited, child, scripts };
}

describe.each(DEPLOYMENTS)("a task's own transaction: $kind", ({ kind, deploy }) => {
  const tasks = makeTasks();
  let deployment: Deployment;
  let app: App;
  beforeAll(async () => {
    deployment = await deploy();
    const definitions = [tasks.order, tasks.limited, tasks.child];
    // On the embedded database heartbeats wait for an open transaction, too.
    app = await deployment.app(definitions, undefined, { concurrency: 4, workerLostAfter: "30s" });
    await app.em().execute(ORDERS);
  });
  afterAll(() => deployment[Symbol.asyncDispose]());

  const start = (
    item: string,
    script: Script,
    definition: TaskDefinition<{ item: string }, string> = tasks.order,
  ) => {
    tasks.scripts.set(item, script);
    return app.enqueue(definition, { item });
  };
  const written = async (item: string) =>
    (await app.em().execute("select id from user_order where item = ?", [item])).length;

  test("the task's writes and its SUCCESS are committed together, and all subscribers are notified", async () => {
    const handle = await start("together", (ctx, item) =>
      ctx.transaction(async (em) => {
        await write(em, item);
        ctx.progress(1, 1, "written");
        return `wrote ${item}`;
      }),
    );
    const events = Array.fromAsync(handle.events(), ({ type }) => type);
    expect(await handle.result({ timeout: "10s" })).toBe("wrote together");
    expect(await written("together")).toBe(1);
    expect(await handle.read()).toMatchObject({
      ...{ state: "SUCCESS", attempt: 1, version: 3, output: "wrote together", error: null },
      ...{ finishedAt: expect.any(Date), progress: { current: 1, message: "written" } },
    });
    expect((await events).at(-1)).toBe("SUCCEEDED");
  });

  test("many at once each take a slot and release it, and are counted", async () => {
    const items = Array.from({ length: 40 }, (_, n) => `many ${n}`);
    for (const item of items)
      tasks.scripts.set(item, (ctx) => ctx.transaction((em) => write(em, "many").then(() => item)));
    const handles = await app.enqueueMany(
      tasks.order,
      items.map((item) => ({ input: { item } })),
    );
    const results = await Promise.all(handles.map((handle) => handle.result({ timeout: "20s" })));
    expect(results).toEqual(items);
    expect(await written("many")).toBe(40);
    await vi.waitFor(async () => {
      const [worker] = await app.em().execute("select busy, succeeded from lovage.worker");
      expect(worker).toMatchObject({ busy: 0 });
      expect(Number((worker as { succeeded: string }).succeeded)).toBeGreaterThanOrEqual(40);
    });
  });

  test("a transaction that throws is rolled back, and the next attempt writes once", async () => {
    const handle = await start("again", (ctx, item) =>
      ctx.transaction(async (em) => {
        await write(em, item);
        if (ctx.attempt === 1) throw new Error("not yet");
        return item;
      }),
    );
    expect(await handle.result({ timeout: "10s" })).toBe("again");
    expect(await written("again")).toBe(1);
    expect((await handle.read()).attempts).toMatchObject([{ error: { message: "not yet" } }]);
  });

  test("an output that does not fit fails the task, and nothing is written", async () => {
    const handle = await start("misfit", (ctx, item) =>
      ctx.transaction(async (em) => {
        await write(em, item);
        return 1;
      }),
    );
    await expect(handle.result({ timeout: "10s" })).rejects.toThrow(/output does not fit/);
    expect(await written("misfit")).toBe(0);
  });

  test("after the commit nothing changes the task any more", async () => {
    const thrown = await start("throws", async (ctx, item) => {
      await ctx.transaction((em) => write(em, item).then(() => "first"));
      throw new Error("too late");
    });
    const returned = await start("returns", async (ctx, item) => {
      await ctx.transaction((em) => write(em, item).then(() => "first"));
      return "second";
    });
    for (const handle of [thrown, returned]) {
      expect(await handle.result({ timeout: "10s" })).toBe("first");
      expect(await handle.read()).toMatchObject({ state: "SUCCESS", attempt: 1, attempts: [] });
    }
    await app.enqueue(tasks.child, {}).then((handle) => handle.result({ timeout: "10s" }));
    expect([await thrown.state(), await returned.state()]).toEqual(["SUCCESS", "SUCCESS"]);
  });

  test("a second call is refused while the first is open and once it is committed, not after a rollback", async () => {
    const refusals: string[] = [];
    const note = (error: Error) => void refusals.push(error.message);
    const handle = await start("twice", async (ctx, item) => {
      await ctx.transaction(() => Promise.reject(new Error("undone"))).catch(note);
      await ctx.transaction(async (em) => {
        await ctx.transaction(() => "inner").catch(note);
        await write(em, item);
        return "outer";
      });
      await ctx.transaction(() => "later").catch(note);
    });
    expect(await handle.result({ timeout: "10s" })).toBe("outer");
    await vi.waitFor(() => expect(refusals).toHaveLength(3));
    expect(refusals[0]).toBe("undone");
    expect(refusals[1]).toMatch(/used once in a task: its transaction is open/);
    expect(refusals[2]).toMatch(/was committed, and the task is done/);
    expect(await written("twice")).toBe(1);
  });

  test("a transaction that its code does not wait for is waited for", async () => {
    const gate = Promise.withResolvers<void>();
    const good = await start("forgotten", async (ctx, item) => {
      void ctx.transaction((em) => gate.promise.then(() => write(em, item)).then(() => "kept"));
      return "returned";
    });
    gate.resolve();
    expect(await good.result({ timeout: "10s" })).toBe("kept");
    const bad = await start("forgotten and bad", async (ctx) => {
      void ctx.transaction(async () => {
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error("forgotten failure");
      });
      return "returned";
    });
    await expect(bad.result({ timeout: "10s" })).rejects.toThrow("forgotten failure");
    const early = await start("forgotten long ago", async (ctx) => {
      const locked = Promise.withResolvers<void>();
      void ctx.transaction(async (em) => {
        await em.execute("select pg_advisory_xact_lock(15)");
        locked.resolve();
        throw new Error("early failure");
      });
      await locked.promise;
      // Free once the transaction is undone.
      await app.em().execute("select pg_advisory_lock(15), pg_advisory_unlock(15)");
      return "returned";
    });
    await expect(early.result({ timeout: "10s" })).rejects.toThrow("early failure");
  });

  test("tasks enqueued in it exist if and only if it commits", async () => {
    const ids: string[] = [];
    const handle = await start("parent", (ctx, item) =>
      ctx.transaction(async (em) => {
        await write(em, item);
        ids.push((await app.enqueue(tasks.child, {}, { transaction: em })).id);
        if (ctx.attempt === 1) throw new Error("not yet");
        return item;
      }),
    );
    await handle.result({ timeout: "10s" });
    const [lost, kept] = ids as [string, string];
    await expect(app.task(lost)).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await (await app.task(kept)).result({ timeout: "10s" })).toBe("child");
  });

  test("an inner transaction of it may be undone alone", async () => {
    const handle = await start("nested", (ctx, item) =>
      ctx.transaction(async (em) => {
        await write(em, item);
        const inner = em.transactional(async (em) => {
          await write(em, `${item} inner`);
          throw new Error("inner");
        });
        await inner.catch(() => undefined);
        return item;
      }),
    );
    expect(await handle.result({ timeout: "10s" })).toBe("nested");
    expect([await written("nested"), await written("nested inner")]).toEqual([1, 0]);
  });

  test("a cancel that arrives before the commit has no effect", async () => {
    const [inside, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const handle = await start("cancelled", (ctx, item) =>
      ctx.transaction(async (em) => {
        await write(em, item);
        inside.resolve();
        await gate.promise;
        return item;
      }),
    );
    await inside.promise;
    const revoked = handle.revoke();
    if (kind !== "embedded") await revoked; // There it waits for the transaction.
    gate.resolve();
    expect(await handle.result({ timeout: "10s" })).toBe("cancelled");
    await revoked;
    expect([await handle.state(), await written("cancelled")]).toEqual(["SUCCESS", 1]);
  });

  test("one that exceeds the time limit and ignores its signal is rolled back, and its connection is released", async () => {
    const forever = new Promise<string>(() => undefined);
    const endless: Script = (ctx, item) => ctx.transaction((em) => write(em, item).then(() => forever));
    const handle = await start("endless", endless, tasks.limited);
    await expect(handle.result({ timeout: "20s" })).rejects.toMatchObject({ type: "TimeLimitExceeded" });
    expect(await written("endless")).toBe(0);
    const open =
      "select 1 from pg_stat_activity where datname = current_database() and state like 'idle in%'";
    await vi.waitFor(async () => expect(await app.em().execute(open)).toEqual([]));
  });

  test("one that its code has left by an error is rolled back, whether or not that heeds the task's signal", async () => {
    const forever = new Promise<string>(() => undefined);
    const leaving =
      (leave: (ctx: TaskContext) => Promise<unknown>): Script =>
      async (ctx, item) => {
        const inside = Promise.withResolvers<void>();
        void ctx.transaction((em) => write(em, item).then(() => (inside.resolve(), forever)));
        await inside.promise;
        return leave(ctx);
      };
    const thrown = await start(
      "left",
      leaving(() => Promise.reject(new Error("left"))),
      tasks.limited,
    );
    await expect(thrown.result({ timeout: "10s" })).rejects.toThrow("left");
    const heeds = (ctx: TaskContext): Promise<never> =>
      new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(new Error("heard"))));
    const aborted = await start("left in time", leaving(heeds), tasks.limited);
    await expect(aborted.result({ timeout: "10s" })).rejects.toMatchObject({ type: "TimeLimitExceeded" });
    expect([await written("left"), await written("left in time")]).toEqual([0, 0]);
    const open =
      "select 1 from pg_stat_activity where datname = current_database() and state like 'idle in%'";
    await vi.waitFor(async () => expect(await app.em().execute(open)).toEqual([]));
  });

  test("a task that was rescued meanwhile writes nothing; its next run does", async () => {
    const errors: unknown[] = [];
    const [inside, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const held = async (): Promise<void> => {
      inside.resolve();
      await gate.promise;
    };
    // Of the embedded database the transaction would hold the only connection: nobody could take
    // the task back meanwhile.
    const within = kind !== "embedded";
    const handle = await start("fenced", async (ctx, item) => {
      if (!within) await held();
      const transaction = ctx.transaction(async (em) => {
        await write(em, item);
        if (within) await held();
        return item;
      });
      return transaction.catch((error: unknown) => {
        errors.push(error);
        throw error;
      });
    });
    await inside.promise;
    await app.em().execute("update lovage.worker set status = 'LOST'");
    await vi.waitFor(async () => expect((await handle.read()).crashCount).toBe(1), { interval: 20 });
    gate.resolve();
    expect(await handle.result({ timeout: "10s" })).toBe("fenced");
    await vi.waitFor(() => expect(errors).toEqual([expect.any(TaskRescuedError)]));
    expect(await written("fenced")).toBe(1);
    expect(await handle.read()).toMatchObject({ attempt: 1, crashCount: 1 });
  });
});

test("the type of the output is that of the transaction's return value", () => {
  const typed = defineTask({ name: "test.typed", run: (_input, ctx) => ctx.transaction(() => ({ sum: 1 })) });
  const check = async (app: App): Promise<number> => {
    const handle = await app.enqueue(typed, {});
    // @ts-expect-error -- the transaction gives no such field
    await handle.result().then((output) => output.total);
    return (await handle.result()).sum;
  };
  expect(check).toBeTypeOf("function");
});
