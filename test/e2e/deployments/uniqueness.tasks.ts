import { appendFileSync } from "node:fs";
import { defineTask, type TaskContext } from "lovage";
import { z } from "zod";
import { passGate } from "../../support/gate.ts";

/** Where attempts write down when they begin and end, in the folder that the processes work in. */
export const LEDGER = "ledger.txt";

/** Writes down what it runs with; with a gate it goes on when that is open. */
export const work = defineTask({
  name: "unique.work",
  input: z.object({ key: z.string(), value: z.int(), gate: z.string().optional() }),
  output: z.int(),
  uniqueKey: ({ key }) => key,
  timeLimit: "2m",
  run: async ({ key, value, gate }, ctx) => {
    note("begin", key, value, ctx);
    if (gate !== undefined) await passGate(gate, ctx.signal);
    note("end", key, value, ctx);
    return value;
  },
});

function note(what: string, key: string, value: number, { id, workerName }: TaskContext): void {
  appendFileSync(LEDGER, `${JSON.stringify({ what, key, value, id, worker: workerName })}\n`);
}
