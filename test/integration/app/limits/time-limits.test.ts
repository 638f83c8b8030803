import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { App } from "../../../../src/app/app.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import { DEPLOYMENTS, type Deployment } from "../../../support/deployments.ts";

/** Ends by its signal: by what it is told to do, or never. */
const byHow = (name: string, more: object = {}) =>
  defineTask({
    ...{ name, retry: { maxAttempts: 1 }, ...more },
    run: (how, ctx) =>
      new Promise((resolve, reject) => {
        ctx.signal.addEventListener("abort", () => {
          const reason = ctx.signal.reason as Error;
          if (how === "return") resolve({ reason: reason.name, deadline: ctx.deadline !== null });
          if (how === "throw") reject(reason);
        });
      }),
  });
const limited = byHow("limits.both", { softTimeLimit: "100ms", timeLimit: "400ms" });
const bare = byHow("limits.none");
const timeout = "20s";

describe.each(DEPLOYMENTS)("time limits: $kind", ({ deploy }) => {
  let deployment: Deployment;
  let app: App;
  beforeAll(async () => {
    deployment = await deploy();
    app = await deployment.app([limited, bare], undefined, { softTimeLimit: "150ms", timeLimit: "500ms" });
  });
  afterAll(() => deployment[Symbol.asyncDispose]());

  test.each([limited, bare])(
    "at the soft limit $name may still succeed, or fail by itself",
    async (definition) => {
      const returned = await app.enqueue(definition, "return");
      expect(await returned.result({ timeout })).toEqual({ reason: "SoftTimeLimitExceeded", deadline: true });
      const threw = await app.enqueue(definition, "throw");
      await expect(threw.result({ timeout })).rejects.toMatchObject({ type: "SoftTimeLimitExceeded" });
    },
  );

  test("a call's limits are stronger than the definition's, and these than the worker's", async () => {
    const longer = await app.enqueue(limited, "throw", {
      softTimeLimit: "30s",
      timeLimit: "1m",
      delay: "1h",
    });
    expect(await longer.read()).toMatchObject({ timeLimitMs: 60_000, options: { softTimeLimitMs: 30_000 } });
    const shorter = await app.enqueue(bare, "return", { softTimeLimit: "20ms" });
    expect(await shorter.result({ timeout })).toMatchObject({ reason: "SoftTimeLimitExceeded" });
    const hardOnly = await app.enqueue(bare, "throw", { timeLimit: "20ms" });
    await expect(hardOnly.result({ timeout })).rejects.toMatchObject({ type: "TimeLimitExceeded" });
    // That it was the call's: a limit told for its definition later does not change it. Who says
    // nothing pays for nothing.
    expect((await hardOnly.read()).options).toEqual({ ownTimeLimit: true });
    const silent = await app.enqueue(bare, "throw");
    expect((await silent.read()).options).toBeNull();
    await silent.revoke();
  });

  test.each([
    [
      { softTimeLimit: "1s", timeLimit: "1s" },
      "softTimeLimit: expected less than the time limit, PT1S, got PT1S.",
    ],
    [
      { softTimeLimit: "2m" },
      "softTimeLimit: expected less than the time limit of its definition, PT0.4S, got PT2M.",
    ],
    [
      { timeLimit: "50ms" },
      "timeLimit: expected more than the soft time limit of its definition, PT0.1S, got PT0.05S. Give softTimeLimit, too.",
    ],
    [{ softTimeLimit: 0 }, "softTimeLimit: expected a duration above zero, got 0."],
    [{ softTimeLimit: "soon" }, "softTimeLimit: expected a duration"],
    [{ softTimeLimit: "30d" }, "softTimeLimit: expected at most 24 days"],
  ])("%j is refused", async (options, message) => {
    await expect(app.enqueue(limited, null, options)).rejects.toThrow(`options.${message}`);
  });
});
