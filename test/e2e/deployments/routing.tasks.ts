import { appendFileSync, existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { defineTask, type TaskContext } from "lovage";
import { z } from "zod";

const where = (_input: unknown, { workerName, queue }: TaskContext) => ({ workerName, queue });
const input = z.object({ country: z.string().default("at") });

export const mail = defineTask({ name: "mail.where", input, run: where });
export const census = defineTask({ name: "census.where", input, run: where });
export const own = defineTask({ name: "own.where", input, queue: "own", run: where });

/**
 * Notes who runs it, in the folder that all processes work in. With `hold` it then goes on until
 * its worker is gone, the first time.
 */
export const noted = defineTask({
  name: "noted.run",
  input: z.object({ file: z.string(), hold: z.boolean().default(false) }),
  run: async ({ file, hold }, ctx) => {
    const isFirst = !existsSync(file);
    appendFileSync(file, `${ctx.workerName} ${process.pid}\n`);
    if (hold && isFirst) await sleep(3_600_000, undefined, { signal: ctx.signal });
    return ctx.workerName;
  },
});
