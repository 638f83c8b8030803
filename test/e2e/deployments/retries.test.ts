import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SplitDeployment, type DeployedTask } from "../../support/split-deployment.ts";
import type { Child } from "../../support/child.ts";
import { records } from "../../support/log-records.ts";

const POOLS = ["async", "threads", "processes"] as const;
type Pool = (typeof POOLS)[number];

/**
 * One worker for each pool, which alone takes what is in the queue of this name; all of them take
 * what is limited.
 */
const workers = new Map<Pool, Child>();
let deployment: SplitDeployment;
const startWorkers = async (): Promise<void> => {
  for (const pool of POOLS)
    workers.set(
      pool,
      await deployment.worker(pool, ["--pool", pool, "--pool-size", "1", "-Q", `${pool},limited`]),
    );
};
beforeAll(async () => {
  const tasks = fileURLToPath(new URL("retries.tasks.ts", import.meta.url));
  const env = {
    ...{ LOVAGE_TASKS: tasks, LOVAGE_LOG_FORMAT: "json" },
    ...{ LOVAGE_HEARTBEAT: "500ms", LOVAGE_WORKER_LOST_AFTER: "8s" },
  };
  deployment = await SplitDeployment.open({ env });
  await startWorkers();
});
afterAll(() => deployment[Symbol.asyncDispose]());

/** The errors of a task's attempts, in their order. */
const errorsOf = ({ attempts }: DeployedTask) => attempts.map(({ error }) => error?.message ?? null);

describe.each(POOLS)("in a separate worker, pool %s", (pool) => {
  const run = async (name: string, input: object): Promise<DeployedTask> => {
    const [task] = await deployment.ended(await deployment.enqueue(name, [input], { queue: pool }));
    expect(task).toMatchObject({ workerName: pool, crashCount: 0 });
    return task!;
  };
  const play = (name: string, ...steps: string[]) => run(`retries.${name}`, { steps });
  /** What the worker's own log says of the attempts of a task. */
  const logged = ({ id }: DeployedTask) =>
    records(workers.get(pool)!)
      .filter(({ taskId, msg }) => taskId === id && String(msg).startsWith("An attempt failed"))
      .map(({ level, error, stack }) => ({ level, error, hasStack: stack !== undefined }));

  test("RetryTask continues with another input, despite notOn", async () => {
    const task = await run("retries.pages", { of: 3 });
    expect(task).toMatchObject({ state: "SUCCESS", attempt: 3, result: { page: 3, attempt: 3 } });
    expect(task.args).toEqual({ page: 3, of: 3 });
    expect(errorsOf(task)).toEqual(["Page 1 is done.", "Page 2 is done.", null]);
    expect(task.attempts.map(({ state }) => state)).toEqual(["RETRY", "RETRY", "SUCCESS"]);
  });

  test("RetryTask ends with the last attempt, and with an input that does not fit", async () => {
    const last = await run("retries.pages", { of: 9 });
    expect(last).toMatchObject({ state: "FAILURE", attempt: 4, args: { page: 4 } });
    expect(errorsOf(last).at(-1)).toBe("Page 4 is done. No attempt follows: attempt 4 of 4 was the last.");
    const misfit = await run("retries.pages", { of: 2, wrong: { page: "x", of: 2 } });
    expect(misfit).toMatchObject({ state: "FAILURE", attempt: 2, args: { page: 2, of: 2 } });
    expect(misfit.error).toMatchObject({ type: "MisfitError", message: expect.stringMatching(/page/) });
  });

  test("FatalError ends a task, after the attempts before it", async () => {
    const task = await play("asked", "flaky", "fatal");
    expect(task).toMatchObject({ state: "FAILURE", attempt: 2 });
    expect(task.error).toEqual({ type: "FatalError", message: "There is no such thing." });
    expect(errorsOf(task)).toEqual(["It may go well another time.", "There is no such thing."]);
  });

  test("snooze and rateLimited charge no attempt, also between attempts that fail", async () => {
    const task = await play("listed", "snooze", "flaky", "snooze", "slow", "flaky", "slow", "snooze");
    expect(task).toMatchObject({ state: "SUCCESS", attempt: 3, result: { turn: 8, attempt: 3 } });
    expect(errorsOf(task)).toEqual(["It may go well another time.", "It may go well another time.", null]);
    expect(task.attempts[0]!.error).toMatchObject({ type: "Flaky" });
  });

  test("on and notOn match by class, by name, and by a function", async () => {
    const unlisted = await play("listed", "type");
    expect(unlisted).toMatchObject({ state: "FAILURE", attempt: 1, error: { type: "TypeError" } });
    const hopeless = await play("listed", "flaky", "hopeless");
    expect(hopeless).toMatchObject({ state: "FAILURE", attempt: 2 });
    const asked = await play("asked", "flaky", "hopeless");
    expect(asked).toMatchObject({ state: "FAILURE", attempt: 2 });
    expect(errorsOf(asked)).toEqual(["It may go well another time.", "It never goes well."]);
  });

  test("expected errors are logged as information without a stack, others as warnings", async () => {
    const expected = await play("listed", "flaky", "flaky");
    expect(expected.attempts).toHaveLength(3);
    const flaky = { level: "info", error: "Flaky: It may go well another time.", hasStack: false };
    await vi.waitFor(() => expect(logged(expected)).toEqual([flaky, flaky]));
    const others = await play("listed", "type");
    const unexpected = { level: "warn", error: "TypeError: Nobody expects this.", hasStack: true };
    await vi.waitFor(() => expect(logged(others)).toEqual([unexpected]));
  });

  if (pool === "async") return;

  test("the end of a child is a failed attempt like any other, not a crash", async () => {
    const tried = await play("listed", "exit", "flaky");
    expect(tried).toMatchObject({ state: "SUCCESS", attempt: 3, result: { turn: 3, attempt: 3 } });
    expect(tried.attempts[0]!.error).toMatchObject({
      type: "ChildDied",
      message: expect.stringContaining("exited with code 7"),
    });
  });
});

