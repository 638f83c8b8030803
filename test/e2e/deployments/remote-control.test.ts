import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { SplitDeployment } from "../../support/split-deployment.ts";
import type { Child } from "../../support/child.ts";

const TASKS = `
import { setTimeout as sleep } from "node:timers/promises";
import { defineTask } from "lovage";

export const nap = defineTask({
  name: "nap.take",
  timeLimit: "1h",
  run: async ({ ms }, ctx) => {
    await sleep(ms, undefined, { signal: ctx.signal });
    return ctx.workerName;
  },
});
export const pid = defineTask({ name: "pid.tell", pool: "processes", run: () => process.pid });
`;

let deployment: SplitDeployment;
let one: Child;
beforeAll(async () => {
  const env = { LOVAGE_WORKER_LOST_AFTER: "20s", LOVAGE_HEARTBEAT: "1s" };
  deployment = await SplitDeployment.open({ files: { "nap.tasks.mjs": TASKS }, env });
  one = await deployment.worker("one@box");
}, 60_000);
afterAll(() => deployment[Symbol.asyncDispose]());

async function workers(...args: string[]) {
  const { exitCode, stdout, stderr } = await deployment.lovage("workers", ...args, "--json");
  if (stdout === "") throw new Error(`${exitCode}: ${stderr}`);
  return { exitCode, ...(JSON.parse(stdout) as { replies: Reply[]; silent: string[] }) };
}
interface Reply {
  readonly worker: string;
  readonly value: Record<string, unknown>;
}

const ended = (ids: readonly string[]) =>
  vi.waitFor(
    async () => {
      const tasks = await deployment.tasks(ids);
      expect(tasks.map(({ state }) => state)).toEqual(ids.map(() => "SUCCESS"));
      return tasks;
    },
    { timeout: 30_000, interval: 200 },
  );

test("one of two workers receives a shutdown: its process ends, and nothing is lost", async () => {
  const two = await deployment.worker("two@box");
  expect((await workers("ping")).replies).toMatchObject([
    { worker: "one@box", value: "pong" },
    { worker: "two@box", value: "pong" },
  ]);
  const ids = await deployment.enqueue(
    "nap.take",
    Array.from({ length: 150 }, (_, index) => ({ ms: (index % 5) * 100 })),
  );
  const told = await workers("shutdown", "--worker", "two@box");
  expect(told).toMatchObject({ exitCode: 0, silent: [], replies: [{ value: { status: "DRAINING" } }] });
  expect(await two.exited).toEqual({ code: 0, signal: null });
  const tasks = await ended(ids);
  expect(new Set(tasks.map(({ attempt }) => attempt))).toEqual(new Set([1]));
  expect(one.running).toBe(true);
}, 90_000);

test("a worker that receives an immediate shutdown requeues its running tasks, and charges no attempt", async () => {
  await workers("pause", "--worker", "one@box");
  const three = await deployment.worker("three@box");
  const [id] = await deployment.enqueue("nap.take", [{ ms: 60_000 }]);
  await vi.waitFor(
    async () => expect(await deployment.tasks([id!])).toMatchObject([{ state: "STARTED" }]),
    20_000,
  );
  await workers("shutdown", "--now", "--worker", "three@box");
  expect(await three.exited).toEqual({ code: 0, signal: null });
  expect(await deployment.tasks([id!])).toMatchObject([{ state: "QUEUED", attempt: 0 }]);
  await deployment.ask(
    "mutation ($ids: [ID!]) { revokeTasks(input: { select: { ids: $ids } }) { affectedCount } }",
    {
      ids: [id],
    },
  );
  await workers("resume", "--worker", "one@box");
}, 90_000);

test("a worker that does not answer is named, with exit code 69; it applies the command as soon as it can", async () => {
  process.kill(one.pid, "SIGSTOP");
  const said = await deployment.lovage("workers", "resize", "5", "--timeout", "300ms");
  expect(said).toMatchObject({ exitCode: 69, stdout: expect.stringMatching(/one@box\s+silent/) });
  process.kill(one.pid, "SIGCONT");
  await vi.waitFor(async () => {
    const { worker } = await deployment.ask(`{ worker(name: "one@box") { pool { concurrency } } }`);
    expect(worker.pool.concurrency).toBe(5);
  }, 20_000);
  expect((await workers("reset", "concurrency")).replies).toMatchObject([{ value: { concurrency: 32 } }]);
}, 60_000);

test("a restart of a pool does not disturb running tasks", async () => {
  const pids = async (): Promise<unknown[]> => {
    const tasks = await ended(
      await deployment.enqueue(
        "pid.tell",
        Array.from({ length: 8 }, () => ({})),
      ),
    );
    return [...new Set(tasks.map(({ result }) => result))];
  };
  const before = await pids();
  const ids = await deployment.enqueue(
    "pid.tell",
    Array.from({ length: 20 }, () => ({})),
  );
  await workers("restart-pool");
  await ended(ids);
  await vi.waitFor(async () => expect((await pids()).some((pid) => before.includes(pid))).toBe(false), {
    timeout: 20_000,
  });
}, 60_000);

test("limits of a definition are shown and changed", async () => {
  const changed = await deployment.lovage("limits", "nap.take", "--rate", "10/s", "--time-limit", "100ms");
  expect(changed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("timeLimitMs=100") });
  const shown = await deployment.lovage("limits", "nap.take");
  expect(shown.stdout).toMatch(
    /rate\s+10\/s\s+override\ntime limit\s+100 ms\s+override\nsoft time limit\s+-\s+code/,
  );
  const [id] = await deployment.enqueue("nap.take", [{ ms: 60_000 }]);
  await vi.waitFor(
    async () => expect((await deployment.tasks([id!]))[0]!.state).toMatch(/RETRY|FAILURE/),
    20_000,
  );
  expect((await deployment.lovage("limits", "nap.take", "--reset")).exitCode).toBe(0);
  expect((await deployment.lovage("limits", "nap.take")).stdout).toMatch(/time limit\s+1 h\s+code/);
  expect(await deployment.lovage("limits", "nap.tak")).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining('Did you mean "nap.take"?'),
  });
}, 60_000);

test("mistakes are reported", async () => {
  expect(await deployment.lovage("workers", "pause", "--worker", "one@bx")).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining('No live worker is named "one@bx". Did you mean "one@box"?'),
  });
  expect(await deployment.lovage("workers", "resize", "0")).toMatchObject({ exitCode: 2 });
  expect(await deployment.lovage("workers", "autoscale", "2,10")).toMatchObject({
    exitCode: 65,
    stderr: expect.stringContaining("min: expected at most max, which is 2, got 10."),
  });
  expect(await deployment.lovage("limits", "nap.take", "--rate", "fast", "--reset")).toMatchObject({
    exitCode: 2,
  });
}, 60_000);
