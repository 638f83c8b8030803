import { defineTask } from "lovage";
import { z } from "zod";
import { write } from "./history.tasks.ts";

/** Returns a text of some length. */
export const large = defineTask({
  name: "fault.large",
  input: z.object({ bytes: z.int() }),
  output: z.string(),
  queue: "default",
  run: ({ bytes }, ctx) => {
    write("begin", ctx);
    write("end", ctx);
    return "x".repeat(bytes);
  },
});
