import { AssertionError } from "node:assert";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { App } from "../../../src/app/app.ts";
import { declaredError } from "../../../src/task/definition/declared-failure.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { createTestApp, type TestApp } from "../../../src/testing.ts";

const runs: string[] = [];
const note = defineTask({
  name: "test.note",
  input: z.object({ text: z.string(), more: z.object({ a: z.number(), b: z.number() }).optional() }),
  output: z.string(),
  run: ({ text }) => {
    runs.push(text);
    return text.toUpperCase();
  },
});
const flaky = defineTask({
  name: "test.flaky",
  retry: { maxAttempts: 3, initialDelay: "1h", maxDelay: "1d", jitter: false },
  run: (_, ctx) => {
    runs.push(`attempt ${ctx.attempt}`);
    if (ctx.attempt < 3) throw new Error("not yet");
    return "at last";
  },
});
const broken = defineTask({
  name: "test.broken",
  retry: { maxAttempts: 1 },
  run: () => {
    throw new TypeError("it is broken");
  },
});
const withdraw = defineTask({
  name: "test.withdraw",
  input: z.object({ account: z.string() }),
  errors: { NoSuchAccount: z.object({ account: z.string() }) },
  run: ({ account }, ctx) => {
    runs.push(`attempt ${ctx.attempt}`);
    throw ctx.error("NoSuchAccount", { account });
  },
});
const computed = defineTask({ name: "test.computed", pool: "processes", run: () => process.pid });
const stuck = defineTask({
  name: "test.stuck",
  run: (_, ctx) =>
    new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason))),
});
const nightly = defineTask({
  name: "test.nightly",
  schedules: [{ timing: { crontab: "0 3 * * *" }, timeZone: "Europe/Vienna" }],
  run: (_, ctx) => {
    runs.push(`slot ${ctx.schedule?.slot?.toISOString()}`);
  },
});
let apps: { current: App | null };
const parent = defineTask({
  name: "test.parent",
  run: async () => {
    runs.push("parent");
    await apps.current!.enqueue(note, { text: "child" });
  },
});
const asking = defineTask({
  name: "test.asking",
  run: (_, ctx) => ctx.enqueue(note, { text: "asked for" }, { queue: "other" }),
});
const tasks = [note, flaky, broken, withdraw, computed, stuck, nightly, parent, asking];

