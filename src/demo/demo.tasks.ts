import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { defineTask, FatalError } from "../index.ts";

export const myTask = defineTask({
  name: "demo.myTask",
  description: "Logs, waits and logs again. Shows a running task, its progress and its cancellation.",
  input: z.object({
    seconds: z.number().min(0).max(3600).default(5).describe("How long the task waits, in seconds."),
  }),
  output: z.object({ seconds: z.number() }),
  timeLimit: "2h",
  run: async ({ seconds }, ctx) => {
    ctx.log.info("task starts", { seconds });
    for (let waited = 0; waited < seconds;) {
      const step = Math.min(1, seconds - waited);
      await sleep(step * 1000, ctx.signal);
      waited = step < 1 ? seconds : waited + 1;
      ctx.progress(waited, seconds);
    }
    ctx.log.info("task ends");
    return { seconds };
  },
});

export const add = defineTask({
  name: "demo.add",
  description: "Adds two numbers.",
  input: z.object({ x: z.number(), y: z.number() }),
  output: z.number(),
  run: ({ x, y }) => {
    const sum = x + y;
    if (Number.isFinite(sum)) return sum;
    throw new FatalError(`x + y: expected a finite sum, got ${x} + ${y}. Use smaller numbers.`);
  },
});

export const debug = defineTask({
  name: "demo.debug",
  description: "Returns its own context.",
  input: z.object({ note: z.string().max(1000).default("").describe("Returned unchanged in `input`.") }),
  output: z.object({
    id: z.string(),
    name: z.string(),
    input: z.object({ note: z.string() }),
    attempt: z.int(),
    maxAttempts: z.int(),
    queue: z.string(),
    tags: z.array(z.string()),
    idempotencyKey: z.string(),
    schedule: z.object({ id: z.string(), name: z.string(), slot: z.iso.datetime().nullable() }).nullable(),
    workerId: z.string(),
    workerName: z.string(),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime(),
  }),
  run: (input, ctx) => {
    ctx.log.info("context", { note: input.note });
    return {
      id: ctx.id,
      name: ctx.name,
      input,
      attempt: ctx.attempt,
      maxAttempts: ctx.maxAttempts,
      queue: ctx.queue,
      tags: [...ctx.tags],
      idempotencyKey: ctx.idempotencyKey,
      schedule: ctx.schedule && { ...ctx.schedule, slot: ctx.schedule.slot?.toISOString() ?? null },
      workerId: ctx.workerId,
      workerName: ctx.workerName,
      createdAt: ctx.createdAt.toISOString(),
      startedAt: ctx.startedAt.toISOString(),
    };
  },
});

/** Waits. Rejects with the signal's reason: the task was cancelled, timed out, or is requeued. */
async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await pause(milliseconds, undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
