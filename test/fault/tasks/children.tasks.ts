import { defineTask } from "lovage";
import { z } from "zod";
import { write } from "./history.tasks.ts";

const inChild = { pool: "processes", retry: { maxAttempts: 1 } } as const;

/** Never ends, and never waits: no timer, no signal reaches it. */
export const spin = defineTask({
  name: "fault.spin",
  ...inChild,
  timeLimit: "2s",
  run: (_, ctx) => {
    write("begin", ctx);
    for (;;);
  },
});

/** Takes ever more memory, or much at once. */
export const hoard = defineTask({
  name: "fault.hoard",
  ...inChild,
  input: z.object({ by: z.enum(["heap", "buffer"]) }),
  run: ({ by }, ctx) => {
    write("begin", ctx);
    const hoarded: unknown[] = [];
    if (by === "buffer") hoarded.push(Buffer.alloc(2 * 2 ** 30, 1));
    else for (;;) hoarded.push(Array.from({ length: 100_000 }, () => ({ hoarded })));
    write("end", ctx);
  },
});

/** Does its work in a child, and leaves it. */
export const visit = defineTask({
  name: "fault.visit",
  ...inChild,
  output: z.number(),
  run: (_, ctx) => {
    write("begin", ctx);
    write("end", ctx);
    return process.pid;
  },
});

/** Dies, one way or another; what it does last is in the history. */
function die(how: string): Promise<never> {
  if (how === "exit") process.exit(3);
  if (how === "abort") process.abort();
  if (how === "segv") process.kill(process.pid, "SIGSEGV");
  if (how === "kill") process.kill(process.pid, "SIGKILL");
  if (how === "throw")
    setTimeout(() => {
      throw new Error("thrown where nothing catches it");
    });
  const hoarded: unknown[] = [];
  if (how === "heap") for (;;) hoarded.push(Array.from({ length: 100_000 }, () => ({ hoarded })));
  return new Promise<never>(() => undefined);
}

const deadly = { input: z.object({ how: z.string() }), retry: { maxAttempts: 2, initialDelay: 10 } } as const;

export const dieInProcess = defineTask({
  name: "fault.dieInProcess",
  pool: "processes",
  ...deadly,
  run: ({ how }, ctx) => {
    write("begin", ctx);
    return die(how);
  },
});

export const dieInThread = defineTask({
  name: "fault.dieInThread",
  pool: "threads",
  ...deadly,
  run: ({ how }, ctx) => {
    write("begin", ctx);
    return die(how);
  },
});
