import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { defineTask, type TaskContext } from "lovage";
import { z } from "zod";

const where = (_input: unknown, { workerName, queue }: TaskContext) => ({ workerName, queue });
const input = z.object({ country: z.string().default("at") });

export const mail = defineTask({ name: "mail.where", input, run: where });
export const census = defineTask({ name: "census.where", input, run: where });
export const own = defineTask({ name: "own.where", input, queue: "own", run: where });

/** Notes who ran it, in the folder that all processes work in; the first time it goes on until its worker is gone. */
export const hold = defineTask({
  name: "affinity.hold",
  input: z.object({ hold: z.boolean() }),
  run: async ({ hold: holds }, ctx) => {
    appendFileSync(`${ctx.id}.ran`, `${ctx.workerName} ${process.pid}\n`);
    if (holds && ctx.task === undefined) await sleep(3_600_000, undefined, { signal: ctx.signal });
    return ctx.workerName;
  },
});
