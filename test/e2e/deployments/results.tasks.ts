import { setTimeout as sleep } from "node:timers/promises";
import { defineTask } from "lovage";
import { z } from "zod";
import { passGate } from "../../support/gate.ts";

const output = z.object({ said: z.string() });

/** Its output is in Redis, and large enough to be worth it. */
export const large = defineTask({
  name: "result.large",
  input: z.object({ letter: z.string(), gate: z.string().optional() }),
  output,
  resultBackend: "redis",
  run: async ({ letter, gate }, ctx) => {
    if (gate !== undefined) await passGate(gate, ctx.signal);
    return { said: letter.repeat(100_000) };
  },
});
/** Checked and not kept; an input of its own makes it a misfit. */
export const quiet = defineTask({
  name: "result.quiet",
  input: z.object({ fits: z.boolean() }),
  output,
  ignoreResult: true,
  run: ({ fits }) => (fits ? { said: "nothing" } : ({ said: 1 } as never)),
});
/** Kept for as long as its end says. */
export const kept = defineTask({
  name: "result.kept",
  input: z.object({ end: z.enum(["well", "badly", "never"]) }),
  resultsExpire: { success: "1h", failure: "2h", revoked: "3h" },
  retry: { maxAttempts: 1 },
  run: async ({ end }, { signal }) => {
    if (end === "badly") throw new Error("as it was told");
    if (end === "never") await sleep(3_600_000, undefined, { signal });
  },
});

export class CardRefused extends Error {
  override readonly name = "CardRefused";
}
/** Where an error is made: its stack names this. */
function chargeCard(card: string): never {
  try {
    throw new TypeError(`No number is in ${card}.`);
  } catch (cause) {
    throw new CardRefused(`The card ${card} was refused.`, { cause });
  }
}
const input = z.object({ card: z.string() });
const run = ({ card }: { readonly card: string }): string => chargeCard(card);
const retry = { maxAttempts: 1 } as const;
export const failing = defineTask({ name: "result.failing", input, retry, run });
export const failingInProcess = defineTask({
  ...{ name: "result.failing.process", input, retry, run },
  pool: "processes",
});
export const failingInThread = defineTask({
  ...{ name: "result.failing.thread", input, retry, run },
  pool: "threads",
});
