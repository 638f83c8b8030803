import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { App } from "../../../src/app/app.ts";
import { FatalError } from "../../../src/errors.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import type { Hooks, TaskHookEvent } from "../../../src/task/definition/hooks.ts";
import { DEPLOYMENTS, type Deployment } from "../../support/deployments.ts";

const retry = { maxAttempts: 2, backoff: "fixed", initialDelay: "20ms", jitter: false } as const;
const timeout = "20s";

/** What the hooks of the app and of one definition were told, as `name detail`. */
function setup() {
  const told: string[] = [];
  const own: string[] = [];
  let snoozed = false;
  const note = (list: string[], name: string) => (event: object) => {
    const { task, error, output } = event as TaskHookEvent & {
      error?: { message: string } | null;
      output?: unknown;
    };
    const detail = error ? error.message : output === undefined ? "" : JSON.stringify(output);
    list.push(`${name} ${task ? `${task.state} ` : ""}${detail}`.trim());
  };
  const names = ["enqueued", "started", "succeeded", "retrying", "snoozed", "failed", "revoked", "givenBack"];
  const hooksInto = (list: string[]): Hooks =>
    Object.fromEntries(names.map((name) => [`task:${name}`, note(list, name)]));
  const workerHooks: Hooks = {
    "worker:ready": note(told, "ready"),
    "worker:stopping": note(told, "stopping"),
    "worker:stopped": note(told, "stopped"),
  };
  const steps = defineTask({
    ...{ name: "hooks.steps", retry, hooks: hooksInto(own) },
    run: (_input, ctx) => {
      if (!snoozed) {
        snoozed = true;
        ctx.snooze("10ms");
      }
      if (ctx.attempt === 1) throw new Error("first");
      return { done: ctx.attempt };
    },
  });
  const fatal = defineTask({
    name: "hooks.fatal",
    run: () => {
      throw new FatalError("never");
    },
  });
  const away = defineTask({
    ...{ name: "hooks.away", resultBackend: "redis" },
    run: (_input, ctx) => ctx.transaction(() => ({ put: "away" })),
  });
  return { told, own, steps, fatal, away, hooks: { ...hooksInto(told), ...workerHooks } };
}

describe.each(DEPLOYMENTS)("hooks: $kind", ({ deploy }) => {
  const bundle = setup();
  const { told, own, steps, fatal, away } = bundle;
  let deployment: Deployment;
  let app: App;
  beforeAll(async () => {
    deployment = await deploy();
    app = await deployment.app([steps, fatal, away], undefined, {}, { hooks: bundle.hooks });
  });
  afterAll(() => deployment[Symbol.asyncDispose]());

  test("report every step of a task, in order, with its outcome; hooks of a definition report only its tasks", async () => {
    const handle = await app.enqueue(steps, null);
    expect(await handle.result({ timeout })).toEqual({ done: 2 });
    await vi.waitFor(() => expect(told.at(-1)).toBe('succeeded SUCCESS {"done":2}'));
    const life = [
      "enqueued QUEUED",
      "started STARTED",
      "snoozed RETRY",
      "started STARTED",
      "retrying RETRY first",
      "started STARTED",
      'succeeded SUCCESS {"done":2}',
    ];
    expect(told).toEqual(["ready", ...life]);
    expect(own).toEqual(life);
    told.length = 0;
    const failing = await app.enqueue(fatal, null);
    await expect(failing.result({ timeout })).rejects.toThrow("never");
    const waiting = await app.enqueue(steps, null, { delay: "1h" });
    await waiting.revoke();
    await vi.waitFor(() => expect(told).toContain("revoked REVOKED"));
    expect(told).toContain("failed FAILURE never");
    expect(own).toHaveLength(life.length + 2);
  });

  test("report the output of a task that recorded its success itself, wherever it is stored", async () => {
    const handle = await app.enqueue(away, null);
    expect(await handle.result({ timeout })).toEqual({ put: "away" });
    await vi.waitFor(() => expect(told).toContain('succeeded SUCCESS {"put":"away"}'));
  });

  test("a stop reports its start and its end, and waits for running hooks", async () => {
    told.length = 0;
    await app.stop();
    expect(told).toEqual(["stopping", "stopped"]);
  });
});
