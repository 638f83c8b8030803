import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { defineTask, FatalError, RetryTask, type TaskContext } from "lovage";
import { z } from "zod";

/**
 * How often the code of a task, or what `of` says, has begun: counted in the folder that all
 * processes work in.
 */
function turnOf({ id }: TaskContext, of = id): number {
  appendFileSync(`${of}.turns`, "x");
  return readFileSync(`${of}.turns`).length;
}

class Flaky extends Error {
  override readonly name = "Flaky";
}
class Hopeless extends Flaky {
  readonly why = Symbol("no copy of this error would have it");
}

const STEPS: Readonly<Record<string, (ctx: TaskContext) => void>> = {
  flaky: () => {
    throw new Flaky("It may go well another time.", { cause: new RangeError("too far") });
  },
  hopeless: () => {
    throw new Hopeless("It never goes well.");
  },
  type: () => {
    throw new TypeError("Nobody expects this.");
  },
  fatal: () => {
    throw new FatalError("There is no such thing.");
  },
  snooze: (ctx) => ctx.snooze("20ms"),
  slow: (ctx) => ctx.rateLimited("20ms"),
  exit: () => process.exit(7),
};

const scripted = z.object({ steps: z.array(z.string()) });

/** Does one step each time that it is begun, then succeeds. */
function play({ steps }: z.infer<typeof scripted>, ctx: TaskContext): object {
  const turn = turnOf(ctx);
  STEPS[steps[turn - 1]!]?.(ctx);
  return { turn, attempt: ctx.attempt };
}

export const listed = defineTask({
  name: "retries.listed",
  input: scripted,
  retry: { maxAttempts: 3, initialDelay: "20ms", on: [Flaky, "ChildDied"], notOn: ["Hopeless"] },
  expectedErrors: [Flaky],
  run: play,
});

export const asked = defineTask({
  name: "retries.asked",
  input: scripted,
  retry: {
    maxAttempts: 3,
    notOn: (error) => error instanceof Hopeless && typeof error.why === "symbol",
    backoff: (attempt, error) => (error instanceof Flaky ? "20ms" : `${attempt}d`),
  },
  run: play,
});

export const pages = defineTask({
  name: "retries.pages",
  input: z.object({ page: z.int().default(1), of: z.int(), wrong: z.unknown().optional() }),
  retry: { maxAttempts: 4, notOn: () => true },
  run: ({ page, of, wrong }, ctx) => {
    if (page < of)
      throw new RetryTask({
        delay: 0,
        input: { page: page + 1, of, wrong },
        reason: `Page ${page} is done.`,
      });
    if (wrong !== undefined) throw new RetryTask({ input: wrong as never });
    return { page, attempt: ctx.attempt };
  },
});

/** Its first attempt asks for another input; the second goes on until its worker is gone. */
export const stubborn = defineTask({
  name: "retries.stubborn",
  input: z.object({ page: z.int() }),
  run: async ({ page }, ctx) => {
    const turn = turnOf(ctx);
    if (turn === 1) throw new RetryTask({ delay: 0, input: { page: page + 1 }, reason: "One is done." });
    if (turn === 2) await sleep(3_600_000, undefined, { signal: ctx.signal });
    return { page, attempt: ctx.attempt };
  },
});

/** Goes on until its worker must leave, and then does as it is told; the next time it succeeds. */
export const leaving = defineTask({
  name: "retries.leaving",
  input: z.object({ how: z.enum(["retry", "snooze", "fail", "nothing"]) }),
  run: async (input, ctx) => {
    if (turnOf(ctx) > 1) return { ...input, attempt: ctx.attempt };
    await sleep(3_600_000, undefined, { signal: ctx.signal }).catch(() => undefined);
    if (input.how === "retry") throw new RetryTask({ delay: 0, input: { how: "nothing" } as const });
    if (input.how === "snooze") ctx.snooze("10ms");
    throw ctx.signal.reason;
  },
});

/**
 * The first of a definition's tasks that begins is told to wait; it notes when, by the clock of
 * this machine.
 */
function slowed(pool: "async" | "threads" | "processes") {
  return defineTask({
    name: `retries.slowed.${pool}`,
    pool,
    queue: "limited",
    concurrency: 1,
    run: (_input, ctx) => {
      if (turnOf(ctx, ctx.name) === 1) {
        writeFileSync(`${ctx.name}.told`, String(Date.now()));
        ctx.rateLimited("1s");
      }
      return ctx.attempt;
    },
  });
}
export const slowedHere = slowed("async");
export const slowedInThread = slowed("threads");
export const slowedInProcess = slowed("processes");
