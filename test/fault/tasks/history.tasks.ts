import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { defineTask } from "lovage";
import { z } from "zod";

/** One line for each begin and end, in a file outside of all stores: what the tests believe. */
export function write(what: "begin" | "end", ctx: { readonly id: string; readonly attempt: number }): void {
  appendFileSync(
    process.env.FAULT_HISTORY!,
    `${what} ${ctx.id} ${ctx.attempt} ${process.pid} ${Date.now()}\n`,
  );
}

/** Takes some time. Gives up when it is told to, as a good task does. */
export const note = defineTask({
  name: "fault.note",
  input: z.object({ ms: z.number().default(0), padding: z.string().default("") }),
  output: z.number(),
  queue: "default",
  run: async ({ ms }, ctx) => {
    write("begin", ctx);
    if (ms > 0) await sleep(ms, undefined, { signal: ctx.signal });
    write("end", ctx);
    return process.pid;
  },
});

/** Kills the process that runs it, in one of the ways that processes die by their own doing. */
export const pill = defineTask({
  name: "fault.pill",
  input: z.object({ by: z.enum(["abort", "segv", "memory"]) }),
  run: async ({ by }, ctx) => {
    write("begin", ctx);
    if (by === "abort") process.abort();
    if (by === "segv") process.kill(process.pid, "SIGSEGV");
    const hoard: unknown[] = [];
    for (;;) hoard.push(Array.from({ length: 1_000_000 }, () => ({ hoard })));
  },
});

/** Keeps the whole process busy: no timer, no heartbeat, nothing else runs meanwhile. */
export const block = defineTask({
  name: "fault.block",
  input: z.object({ ms: z.number() }),
  run: ({ ms }, ctx) => {
    write("begin", ctx);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
    write("end", ctx);
  },
});

/** Fails the first time, succeeds the second. */
export const flaky = defineTask({
  name: "fault.flaky",
  retry: { maxAttempts: 5, backoff: "fixed", initialDelay: "200ms", jitter: false },
  run: (_, ctx) => {
    write("begin", ctx);
    if (ctx.attempt === 1) throw new Error("The first attempt fails.");
    write("end", ctx);
  },
});

/** Leaves its mark in the database, in one transaction with its own SUCCESS. */
export const transact = defineTask({
  name: "fault.transact",
  output: z.string(),
  run: async (_, ctx) => {
    write("begin", ctx);
    await ctx.transaction(async (em) => {
      await em.execute("insert into public.effect (task) values (?)", [ctx.id]);
      write("end", ctx);
      return ctx.id;
    });
    return "unused";
  },
});
