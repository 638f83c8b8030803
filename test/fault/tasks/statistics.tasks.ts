import { setTimeout as sleep } from "node:timers/promises";
import { defineTask, FatalError, type TaskContext } from "lovage";
import { z } from "zod";

export const ENDS = ["well", "badly", "late", "slowly", "transacted", "snoozed"] as const;
const input = z.object({ end: z.enum(ENDS), id: z.number() });
const retry = { maxAttempts: 3, backoff: "fixed", initialDelay: "200ms", jitter: false } as const;

/** Ends in the way that it is told to. */
async function end({ end: how, id }: z.infer<typeof input>, ctx: TaskContext): Promise<number> {
  await sleep(id % 20);
  if (how === "badly") throw new FatalError(`no user ${id}`);
  if (how === "late" && ctx.attempt < 3) throw new Error(`user ${id} is not there yet`);
  if (how === "slowly") await sleep(60_000, undefined, { signal: ctx.signal });
  if (how === "snoozed" && Date.now() - ctx.createdAt.getTime() < 500) ctx.snooze("300ms");
  if (how === "transacted") await ctx.transaction((em) => em.execute("select 1"));
  return id;
}

export const one = defineTask({ name: "stat.one", queue: "stat-one", input, retry, run: end });
/** The same under another name and in another queue. */
export const two = defineTask({ name: "stat.two", queue: "stat-two", input, retry, run: end });
