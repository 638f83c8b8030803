import { describe, expect, onTestFinished, test } from "vitest";
import { type App, openMessaging } from "../../../src/app/app.ts";
import { resolveConfig } from "../../../src/config/config.ts";
import { RefusedError } from "../../../src/errors.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { workerQueue } from "../../../src/task/definition/names.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { DEPLOYMENTS, type Deployment, shared } from "../../support/deployments.ts";

const whoAmI = defineTask({ name: "who.am-i", run: (_input, ctx) => `${ctx.workerName} ${ctx.queue}` });
const where = defineTask({ name: "mail.where", run: (_input, ctx) => ctx.queue });
const TASKS = [whoAmI, where];
const WAIT = { timeout: "60s" };

async function deployed(deploy: () => Promise<Deployment>): Promise<Deployment> {
  const deployment = await deploy();
  onTestFinished(() => deployment[Symbol.asyncDispose]());
  return deployment;
}

function worker(deployment: Deployment, workerName: string, settings = {}): Promise<App> {
  return deployment.app(TASKS, ["worker"], { workerName, ...settings });
}

describe.each(DEPLOYMENTS)("$kind", ({ deploy }) => {
  test("a worker also takes from queues that only routes lead to", async () => {
    const deployment = await deployed(deploy);
    const routes = [{ match: "mail.*", queue: "routed", priority: "HIGH" }];
    const app = await deployment.app(TASKS, ["maintenance", "worker"], { routes });
    const handle = await app.enqueue(where, {});
    expect(await handle.result(WAIT)).toBe("routed");
    expect(await handle.read()).toMatchObject({ priority: "HIGH" });
    expect(app.describe().worker?.queues).toEqual(["default", "routed"]);
  });

  test("a schedule's tasks go where routes lead", async () => {
    const deployment = await deployed(deploy);
    const routes = [{ match: "mail.*", queue: ({ args }: { args: unknown }) => (args as { to: string }).to }];
    const queues = ["default", "vienna"];
    const app = await deployment.app(TASKS, ["maintenance", "worker", "beat"], { routes, queues });
    await app.schedules.create(where, {
      name: "now",
      timing: { interval: { every: "1h" } },
      args: { to: "vienna" },
    });
    const task = await app.task((await app.schedules.run("now"))!);
    expect(await task.result(WAIT)).toBe("vienna");
  });

  test("a task for one worker waits until a worker of that name lives, and no other worker runs it", async () => {
    const deployment = await deployed(deploy);
    const app = await deployment.app(TASKS, ["maintenance", "worker"], { workerName: "first@host" });
    const own = await app.enqueue(whoAmI, {}, { worker: "first@host" });
    expect(await own.result(WAIT)).toBe("first@host @first@host");
    const other = await app.enqueue(whoAmI, {}, { worker: "second@host" });
    const late = await app.enqueue(whoAmI, {}, { worker: "third@host", expiresIn: "300ms" });
    // What came later has been run: the worker has looked at all there was for it.
    await (await app.enqueue(whoAmI, {})).result(WAIT);
    expect(await other.state()).toBe("QUEUED");
    expect((await app.explain(whoAmI, {}, { worker: "second@host" })).dryRun).toMatchObject({
      queue: "@second@host",
      queueDecidedBy: "CALL",
      waitingBefore: 1,
      workers: [],
      problem: 'The worker "second@host" is not alive.',
    });
    await expect(late.result(WAIT)).rejects.toThrow("EXPIRED");
  });

  test("a broadcast is refused as a whole, with every mistake", async () => {
    const deployment = await deployed(deploy);
    const app = await deployment.app(TASKS, ["maintenance", "worker"], { workerName: "first@host" });
    const options = { workers: ["first@host", "frist@host"], uniqueKey: "k", maxAttempts: 0 };
    const refused = await app.broadcast(whoAmI, {}, options as object).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RefusedError);
    expect((refused as RefusedError).issues).toMatchObject([
      { code: "UNSUPPORTED", path: ["options", "uniqueKey"] },
      { path: ["options", "maxAttempts"] },
      { code: "NOT_FOUND", path: ["workers", "1"], hint: 'Did you mean "first@host"?' },
    ]);
    const [handle, ...others] = await app.broadcast(whoAmI, {});
    expect(others).toEqual([]);
    expect(await handle!.result(WAIT)).toBe("first@host @first@host");
  });
});

