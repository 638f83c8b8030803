import { createHash } from "node:crypto";
import { defineTask, RetryTask, type TaskContext } from "lovage";
import { z } from "zod";
import { passGate } from "../../support/gate.ts";

const input = z.object({
  user: z.string(),
  card: z.object({ holder: z.string(), number: z.string() }),
  token: z
    .string()
    .refine((token) => !token.startsWith("unfit"), { error: (issue) => `${String(issue.input)} is no token` })
    .meta({ sensitive: true }),
  parts: z.array(z.object({ pin: z.string() })),
  /** What becomes of it. */
  end: z.enum(["well", "badly", "again", "unfit", "late", "carelessly", "crash"]),
  gate: z.string().optional(),
});
type Input = z.infer<typeof input>;

export const ANOTHER = "another MIIsecretline";

/** Tells a value without showing it. */
export const digestOf = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex");

async function run(given: Input, ctx: TaskContext): Promise<object> {
  const { user, token, end, gate } = given;
  if (gate !== undefined) await passGate(gate, ctx.signal);
  if (end === "badly") fail(given);
  if (end === "again" && ctx.attempt === 1) goOnWith(given, ANOTHER);
  if (end === "unfit") goOnWith(given, "unfit MIIsecretline");
  if (end === "late") {
    await ctx.transaction(() => ({ user }));
    throw new Error(`too late for ${token}`);
  }
  if (end === "carelessly") {
    void Promise.reject(new Error(`nobody waits for ${token}`));
    // It is noticed after this turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (end === "crash") await crash(given);
  return { user, digest: digestOf(given), hasKeys: process.env["LOVAGE_ENCRYPTION_KEYS"] !== undefined };
}

/** As libraries do: the message quotes one value, the cause all that was sent, as JSON. */
function fail(given: Input): never {
  const cause = new Error(`refused: ${JSON.stringify(given)}`);
  throw new Error(`wrong token ${given.token}`, { cause });
}

function goOnWith(given: Input, token: string): never {
  throw new RetryTask({ delay: 0, input: { ...given, token }, reason: `from now on ${token}` });
}

/** Ends the child that it runs in. */
function crash({ token, card }: Input): Promise<never> {
  setImmediate(() => {
    throw new Error(`lost the card ${card.number} of ${token}`);
  });
  return new Promise(() => undefined);
}

const said = {
  ...{ input, run, sensitive: ["card.number", "parts.*.pin"] },
  resultBackend: "redis",
  retry: {
    maxAttempts: 2,
    backoff: (_attempt: number, error: unknown): number => {
      throw new Error(`no pause after ${String(error)}`);
    },
    initialDelay: 10,
  },
} as const;
export const inWorker = defineTask({ ...said, name: "secret.worker" });
export const inProcess = defineTask({ ...said, name: "secret.process", pool: "processes" });
export const inThread = defineTask({ ...said, name: "secret.thread", pool: "threads" });

/** Its own mistakes quote what they are about, as do those of a function of the definition. */
export const strict = defineTask({
  name: "secret.strict",
  input: z.object({
    pin: z
      .string()
      .refine((pin) => pin.length < 5, { error: ({ input: pin }) => `${String(pin)} is too long` }),
  }),
  sensitive: ["pin"],
  run: () => null,
});
export const keyless = defineTask({
  name: "secret.keyless",
  input: z.object({ pin: z.string() }),
  sensitive: ["pin"],
  uniqueKey: ({ pin }) => {
    throw new Error(`${pin} makes no key`);
  },
  run: () => null,
});
