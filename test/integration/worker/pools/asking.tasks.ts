import { writeSync } from "node:fs";
import { serialize } from "node:v8";
import { defineTask, RefusedError, type TaskContext, UnavailableError } from "lovage";
import { z } from "zod";

/** What the tasks of this file enqueue. */
export const receipt = defineTask({
  name: "asking.receipt",
  input: z.object({ order: z.number() }),
  run: ({ order }) => `receipt ${order}`,
});
/** Its name is in no registry: it is not exported. */
const stray = defineTask({ name: "asking.stray", run: () => null });

const kept: { ctx?: TaskContext } = {};

/** An error as the task's own code sees it. */
function seen(error: unknown): object {
  const { name, message } = error as Error;
  if (error instanceof RefusedError) return { name, issues: error.issues, code: error.code };
  if (error instanceof UnavailableError) return { name, service: error.service, after: error.retryAfterMs };
  return { name, message };
}

const DEEDS: Readonly<Record<string, (ctx: TaskContext) => unknown>> = {
  one: (ctx) => ctx.enqueue(receipt, { order: 1 }),
  options: (ctx) =>
    ctx.enqueue(receipt, { order: 1 }, { runAt: new Date("2026-05-01T09:00:00Z"), tags: ["a"] }),
  key: async (ctx) => {
    const options = { idempotencyKey: `${ctx.id}:receipt`, delay: "1h" } as const;
    const first = await ctx.enqueue(receipt, { order: 2 }, options);
    return [first, await ctx.enqueue(receipt, { order: 2 }, options)];
  },
  unfit: (ctx) => ctx.enqueue(receipt, { order: "x" as never }, { priority: "SOON" as never }),
  date: (ctx) => ctx.enqueue(receipt, { order: new Map() as never }, { meta: { at: 1n as never } }),
  badTime: (ctx) => ctx.enqueue(receipt, { order: 1 }, { runAt: new Date("no time") }),
  stray: (ctx) => ctx.enqueue(stray, null as never),
  noDefinition: (ctx) => ctx.enqueue("asking.receipt" as never, { order: 1 }),
  many: async (ctx) => {
    const all = await Promise.all(
      Array.from({ length: 1_000 }, (_, order) => ctx.enqueue(receipt, { order })),
    );
    return new Set(all.map(({ id }) => id)).size;
  },
  unawaited: (ctx) => {
    void ctx.enqueue(receipt, { order: 3 });
    return "did not wait";
  },
  keep: (ctx) => {
    kept.ctx = ctx;
    return null;
  },
  late: () => kept.ctx!.enqueue(receipt, { order: 4 }),
  leave: (ctx) => {
    void ctx.enqueue(receipt, { order: 5 });
    throw new Error("something else");
  },
};

/** Says what no child of ours would, by the channel that a task should not know. */
export const forging = defineTask({
  name: "asking.forging",
  pool: "processes",
  run: (_input, ctx) => {
    const requests = [
      "{",
      "null",
      "{}",
      '{"name":7,"args":{}}',
      '{"name":"asking.receipt","args":{},"options":7}',
    ];
    for (const request of requests) send({ type: "enqueue", run: 1, number: 9, request });
    send({ type: "enqueue", run: 1, number: "9", request: "{}" });
    send({ type: "enqueue", run: 7, number: 9, request: '{"name":"asking.receipt","args":{"order":7}}' });
    return ctx.enqueue(receipt, { order: 8 });
  },
});

function send(message: unknown): void {
  const body = serialize(message);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  writeSync(3, Buffer.concat([head, body]));
}

function asking(pool: "async" | "processes" | "threads") {
  return defineTask({
    name: `asking.${pool}`,
    pool,
    retry: { maxAttempts: 1 },
    input: z.object({ how: z.string() }),
    run: async ({ how }, ctx) => {
      try {
        return await DEEDS[how]!(ctx as TaskContext);
      } catch (error) {
        if (how === "leave") throw error;
        return seen(error);
      }
    },
  });
}
export const inWorker = asking("async");
export const inProcess = asking("processes");
export const inThread = asking("threads");
