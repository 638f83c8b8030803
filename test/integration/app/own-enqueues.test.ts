import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import type { App } from "../../../src/app/app.ts";
import type { TaskContext } from "../../../src/task/definition/context.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { ApiClient } from "../../e2e/api-client.ts";
import { CLI } from "../../support/run-cli.ts";
import { startChild } from "../../support/child.ts";
import { DEPLOYMENTS, type Deployment } from "../../support/deployments.ts";
import { freePort } from "../../support/servers/free-port.ts";
import { inThread, inWorker, inProcess, receipt } from "../worker/pools/asking.tasks.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });
const timeout = "20s";

/** A task whose code the test gives. */
const scripts = new Map<string, (ctx: TaskContext) => unknown>();
const scripted = defineTask({
  name: "test.scripted",
  input: z.object({ script: z.string() }),
  retry: { maxAttempts: 2, initialDelay: "10ms", jitter: false },
  run: ({ script }, ctx) => scripts.get(script)!(ctx as TaskContext),
});
const failing = defineTask({
  name: "test.failing",
  timeLimit: "50ms",
  retry: { maxAttempts: 1 },
  run: (_input, ctx) => scripts.get("failing")!(ctx as TaskContext),
});

describe.each(DEPLOYMENTS)("tasks that enqueue tasks: $kind", ({ kind, deploy }) => {
  let deployment: Deployment;
  let app: App;
  beforeAll(async () => {
    deployment = await deploy();
    app = await deployment.app([inWorker, receipt, scripted, failing], undefined, {
      workerLostAfter: "30s",
    });
  });
  afterAll(() => deployment[Symbol.asyncDispose]());
  const ask = async (how: string) => {
    const handle = await app.enqueue(inWorker, { how });
    return { id: handle.id, output: (await handle.result({ timeout })) as Record<string, unknown> };
  };
  const run = async (script: string, code: (ctx: TaskContext) => unknown) => {
    scripts.set(script, code);
    return (await app.enqueue(scripted, { script })).result({ timeout });
  };

  test("the new task runs, and knows its parent", async () => {
    const { id, output } = await ask("one");
    expect(output).toEqual({ id: expect.any(String), deduplicated: false });
    const child = await app.task(output["id"] as string);
    expect(await child.result({ timeout })).toBe("receipt 1");
    expect(await child.read()).toMatchObject({ parentId: id, createdBy: null, retryOf: null });
  });

  test("an invalid enqueue is refused as by app.enqueue", async () => {
    expect((await ask("unfit")).output).toMatchObject({
      name: "RefusedError",
      issues: [{ path: ["args", "order"] }, { path: ["options", "priority"] }],
    });
    expect((await ask("stray")).output).toMatchObject({ code: "NOT_REGISTERED" });
    expect((await ask("noDefinition")).output).toMatchObject({
      ...{ name: "TypeError", message: expect.stringContaining("expected a task definition") },
    });
  });

  test("another attempt enqueues again, unless it gives the same key", async () => {
    const made = (await run("again", async (ctx) => {
      const options = { idempotencyKey: `${ctx.id}:receipt` };
      const keyed = await ctx.enqueue(receipt, { order: 2 }, options);
      const plain = await ctx.enqueue(receipt, { order: 2 });
      ctx.progress(0, 1, JSON.stringify([keyed.id, plain.id]));
      if (ctx.attempt === 1) {
        scripts.set("first", () => [keyed, plain]);
        throw new Error("the first attempt fails");
      }
      return [scripts.get("first")!(ctx), [keyed, plain]];
    })) as { readonly id: string; readonly deduplicated: boolean }[][];
    const [first, second] = made;
    expect(second).toEqual([
      { id: first![0]!.id, deduplicated: true },
      { id: expect.not.stringMatching(first![1]!.id), deduplicated: false },
    ]);
  });

  test("an attempt that succeeds waits for enqueues that its code did not await", async () => {
    const { id } = await ask("unawaited");
    const rows = await app.em().execute("select input from lovage.task where parent_id = ?", [id]);
    expect(rows).toEqual([{ input: { order: 3 } }]);
    const refused = run("refused", (ctx) => void ctx.enqueue(receipt, { order: "x" as never }));
    await expect(refused).rejects.toThrow(/args\.order/);
  });

  test("a call that fails before the code ends fails the attempt, unless the code handles the failure", async () => {
    const wrong = { order: "x" as never };
    const forgotten = run("forgotten", async (ctx) => {
      void ctx.enqueue(receipt, wrong);
      // This one is stored, so the other has long been refused.
      await ctx.enqueue(receipt, { order: 5 });
    });
    await expect(forgotten).rejects.toThrow(/args\.order/);
    const caught = run("caught", async (ctx) => {
      const names: string[] = [];
      const note = ({ name }: Error): void => void names.push(name);
      void ctx.enqueue(receipt, wrong).catch(note);
      await ctx.enqueue(receipt, wrong).catch(note);
      const [settled] = await Promise.allSettled([ctx.enqueue(receipt, wrong)]);
      return [...names, settled.status];
    });
    expect(await caught).toEqual(["RefusedError", "RefusedError", "rejected"]);
  });

  test("after the end of the attempt nothing is enqueued", async () => {
    const ended = Promise.withResolvers<void>();
    const late = Promise.withResolvers<unknown>();
    scripts.set("failing", async (ctx) => {
      await ended.promise;
      late.resolve(ctx.enqueue(receipt, { order: 4 }));
    });
    const handle = await app.enqueue(failing, null as never);
    await expect(handle.result({ timeout })).rejects.toThrow(/time limit/);
    ended.resolve();
    await expect(late.promise).rejects.toThrow(/the attempt has ended/);
  });

  test("within the task's own transaction it is not part of that, and never blocks", async () => {
    const result = run("transaction", (ctx) =>
      ctx.transaction(async () => {
        await ctx.enqueue(receipt, { order: 5 });
        return "done";
      }),
    );
    if (kind === "embedded") await expect(result).rejects.toThrow(/call ctx\.enqueue before or after/);
    else expect(await result).toBe("done");
  });
});

