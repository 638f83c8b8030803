import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import type { App } from "../../../../src/app/app.ts";
import type { AnyTaskDefinition } from "../../../../src/task/definition/definition.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import { DEPLOYMENTS, type Deployment } from "../../../support/deployments.ts";

const byCustomer = z.object({ customer: z.string() });
const many = <Input>(count: number, input: Input): { readonly input: Input }[] =>
  Array.from({ length: count }, () => ({ input }));

describe.each(DEPLOYMENTS)("limits ($kind)", ({ deploy }) => {
  let deployment: Deployment;
  let ended: number;
  const apps: App[] = [];
  beforeAll(async () => {
    deployment = await deploy();
  });
  beforeEach(() => void (ended = 0));
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.stop();
  });
  afterAll(() => deployment[Symbol.asyncDispose]());

  const start: Deployment["app"] = async (...how) => {
    const app = await deployment.app(...how);
    apps.push(app);
    return app;
  };

  /** Resolves when so many have ended. */
  const allEnd = (count: number): Promise<void> =>
    vi.waitFor(() => expect(ended).toBe(count), { timeout: 20_000, interval: 20 });

  /** Counts what runs, at most, by what `of` says. */
  function counter(): { readonly most: Map<string, number>; readonly run: (of: string) => Promise<void> } {
    const running = new Map<string, number>();
    const most = new Map<string, number>();
    const add = (of: string, by: number): void => {
      running.set(of, (running.get(of) ?? 0) + by);
      most.set(of, Math.max(most.get(of) ?? 0, running.get(of)!));
    };
    const run = async (of: string): Promise<void> => {
      for (const what of ["all", of]) add(what, 1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      for (const what of ["all", of]) add(what, -1);
      ended += 1;
    };
    return { most, run };
  }

  test("in any window no more tasks start than the rate allows, and hardly fewer; others of the queue continue", async () => {
    const starts: Date[] = [];
    const limited = defineTask({
      name: "test.rated",
      rateLimit: "20/s",
      run: (_input, ctx) => {
        starts.push(ctx.startedAt);
        ended += 1;
      },
    });
    const plain = defineTask({ name: "test.plain", run: () => null });
    const app = await start([limited, plain]);
    await app.enqueueMany(limited, many(70, {}));
    const others = await app.enqueueMany(plain, many(50, {}));
    await Promise.all(others.map((one) => one.result({ timeout: "20s" })));
    expect(ended).toBeLessThan(70);
    await allEnd(70);
    expectRate(starts, 20, 1_000);
  });

  test("with a key each of its values has its own rate", async () => {
    const starts: [customer: string, at: number][] = [];
    const limited = defineTask({
      name: "test.keyed",
      input: byCustomer,
      rateLimit: { limit: "3/m", key: "customer" },
      run: ({ customer }) => {
        starts.push([customer, Date.now()]);
        ended += 1;
      },
    });
    const app = await start([limited]);
    await app.enqueueMany(limited, many(50, { customer: "a" }));
    await app.enqueueMany(limited, [...many(2, { customer: "b" }), ...many(4, { customer: "c" })]);
    await allEnd(8);
    const of = (name: string): number => starts.filter(([customer]) => customer === name).length;
    expect([of("a"), of("b"), of("c")]).toEqual([3, 2, 3]);
  });

  test("no more run at once than the concurrency allows, in all and of each key", async () => {
    const { most, run } = counter();
    const limited = defineTask({
      name: "test.counted",
      input: byCustomer,
      concurrency: [{ max: 3 }, { max: 2, key: ({ customer }) => customer.toLowerCase() }],
      run: ({ customer }) => run(customer.toLowerCase()),
    });
    const app = await start([limited], undefined, { concurrency: 10 });
    await app.enqueueMany(limited, [
      ...many(10, { customer: "a" }),
      ...many(10, { customer: "A" }),
      ...many(8, { customer: "b" }),
    ]);
    await allEnd(28);
    expect(Object.fromEntries(most)).toEqual({ all: 3, a: 2, b: 2 });
  });

  test("keys take turns: a key with few tasks does not wait for one with many", async () => {
    const order: string[] = [];
    const limited = defineTask({
      name: "test.turns",
      input: byCustomer,
      concurrency: [{ max: 2 }, { max: 2, key: "customer" }],
      run: async ({ customer }) => {
        order.push(customer);
        await new Promise((resolve) => setTimeout(resolve, 10));
        ended += 1;
      },
    });
    const app = await start([limited]);
    await app.enqueueMany(limited, many(60, { customer: "a" }));
    await vi.waitFor(() => expect(order.length).toBeGreaterThan(2));
    const before = order.length;
    await app.enqueueMany(limited, [...many(5, { customer: "b" }), ...many(5, { customer: "c" })]);
    await allEnd(70);
    // Each of the others had its five turns while `a` had about five.
    const last = Math.max(order.lastIndexOf("b"), order.lastIndexOf("c"));
    expect(last - before).toBeLessThan(30);
  });

  test("limits of a queue hold for all of its tasks together, and end when they are lifted", async () => {
    const { most, run } = counter();
    const plain = defineTask({ name: "test.plain", queue: "narrow", run: () => run("plain") });
    const limited = defineTask({
      name: "test.in-queue",
      queue: "narrow",
      concurrency: 2,
      run: () => run("limited"),
    });
    const app = await start([plain, limited], ["maintenance", "worker", "server"], { concurrency: 10 });
    await setLimits(app, { concurrency: 3 });
    await app.enqueueMany(plain, many(15, {}));
    await app.enqueueMany(limited, many(15, {}));
    await allEnd(30);
    expect(most.get("all")).toBe(3);
    expect(most.get("limited")).toBe(2);
    await setLimits(app, { rateLimit: "5/h" });
    await app.enqueueMany(plain, many(12, {}));
    await allEnd(35);
    await setLimits(app, { rateLimit: "8/h" });
    await allEnd(38);
    await setLimits(app, {});
    await allEnd(42);
  });

  test("a rate-limited task delays its definition, and is not charged", async () => {
    const seen: [customer: string, attempt: number, at: number][] = [];
    const limited = defineTask({
      name: "test.slowed",
      input: byCustomer,
      concurrency: 1,
      run: ({ customer }, ctx) => {
        seen.push([customer, ctx.attempt, performance.now()]);
        if (seen.length === 1) ctx.rateLimited("1s");
        ended += 1;
      },
    });
    const app = await start([limited]);
    await app.enqueueMany(limited, [...many(1, { customer: "a" }), ...many(3, { customer: "b" })]);
    await allEnd(4);
    expect(seen.map(([customer]) => customer).toSorted()).toEqual(["a", "a", "b", "b", "b"]);
    expect(seen.map(([, attempt]) => attempt)).toEqual([1, 1, 1, 1, 1]);
    expect(seen[1]![2] - seen[0]![2]).toBeGreaterThan(950);
  });

  test("tasks that waited when their definition got limits are held to them", async () => {
    const { most, run } = counter();
    const define = (more: object) => defineTask({ name: "test.task", run: () => run("task"), ...more });
    const server = await start([define({})], ["maintenance"]);
    await server.enqueueMany(define({}), many(12, {}));
    const add = async (definition: AnyTaskDefinition): Promise<unknown> =>
      deployment.settings["databaseUrl"] === undefined
        ? (await server.stop(), start([definition]))
        : start([definition], ["worker"]);
    await add(define({ concurrency: 2 }));
    await allEnd(12);
    expect(most.get("all")).toBe(2);
  });
});

