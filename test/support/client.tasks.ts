import { defineTask } from "lovage";
import { z } from "zod";

export const add = defineTask({
  name: "client.add",
  input: z.object({ x: z.number(), y: z.number() }),
  output: z.object({ sum: z.number() }),
  run: async ({ x, y }, ctx) => {
    ctx.log.info(`adding ${x}`);
    ctx.log.warn("added");
    return { sum: x + y };
  },
});

export const count = defineTask({
  name: "client.count",
  input: z.object({ to: z.int() }),
  output: z.int(),
  run: async ({ to }, ctx) => {
    for (let step = 1; step <= to; step += 1) {
      ctx.emit("step", step);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return to;
  },
});

export const wait = defineTask({
  name: "client.wait",
  input: z.object({}),
  run: (_input, ctx) =>
    new Promise((_resolve, reject) =>
      ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason as Error)),
    ),
});

export const fail = defineTask({
  name: "client.fail",
  retry: { maxAttempts: 1 },
  run: () => {
    throw new RangeError("out of paper");
  },
});

export const withdraw = defineTask({
  name: "client.withdraw",
  input: z.object({ amount: z.number() }),
  errors: { TooLittle: z.object({ missing: z.number() }), NoAccount: z.null() },
  run: ({ amount }, ctx) => {
    if (amount < 0) throw ctx.error("NoAccount", null);
    throw ctx.error("TooLittle", { missing: amount - 100 }, { message: "There is not enough money." });
  },
});