describe("by default", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp({ tasks, now: new Date("2027-03-26T12:00:00Z") });
    apps = { current: app.app };
  });
  afterAll(() => app.stop());
  afterEach(async () => {
    runs.length = 0;
    await app.reset();
  });

  test("nothing runs until a test asks for it, then all tasks run, with those that they enqueue", async () => {
    const handle = await app.enqueue(note, { text: "one" });
    await app.enqueue(parent, undefined, { queue: "elsewhere" });
    expect(await handle.state()).toBe("QUEUED");
    expect(runs).toEqual([]);
    await app.runUntilIdle();
    expect(await handle.result()).toBe("ONE");
    expect(runs.toSorted()).toEqual(["child", "one", "parent"]);
    await app.expectEnqueued(note, { text: "child" }, { state: "SUCCESS" });
  });

  test("a delayed task waits until the time is advanced", async () => {
    const handle = await app.enqueue(note, { text: "later" }, { delay: "2h" });
    await app.runUntilIdle();
    await app.advanceTime("1h");
    await app.runUntilIdle();
    expect(await handle.state()).toBe("SCHEDULED");
    await app.advanceTime("1h");
    expect(await handle.state()).toBe("QUEUED");
    await app.runUntilIdle();
    expect(await handle.state()).toBe("SUCCESS");
  });

  test("retries have their pauses; withDelays goes through them", async () => {
    const handle = await app.enqueue(flaky, undefined);
    await app.runUntilIdle();
    expect(runs).toEqual(["attempt 1"]);
    await app.advanceTime("1h");
    await app.runUntilIdle();
    expect(runs).toEqual(["attempt 1", "attempt 2"]);
    const before = app.now().getTime();
    await app.runUntilIdle({ withDelays: true });
    expect(await handle.result()).toBe("at last");
    expect(app.now().getTime() - before).toBeGreaterThan(7_100_000);
    expect((await handle.read()).attempts.map((attempt) => attempt.error?.message)).toEqual([
      "not yet",
      "not yet",
    ]);
  });

  test("a task that waits too long expires", async () => {
    const handle = await app.enqueue(note, { text: "fresh" }, { expiresIn: "10m" });
    await app.advanceTime("11m");
    expect(await handle.state()).toBe("EXPIRED");
  });

  test("schedules give their tasks, each at its own slot, in its zone, also when the clocks change", async () => {
    await app.advanceTime("3d");
    await app.runUntilIdle();
    const slots = runs.filter((run) => run.startsWith("slot")).map((run) => run.slice(5));
    expect(slots.map((slot) => slot.slice(11))).toEqual(["02:00:00.000Z", "01:00:00.000Z", "01:00:00.000Z"]);
    expect((await app.tasks(nightly)).every((task) => task.state === "SUCCESS")).toBe(true);
  });

  test("expectations show the tasks that were enqueued instead", async () => {
    await app.enqueue(note, { text: "one", more: { a: 1, b: 2 } }, { queue: "mail", priority: "HIGH" });
    const found = await app.expectEnqueued(note, { more: { b: 2 } }, { queue: "mail", priority: "HIGH" });
    expect(found.input).toEqual({ text: "one", more: { a: 1, b: 2 } });
    await app.expectNotEnqueued(note, { text: "two" });
    const mistyped = app.expectNotEnqueued(note, undefined, { statee: "QUEUED" } as never);
    await expect(mistyped).rejects.toThrow(/"statee" cannot be expected of a task; queue, .*, meta can/);
    const missing = app.expectEnqueued(note, { text: "two" });
    await expect(missing).rejects.toBeInstanceOf(AssertionError);
    await expect(missing).rejects.toThrow(
      'No test.note with {"text":"two"} was enqueued. Enqueued: 1, the newest of them:\n  test.note {"more":{"a":1,"b":2},"text":"one"} (QUEUED, queue mail)',
    );
    await expect(app.expectNotEnqueued(note, { text: "one" })).rejects.toThrow(
      'A test.note with {"text":"one"} was enqueued',
    );
  });

  test("a declared error ends the task at once, and its data reach the caller that awaits the result", async () => {
    const error: unknown = await app.perform(withdraw, { account: "a1" }).catch((thrown: unknown) => thrown);
    expect(declaredError(withdraw, error)).toEqual({ name: "NoSuchAccount", data: { account: "a1" } });
    expect(error).toMatchObject({ state: "FAILURE", type: "NoSuchAccount" });
    expect(runs).toEqual(["attempt 1"]);
  });

  test("perform returns the output of a task, and throws the error of one that failed", async () => {
    expect(await app.perform(note, { text: "x" })).toBe("X");
    expect(await app.perform(flaky, undefined)).toBe("at last");
    await expect(app.perform(broken, undefined)).rejects.toMatchObject({
      name: "TaskFailedError",
      type: "TypeError",
    });
  });

  test("a task with a pool runs in this process", async () => {
    expect(await app.perform(computed, undefined)).toBe(process.pid);
  });

  test("a task that never ends is named, and requeued", async () => {
    const handle = await app.enqueue(stuck, undefined);
    await expect(app.runUntilIdle({ timeout: "200ms" })).rejects.toThrow(
      `Not done after 200 ms: test.stuck (${handle.id}) is STARTED.`,
    );
    expect(await handle.state()).toBe("QUEUED");
  });

  test("tasks of paused queues are skipped, and no call waits for them", async () => {
    const handle = await app.enqueue(note, { text: "paused" });
    await app.app.em().execute("insert into lovage.queue (name, paused) values ('default', true)");
    await app.runUntilIdle();
    expect(await handle.state()).toBe("QUEUED");
  });

  test("a duration that is none is refused", async () => {
    await expect(app.advanceTime("soon" as never)).rejects.toThrow(/duration: expected .*, got "soon"/);
    await expect(app.runUntilIdle({ timeout: "x" as never })).rejects.toThrow(/timeout: expected/);
  });
});

describe("inline", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp({ tasks, mode: "inline", now: new Date("2027-03-26T12:00:00Z") });
    apps = { current: app.app };
  });
  afterAll(() => app.stop());
  afterEach(async () => {
    runs.length = 0;
    await app.reset();
  });

  test("an enqueue resolves when its task and the tasks of that have ended, whichever code enqueues", async () => {
    const handle = await app.app.enqueue(parent, undefined);
    expect(await handle.state()).toBe("SUCCESS");
    expect(runs).toEqual(["parent", "child"]);
  });

  test("tasks that a task enqueues by its context have ended, too", async () => {
    const handle = await app.enqueue(asking, undefined);
    expect(runs).toEqual(["asked for"]);
    await app.expectEnqueued(note, { text: "asked for" }, { state: "SUCCESS", queue: "other" });
    expect(await app.tasks(note)).toMatchObject([{ parentId: handle.id }]);
  });

  test("two at once wait for both", async () => {
    const handles = await Promise.all([app.enqueue(note, { text: "a" }), app.enqueue(note, { text: "b" })]);
    expect(await Promise.all(handles.map((handle) => handle.state()))).toEqual(["SUCCESS", "SUCCESS"]);
  });

  test("a task that fails does not fail the enqueue", async () => {
    const handle = await app.enqueue(broken, undefined);
    expect(await handle.read()).toMatchObject({ state: "FAILURE", error: { type: "TypeError" } });
  });

  test("tasks that become due run as the time is advanced", async () => {
    await app.enqueue(flaky, undefined);
    await app.advanceTime("4h");
    expect(runs).toEqual(["attempt 1", "attempt 2", "attempt 3"]);
  });
});

test("a task that waits for all tasks fails because it is one of them", async () => {
  let waiting: TestApp | null = null;
  const waiter = defineTask({
    name: "test.waiter",
    retry: { maxAttempts: 1 },
    run: () => waiting!.runUntilIdle(),
  });
  await using app = await createTestApp({ tasks: [waiter] });
  waiting = app;
  await expect(app.perform(waiter, undefined)).rejects.toThrow(
    "A task cannot wait until all tasks have ended",
  );
});
