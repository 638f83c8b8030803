import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { defineTask } from "lovage";
import { z } from "zod";

/** Leaves a line outside of all stores when it begins and when it ends: what the tests believe. */
export const note = defineTask({
  name: "fault.note",
  input: z.object({ ledger: z.string(), ms: z.number().default(0) }),
  output: z.number(),
  run: async ({ ledger, ms }, ctx) => {
    appendFileSync(ledger, `begin ${ctx.id} ${process.pid}\n`);
    await sleep(ms);
    appendFileSync(ledger, `end ${ctx.id} ${process.pid}\n`);
    return process.pid;
  },
});
