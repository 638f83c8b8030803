import { setTimeout as sleep } from "node:timers/promises";
import { defineTask, SoftTimeLimitExceeded } from "lovage";
import { z } from "zod";

/** Without a limit of its own. */
function unlimited(name: string) {
  return defineTask({ name, run: (_input, ctx) => ctx.workerName });
}
export const free = unlimited("overrides.free");
export const waiting = unlimited("overrides.waiting");
export const orphaned = unlimited("overrides.orphaned");

/** With a rate of its own. */
export const rated = defineTask({
  name: "overrides.rated",
  rateLimit: "10/s",
  run: (_input, ctx) => ctx.workerName,
});

/** Goes on until it is told to end; or tells how many minutes it has. */
export const long = defineTask({
  name: "overrides.long",
  input: z.object({ goOn: z.boolean() }),
  timeLimit: "1h",
  retry: { maxAttempts: 1 },
  run: async ({ goOn }, ctx) => {
    if (!goOn) return Math.round((ctx.deadline!.getTime() - Date.now()) / 60_000);
    await sleep(3_600_000, undefined, { signal: ctx.signal }).catch(() => undefined);
    if (ctx.signal.reason instanceof SoftTimeLimitExceeded) return "asked to end";
    throw ctx.signal.reason;
  },
});