test.each(POOLS)(
  "until ctx.rateLimited is over no other task of the definition starts on any worker: %s",
  async (pool) => {
    const name = `retries.slowed.${pool}`;
    const tasks = await deployment.ended(await deployment.enqueue(name, [{}, {}, {}, {}]));
    const told = Number(await readFile(join(deployment.folder, `${name}.told`), "utf8"));
    for (const { state, attempt, attempts, startedAt } of tasks) {
      expect({ state, attempt, errors: attempts.map(({ error }) => error) }).toEqual({
        ...{ state: "SUCCESS", attempt: 1, errors: [null] },
      });
      // Times are cut to whole milliseconds here and there.
      expect(Date.parse(startedAt!)).toBeGreaterThanOrEqual(told + 1_000 - 5);
    }
  },
);

test.each(POOLS)(
  "a control error that the code throws while its worker stops applies; otherwise nothing is charged: %s",
  async (pool) => {
    const queue = `leaving-${pool}`;
    const flags = ["--pool", pool, "--pool-size", "3", "-Q", queue];
    const first = await deployment.worker(queue, flags, { LOVAGE_GRACE_TIME: "100ms" });
    const inputs = ["retry", "snooze", "fail"].map((how) => ({ how }));
    const ids = await deployment.enqueue("retries.leaving", inputs, { queue });
    const turns = () =>
      Promise.all(ids.map((id) => readFile(join(deployment.folder, `${id}.turns`), "utf8")));
    await vi.waitFor(async () => expect(await turns()).toEqual(["x", "x", "x"]), 20_000);
    first.kill("SIGTERM");
    expect(await first.exited).toEqual({ code: 0, signal: null });
    const next = await deployment.worker(queue, flags);
    const tasks = await deployment.ended(ids);
    expect(tasks.map(({ state, crashCount, result }) => ({ state, crashCount, result }))).toEqual([
      { state: "SUCCESS", crashCount: 0, result: { how: "nothing", attempt: 2 } },
      { state: "SUCCESS", crashCount: 0, result: { how: "snooze", attempt: 1 } },
      { state: "SUCCESS", crashCount: 0, result: { how: "fail", attempt: 1 } },
    ]);
    expect(tasks.map(errorsOf)).toEqual([["The task asked to be tried again.", null], [null], [null]]);
    next.kill("SIGTERM");
    await next.exited;
  },
);

test("a worker that is killed in an attempt after RetryTask: the next has the new input, and the crash is counted apart", async () => {
  const ids: string[] = [];
  for (const pool of POOLS)
    ids.push(...(await deployment.enqueue("retries.stubborn", [{ page: 1 }], { queue: pool })));
  await vi.waitFor(
    async () => {
      for (const task of await deployment.tasks(ids))
        expect(task).toMatchObject({ state: "STARTED", attempt: 2 });
    },
    { timeout: 30_000, interval: 100 },
  );
  for (const worker of workers.values()) worker.kill("SIGKILL");
  for (const worker of workers.values()) await worker.exited;
  await startWorkers();
  for (const task of await deployment.ended(ids)) {
    expect(task).toMatchObject({ state: "SUCCESS", crashCount: 1, attempt: 2, args: { page: 2 } });
    expect(task.result).toEqual({ page: 2, attempt: 2 });
    expect(errorsOf(task)).toEqual(["One is done.", null]);
  }
}, 90_000);