describe("several workers", () => {
  test("each gets its own, by name; a later worker of the name gets the waiting task", async () => {
    const deployment = await deployed(shared);
    const app = await deployment.app(TASKS, ["maintenance"]);
    await expect(app.broadcast(whoAmI, {})).rejects.toMatchObject({ code: "NO_WORKER_REPLIED" });
    const waiting = await app.enqueue(whoAmI, {}, { worker: "b@host" });
    await Promise.all([
      worker(deployment, "a@host"),
      worker(deployment, "b@host"),
      deployment.app([where], ["worker"], { workerName: "c@host" }),
    ]);
    expect(await waiting.result(WAIT)).toBe("b@host @b@host");
    const all = await app.broadcast(whoAmI, {}, { tags: ["all"] });
    expect(await Promise.all(all.map((handle) => handle.result(WAIT)))).toEqual([
      "a@host @a@host",
      "b@host @b@host",
    ]);
    const some = await app.broadcast(where, {}, { workers: ["c@host", "a@host"] });
    expect(await Promise.all(some.map((handle) => handle.result(WAIT)))).toEqual(["@c@host", "@a@host"]);
  });

  test("workers of one name share the tasks for that name", async () => {
    const deployment = await deployed(shared);
    const app = await deployment.app(TASKS, ["maintenance"]);
    const twins = await Promise.all([worker(deployment, "twin@host"), worker(deployment, "twin@host")]);
    expect(await app.broadcast(whoAmI, {})).toHaveLength(1);
    await twins[0]!.stop();
    const handle = await app.enqueue(whoAmI, {}, { worker: "twin@host" });
    expect(await handle.result(WAIT)).toBe("twin@host @twin@host");
  });

  test("explains which workers could run a task, and why none would", async () => {
    const deployment = await deployed(shared);
    const app = await deployment.app(TASKS, ["maintenance"]);
    const problem = async (options = {}) => (await app.explain(whoAmI, {}, options)).dryRun?.problem;
    expect(await problem()).toBe("No worker is alive.");
    await deployment.app([where], ["worker"], { workerName: "other@host" });
    expect(await problem()).toBe('No live worker knows the task "who.am-i".');
    expect(await problem({ worker: "other@host" })).toBe(
      'The worker "other@host" does not know the task "who.am-i".',
    );
    await worker(deployment, "mail@host", { queues: ["mail"] });
    expect(await problem()).toBe(
      'No live worker that knows the task "who.am-i" takes tasks from the queue "default"; they take from mail.',
    );
    const { dryRun } = await app.explain(whoAmI, {}, { queue: "mail" });
    expect(dryRun).toMatchObject({ problem: null, workers: [{ name: "mail@host" }] });
  });
});

test("a hint in any queue never gives another worker a task that is for one worker", async () => {
  const deployment = await deployed(shared);
  const app = await deployment.app(TASKS, ["maintenance"]);
  const forger = await deployment.app(TASKS, []);
  const handle = await app.enqueue(whoAmI, {}, { worker: "right@host" });
  const messaging = openMessaging(
    resolveConfig({ flags: { ...deployment.settings }, env: {} }).config,
    silentLogger,
  );
  await messaging.connect();
  onTestFinished(() => messaging.close());
  await worker(deployment, "wrong@host");
  for (const queue of ["default", workerQueue("wrong@host")])
    await messaging.broker.send([{ taskId: handle.id, queue, priority: "CRITICAL" }]);
  await (await forger.enqueue(whoAmI, {}, { worker: "wrong@host" })).result(WAIT);
  await expect.poll(() => messaging.broker.depth("default")).toBe(0);
  expect(await handle.state()).toBe("QUEUED");
  await worker(deployment, "right@host");
  expect(await handle.result(WAIT)).toBe("right@host @right@host");
});