test("a wrong input or option does not compile", () => {
  const wrong = async (ctx: TaskContext) => {
    const { id, deduplicated } = await ctx.enqueue(receipt, { order: 1 }, { priority: "HIGH" });
    // @ts-expect-error -- order is a number
    await ctx.enqueue(receipt, { order: "1" });
    // @ts-expect-error -- no such option
    await ctx.enqueue(receipt, { order: 1 }, { prio: "HIGH" });
    // @ts-expect-error -- a name is no definition
    await ctx.enqueue("asking.receipt", { order: 1 });
    return [id, deduplicated];
  };
  expect(wrong).toBeTypeOf("function");
});

describe.each(DEPLOYMENTS)("in processes, threads and the worker itself: $kind", ({ deploy }) => {
  const scope = new AsyncDisposableStack();
  let api: ApiClient;
  beforeAll(async () => {
    const { settings } = scope.use(await deploy());
    const { embeddedDir, databaseUrl, redisUrl, prefix } = settings as Record<string, string>;
    const env = {
      LOVAGE_EMBEDDED_DIR: embeddedDir,
      ...{ DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, LOVAGE_PREFIX: prefix },
    };
    const port = await freePort();
    const tasks = fileURLToPath(new URL("../worker/pools/asking.tasks.ts", import.meta.url));
    const args = ["up", "--migrate", "--port", String(port), "--tasks", tasks];
    const up = await startChild(process.execPath, [CLI, ...args], { env });
    scope.defer(async () => {
      up.kill("SIGTERM");
      await up.exited;
    });
    await up.waitForLine(/GraphiQL/, 60_000);
    api = scope.use(new ApiClient(`http://127.0.0.1:${port}`));
  });
  afterAll(() => scope.disposeAsync());

  interface Shown {
    readonly state: string;
    readonly result: { readonly id: string };
    readonly parent: { readonly id: string; readonly name: string } | null;
  }
  const show = async (id: string): Promise<Shown> => {
    const query = "query ($id: ID!) { task(id: $id) { state result parent { id name } } }";
    const { task } = await api.run<{ task: Shown }>(query, { id });
    expect(task.state).toBe("SUCCESS");
    return task;
  };
  const done = (id: string) => vi.waitFor(() => show(id), { timeout: 20_000, interval: 50 });
  const ask = async (name: string, how: string) => {
    const { enqueueTask } = await api.run<{ enqueueTask: { task: { id: string } } }>(
      "mutation ($input: EnqueueTaskInput!) { enqueueTask(input: $input) { task { id } errors { message } } }",
      { input: { name, args: { how } } },
    );
    return { id: enqueueTask.task.id, ...(await done(enqueueTask.task.id)) };
  };

  test.each([inProcess.name, inThread.name, inWorker.name])("%s", async (name) => {
    const { id, result } = await ask(name, "one");
    expect(await done(result.id)).toMatchObject({ result: "receipt 1", parent: { id, name } });
    expect((await ask(name, "unfit")).result).toMatchObject({
      name: "RefusedError",
      issues: [{ path: ["args", "order"] }, { path: ["options", "priority"] }],
    });
    expect((await ask(name, "badTime")).result).toMatchObject({
      issues: [{ path: ["options", "runAt"] }],
    });
    expect((await ask(name, "stray")).result).toMatchObject({ code: "NOT_REGISTERED" });
    const [first, second] = (await ask(name, "key")).result as unknown as object[];
    expect(second).toEqual({ ...first, deduplicated: true });
    expect((await ask(name, "many")).result).toBe(1_000);
  });
});
