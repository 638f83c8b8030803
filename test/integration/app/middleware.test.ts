import { AsyncLocalStorage } from "node:async_hooks";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { createApp } from "../../../src/app/create-app.ts";
import type { App } from "../../../src/app/app.ts";
import { ConfigError, RefusedError } from "../../../src/errors.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import type { Middleware } from "../../../src/task/definition/middleware.ts";
import { DEPLOYMENTS, type Deployment } from "../../support/deployments.ts";

const timeout = "20s";
const tenant = new AsyncLocalStorage<string>();
const steps: string[] = [];

const tenants: Middleware = {
  name: "tenants",
  enqueue: ({ options }) => ({
    options: { ...options, meta: { ...options.meta, tenant: tenant.getStore() ?? "none" } },
  }),
  run: async (ctx, next) => {
    steps.push(`in ${ctx.attempt}`);
    try {
      return await tenant.run("inside", next);
    } finally {
      steps.push("out");
    }
  },
};
const gate: Middleware = {
  enqueue: async ({ name, args }) => {
    const { how } = args as { how: string };
    if (how === "forbidden") {
      const issue = { code: "FORBIDDEN", message: `${name} is not for you.`, path: ["args", "how"] } as const;
      throw new RefusedError([issue]);
    }
    if (how === "broken") throw new TypeError("a bug of the middleware");
    if (how === "changed") return { args: { how: "was changed" } };
    if (how === "spoilt") return { args: { how: 7 } };
    return undefined;
  },
  run: async (ctx, next) => {
    const { how } = ctx.input as { how: string };
    if (how === "throws") throw new RangeError("before the code");
    if (how === "twice") await next();
    const output = await next();
    return how === "output" ? "another output" : output;
  },
};
const task = defineTask({
  name: "middleware.task",
  input: z.object({ how: z.string() }),
  retry: { maxAttempts: 1 },
  run: ({ how }) => `${how} ${tenant.getStore()}`,
});

describe.each(DEPLOYMENTS)("middleware: $kind", ({ deploy }) => {
  let deployment: Deployment;
  let app: App;
  beforeAll(async () => {
    deployment = await deploy();
    app = await deployment.app([task], undefined, {}, { middleware: [tenants, gate] });
  });
  afterAll(() => deployment[Symbol.asyncDispose]());
  const result = async (how: string) => (await app.enqueue(task, { how })).result({ timeout });

  test("an enqueue is changed, and the code runs inside", async () => {
    steps.length = 0;
    const handle = await tenant.run("acme", () => app.enqueue(task, { how: "changed" }));
    expect(await handle.result({ timeout })).toBe("was changed inside");
    expect(await handle.read()).toMatchObject({ input: { how: "was changed" }, meta: { tenant: "acme" } });
    expect(steps).toEqual(["in 1", "out"]);
    expect(await result("output")).toBe("another output");
  });

  test("an enqueue is refused with the middleware's error; nothing is enqueued", async () => {
    const refused = app.enqueueMany(task, [{ input: { how: "good" } }, { input: { how: "forbidden" } }]);
    await expect(refused).rejects.toMatchObject({
      ...{ name: "RefusedError", code: "FORBIDDEN" },
      issues: [{ path: ["1", "args", "how"] }],
    });
    await expect(result("broken")).rejects.toThrow(TypeError);
    await expect(result("spoilt")).rejects.toThrow(/^args\.how/);
    const inTransaction = app
      .em()
      .transactional((em) => app.enqueue(task, { how: "forbidden" }, { transaction: em }));
    await expect(inTransaction).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  test("an error that it throws around the code is that attempt's failure", async () => {
    await expect(result("throws")).rejects.toMatchObject({ type: "RangeError", message: "before the code" });
    await expect(result("twice")).rejects.toThrow("called next() twice: an attempt runs once");
  });
});

test("hooks and middleware that could never be called are refused", () => {
  const make = (extensions: object) => () => createApp({ tasks: [task], ...extensions });
  expect(make({ hooks: { "task:done": () => undefined } })).toThrow(ConfigError);
  expect(make({ hooks: { "task:done": () => undefined } })).toThrow(
    'there is no hook "task:done"; known: task:enqueued',
  );
  expect(make({ hooks: { "task:failed": "log" } })).toThrow('hooks["task:failed"]: expected a function');
  expect(make({ middleware: [{}] })).toThrow("middleware[0]: expected a function enqueue, or run, or both");
  expect(make({ middleware: tenants })).toThrow("middleware: expected an array");
  const define = () =>
    defineTask({ name: "x", run: () => 1, hooks: { "worker:ready": () => undefined } as never });
  expect(define).toThrow('there is no hook "worker:ready"');
});