/**
 * In no span of the window do more start than the limit, and the starts go on as fast as they may,
 * as far as a busy machine lets them.
 */
function expectRate(starts: readonly Date[], limit: number, windowMs: number): void {
  const times = starts.map((at) => at.getTime()).toSorted((a, b) => a - b);
  // The database tells whole milliseconds.
  for (let index = limit; index < times.length; index += 1)
    expect(times[index]! - times[index - limit]!).toBeGreaterThanOrEqual(windowMs - 1);
  const windows = Math.ceil(times.length / limit) - 1;
  expect(times.at(-1)! - times[0]!).toBeLessThan(windows * windowMs + 3_000);
}

/** Sets the limits of a queue as a client does. */
async function setLimits(
  app: App,
  limits: { readonly concurrency?: number; readonly rateLimit?: string },
): Promise<void> {
  const response = await fetch(`${app.describe().url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      query: `mutation ($concurrency: Int, $rateLimit: String) {
        setQueueLimits(input: { name: "narrow", concurrency: $concurrency, rateLimit: $rateLimit }) {
          queue { concurrencyLimit rateLimit } errors { message }
        }
      }`,
      variables: limits,
    }),
  });
  const { concurrency = null, rateLimit = null } = limits;
  const { extensions: _cost, ...answer } = (await response.json()) as Record<string, unknown>;
  expect(answer).toEqual({
    data: { setQueueLimits: { queue: { concurrencyLimit: concurrency, rateLimit }, errors: [] } },
  });
}
