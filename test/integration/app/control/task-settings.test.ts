import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { App } from "../../../../src/app/app.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import { DEPLOYMENTS, type Deployment } from "../../../support/deployments.ts";

const slow = defineTask({
  name: "slow.one",
  timeLimit: "1h",
  retry: { maxAttempts: 1 },
  run: (_input, ctx) =>
    new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason))),
});
const isSuccess = (state: string): boolean => state === "SUCCESS";
const quick = defineTask({ name: "quick.one", run: () => "done" });

describe.each(DEPLOYMENTS)("settings of task definitions, $kind", ({ deploy }) => {
  let deployment: Deployment;
  let app: App;
  beforeAll(async () => {
    deployment = await deploy();
    app = await deployment.app([slow, quick], ["maintenance", "worker"], { workerName: "one@test" });
  });
  afterAll(() => deployment[Symbol.asyncDispose]());

  test("an overridden time limit takes precedence over the definition's, not over the call's; null resets it", async () => {
    const { replies } = await app.workers.setTimeLimit(slow, { hard: "50ms" });
    expect(replies).toMatchObject([
      { worker: "one@test", ok: true, value: { timeLimitMs: 50, overridden: ["TIME_LIMIT"] } },
    ]);
    const plain = await app.enqueue(slow, {} as never);
    await expect(plain.result({ timeout: "10s" })).rejects.toThrow("time limit of 50 ms");
    const own = await app.enqueue(slow, {} as never, { timeLimit: 80 });
    await expect(own.result({ timeout: "10s" })).rejects.toThrow("time limit of 80 ms");
    const back = await app.workers.setTimeLimit(slow, { hard: null });
    expect(back.replies).toMatchObject([{ value: { timeLimitMs: 3_600_000, overridden: [] } }]);
    const unlimited = await app.enqueue(slow, {} as never);
    await vi.waitFor(async () => expect(await unlimited.state()).toBe("STARTED"), { timeout: 10_000 });
    await unlimited.revoke({ terminate: true });
    await vi.waitFor(async () => expect(await unlimited.state()).toBe("REVOKED"), { timeout: 10_000 });
  });

  test("an overridden soft limit warns attempts that start later", async () => {
    await app.workers.setTimeLimit(slow, { soft: "40ms" });
    const plain = await app.enqueue(slow, {} as never);
    await expect(plain.result({ timeout: "10s" })).rejects.toMatchObject({ type: "SoftTimeLimitExceeded" });
    await app.workers.setTimeLimit(slow, { soft: null, hard: "60ms" });
    const own = await app.enqueue(slow, {} as never, { softTimeLimit: "10m" });
    await expect(own.result({ timeout: "10s" })).rejects.toMatchObject({ type: "TimeLimitExceeded" });
    await app.workers.setTimeLimit(slow, { hard: null });
  });

  test("a rate delays excess tasks, which continue at once when the rate is changed or reset", async () => {
    const { replies } = await app.workers.setRateLimit(quick, "2/h");
    expect(replies).toMatchObject([{ value: { rateLimit: "2/h", overridden: ["RATE_LIMIT"] } }]);
    const handles = await app.enqueueMany(
      quick,
      Array.from({ length: 7 }, () => ({ input: {} as never })),
    );
    const done = async () => (await Promise.all(handles.map((one) => one.state()))).filter(isSuccess).length;
    await vi.waitFor(async () => expect(await done()).toBe(2), { timeout: 10_000 });
    await app.workers.setRateLimit(quick, "4/h");
    await vi.waitFor(async () => expect(await done()).toBe(4), { timeout: 10_000 });
    await app.workers.setRateLimit(quick, null);
    await Promise.all(handles.map((one) => one.result({ timeout: "10s" })));
  });

  test("a paused definition's tasks wait, others run; resumed they run", async () => {
    expect((await app.workers.pauseTask(slow)).replies).toMatchObject([{ value: { paused: true } }]);
    const waits = await app.enqueue(slow, {} as never, { timeLimit: 20 });
    const runs = await app.enqueue(quick, {} as never);
    expect(await runs.result({ timeout: "10s" })).toBe("done");
    expect(await waits.state()).toBe("QUEUED");
    await app.workers.resumeTask(slow);
    await expect(waits.result({ timeout: "20s" })).rejects.toThrow("time limit of 20 ms");
  });

  test("an invalid value is refused, and changes nothing", async () => {
    const before = (await app.workers.log()).length;
    const refused = (work: Promise<unknown>) =>
      work.then(
        () => [],
        (error: { issues: readonly unknown[] }) => error.issues,
      );
    expect(await refused(app.workers.setRateLimit(slow, "10 per second"))).toMatchObject([
      { path: ["rateLimit"], message: expect.stringContaining('such as "100/s"') },
    ]);
    expect(await refused(app.workers.setTimeLimit(slow, { soft: 0, hard: "x" }))).toMatchObject([
      { path: ["soft"] },
      { path: ["hard"] },
    ]);
    expect(await refused(app.workers.setTimeLimit(slow, {}))).toHaveLength(1);
    await app.workers.setTimeLimit(slow, { soft: "10s" });
    expect(await refused(app.workers.setTimeLimit(slow, { hard: "10s" }))).toMatchObject([
      { path: ["soft"], message: "expected less than the hard limit, 10000 ms, got 10000 ms." },
    ]);
    expect(await refused(app.workers.setTimeLimit(slow, { soft: "2h", hard: null }))).toHaveLength(1);
    const stranger = defineTask({ name: "slow.on", run: () => null });
    expect(await refused(app.workers.setRateLimit(stranger, null))).toMatchObject([
      { code: "NOT_REGISTERED", hint: 'Did you mean "slow.one"?' },
    ]);
    const log = await app.workers.log();
    expect(log.length).toBe(before + 1);
    expect(log[0]!.changes).toEqual([{ target: "slow.one", before: {}, after: { softTimeLimitMs: 10_000 } }]);
    await app.workers.setTimeLimit(slow, { soft: null });
  });

  test("they outlive the process", async () => {
    await app.workers.setTimeLimit(slow, { hard: "60ms" });
    await app.stop();
    const next = await deployment.app([slow, quick]);
    const handle = await next.enqueue(slow, {} as never);
    await expect(handle.result({ timeout: "10s" })).rejects.toThrow("time limit of 60 ms");
  });
});
