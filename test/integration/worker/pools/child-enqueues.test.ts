import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { EnqueueRequest } from "../../../../src/engine/enqueue/prepare-task.ts";
import { RefusedError, UnavailableError } from "../../../../src/errors.ts";
import { newId } from "../../../../src/lib/uuid.ts";
import type { EnqueuedTask } from "../../../../src/task/call/enqueue-options.ts";
import { startPool } from "./pool-bundle.ts";

const files = [fileURLToPath(new URL("./asking.tasks.ts", import.meta.url))];

describe.each([
  ["processes", "asking.processes"],
  ["threads", "asking.threads"],
] as const)("ctx.enqueue in the pool %s:", (pool, name) => {
  function setup(answer?: (request: EnqueueRequest) => Promise<EnqueuedTask>) {
    const asked: { readonly by: string; readonly request: EnqueueRequest }[] = [];
    let open = 0;
    let mostOpen = 0;
    const yes = async () => ({ id: newId(), deduplicated: false });
    const bundle = startPool({
      ...{ pool, files },
      enqueue: async (context, request) => {
        asked.push({ by: context.id, request });
        mostOpen = Math.max(mostOpen, (open += 1));
        await new Promise((resolve) => setImmediate(resolve));
        return await (answer ?? yes)(request).finally(() => (open -= 1));
      },
    });
    const run = async (how: string) => {
      const { context, outcome } = bundle.begin(name, { how });
      return { id: context.id, outcome: (await outcome) as { readonly output: unknown } };
    };
    return {
      ...{ bundle, asked, run, mostOpen: () => mostOpen },
      output: async (how: string) => (await run(how)).outcome.output,
      [Symbol.asyncDispose]: () => bundle[Symbol.asyncDispose](),
    };
  }

  test("an enqueue is sent to the worker, which replies", async () => {
    await using here = setup(async () => ({ id: "the id", deduplicated: true }));
    const { id, outcome } = await here.run("options");
    expect(outcome).toMatchObject({ kind: "succeeded", output: { id: "the id", deduplicated: true } });
    const options = { runAt: new Date("2026-05-01T09:00:00Z"), tags: ["a"] };
    expect(here.asked).toEqual([
      { by: id, request: { name: "asking.receipt", args: { order: 1 }, options } },
    ]);
  });

  test("errors have the classes of the worker's errors", async () => {
    const issue = { code: "CONFLICT", path: ["0", "args"], message: "is odd.", hint: "Be even." } as const;
    const errors = [
      new RefusedError([issue]),
      new UnavailableError("database", { retryAfterMs: 7 }),
      new RangeError("by a middleware"),
    ];
    await using here = setup(() => Promise.reject(errors.shift()!));
    expect(await here.output("one")).toEqual({ name: "RefusedError", issues: [issue], code: "CONFLICT" });
    expect(await here.output("one")).toEqual({ name: "UnavailableError", service: "database", after: 7 });
    expect(await here.output("one")).toEqual({ name: "RangeError", message: "by a middleware" });
  });

  test("a value that no channel can carry is refused in the child, and an invalid date by the worker", async () => {
    await using here = setup();
    expect(await here.output("date")).toMatchObject({
      issues: [{ path: ["0", "args", "order"] }, { path: ["0", "options", "meta", "at"] }],
    });
    expect(await here.output("noDefinition")).toMatchObject({ name: "TypeError" });
    expect(here.asked).toEqual([]);
    await here.output("badTime");
    expect(here.asked[0]!.request.options!.runAt!.getTime()).toBeNaN();
  });

  test("a thousand enqueues at once are sent in turn", async () => {
    await using here = setup();
    expect(await here.output("many")).toBe(1_000);
    expect(here.mostOpen()).toBeLessThanOrEqual(256);
  });

  test("an attempt waits for enqueues that its code did not wait for; a failed attempt does not", async () => {
    await using here = setup();
    expect(await here.output("unawaited")).toBe("did not wait");
    expect(here.asked).toHaveLength(1);
    expect((await here.run("leave")).outcome).toMatchObject({ error: { message: "something else" } });
    await here.output("keep");
    const asked = here.asked.length;
    expect(await here.output("late")).toMatchObject({ name: "AttemptOver", message: /has ended/ });
    expect(here.asked).toHaveLength(asked);
  });
});

test("messages that a task sends past its context have no effect", async () => {
  const asked: unknown[] = [];
  await using bundle = startPool({
    files,
    enqueue: async (_context, request) => {
      asked.push(request.args);
      return { id: "the id", deduplicated: false };
    },
  });
  expect(await bundle.run("asking.forging")).toMatchObject({ output: { id: "the id" } });
  expect(asked).toEqual([{ order: 8 }]);
});
