import { defineTask } from "lovage";
import { z } from "zod";
import { write } from "./history.tasks.ts";

const input = z.object({ ms: z.number().default(0) });

/** So many in any second. */
export const rated = defineTask({
  name: "fault.rated",
  input,
  rateLimit: "50/s",
  run: () => null,
});

/** Hardly ever. */
export const seldom = defineTask({
  name: "fault.seldom",
  input,
  rateLimit: "2/m",
  run: () => null,
});

/** Three at once. */
export const narrow = defineTask({
  name: "fault.narrow",
  input,
  concurrency: 3,
  run: async ({ ms }, ctx) => {
    write("begin", ctx);
    await new Promise((resolve) => setTimeout(resolve, ms));
    write("end", ctx);
  },
});
