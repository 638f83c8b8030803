import { defineTask } from "lovage";
import { z } from "zod";

/** As little work as a task can do: what is measured is everything around it. */
export const add = defineTask({
  name: "bench.add",
  input: z.object({ x: z.number(), y: z.number() }),
  output: z.number(),
  run: ({ x, y }) => x + y,
});
