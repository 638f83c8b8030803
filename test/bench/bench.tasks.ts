import { defineTask } from "lovage";
import { z } from "zod";

/** As little work as a task can do: what is measured is everything around it. */
export const add = defineTask({
  name: "bench.add",
  input: z.object({ x: z.number(), y: z.number() }),
  output: z.number(),
  run: ({ x, y }) => x + y,
});

/** Logs so many lines, a hundred at a time. */
export const chat = defineTask({
  name: "bench.chat",
  input: z.object({ lines: z.int(), pauseMs: z.int() }),
  run: async ({ lines, pauseMs }, ctx) => {
    for (let line = 0; line < lines; line += 1) {
      ctx.log.info("a line as tasks log them", { line, of: lines });
      if (line % 100 === 99) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return lines;
  },
});
