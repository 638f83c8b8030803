import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { threadId } from "node:worker_threads";
import { defineTask, FatalError } from "lovage";
import { z } from "zod";
import { around, note } from "./hooks.config.ts";

/** Snoozes, fails, and succeeds, in this order; its own hooks print as those of all tasks do. */
export const steps = defineTask({
  name: "hooks.steps",
  retry: { maxAttempts: 2, initialDelay: "10ms" },
  hooks: {
    "task:enqueued": (event) => note("own:enqueued", event),
    "task:succeeded": (event) => note("own:succeeded", event),
  },
  run: (_input, ctx) => {
    if (!existsSync(ctx.id)) {
      writeFileSync(ctx.id, "");
      ctx.snooze("10ms");
    }
    if (ctx.attempt === 1) throw new Error("first");
    return ctx.attempt;
  },
});

export const fatal = defineTask({
  name: "hooks.fatal",
  run: () => {
    throw new FatalError("never");
  },
});

export const nap = defineTask({
  name: "hooks.nap",
  run: (_input, ctx) => sleep(3_600_000, null, { signal: ctx.signal }),
});

const fails = (): never => {
  throw new RangeError("a bug of the hook");
};

/** Each of its hooks fails, at once or later. */
export const spoilt = defineTask({
  name: "hooks.spoilt",
  hooks: {
    "task:enqueued": fails,
    "task:started": () => Promise.reject(new RangeError("a bug of the hook")),
    "task:succeeded": fails,
  },
  run: () => "as ever",
});

/** Its hook never ends. */
export const stuck = defineTask({
  name: "hooks.stuck",
  hooks: { "task:succeeded": () => new Promise(() => undefined) },
  run: () => "as ever",
});

/** Where its code runs, and within what. */
export const place = defineTask({
  name: "hooks.place",
  input: z.object({ wish: z.string() }),
  retry: { maxAttempts: 1 },
  run: ({ wish }) => ({ wish, around: around.getStore(), pid: process.pid, threadId }),
});

export const parent = defineTask({
  name: "hooks.parent",
  input: z.object({ wish: z.string(), queue: z.string() }),
  retry: { maxAttempts: 1 },
  run: ({ wish, queue }, ctx) => ctx.enqueue(place, { wish }, { queue }),
});
