import { defineTask } from "lovage";
import { z } from "zod";
import { write } from "./ledger.tasks.ts";

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
