import { z } from "zod";
import { defineTask } from "../../../src/task/definition/define-task.ts";

/** Definitions for tests of the API; nothing runs them. */
const sendMail = defineTask({
  name: "mail.send",
  description: "Sends one mail.",
  input: z.object({ to: z.email(), body: z.string().default("") }),
  output: z.object({ messageId: z.string() }),
  queue: "mail",
  priority: "HIGH",
  retry: { maxAttempts: 5, backoff: "linear", initialDelay: "2s", maxDelay: "1m", jitter: false },
  timeLimit: "30s",
  tags: ["outside"],
  run: () => ({ messageId: "1" }),
});

const add = defineTask({
  name: "math.add",
  input: z.object({ x: z.number(), y: z.number() }),
  run: ({ x, y }) => x + y,
});

const login = defineTask({
  name: "user.login",
  input: z.object({ user: z.string(), password: z.string().meta({ sensitive: true }) }),
  uniqueKey: ({ user }) => user,
  debounce: "1m",
  maxWait: "1h",
  resultsExpire: { success: "1d" },
  resultBackend: "redis",
  run: () => null,
});

const anything = defineTask({ name: "any.json", deprecationReason: "Use math.add.", run: () => null });

export const DEFINITIONS = [sendMail, add, login, anything];
