import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import { CLI, runCli } from "../cli/run-cli.ts";
import { type Child, startChild } from "../support/child.ts";
import { freePort } from "../support/free-port.ts";
import { freshDatabase, freshPrefix } from "../support/global-servers.ts";
import { tempDir } from "../support/temp-dir.ts";

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

const folder = await tempDir();
const scope = new AsyncDisposableStack();
let env: Record<string, string>;
let url: string;
let one: Child;
beforeAll(async () => {
  await writeFile(join(folder.path, "nap.tasks.mjs"), TASKS);
  const database = await freshDatabase();
  scope.defer(() => database.drop());
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  env = {
    PORT: String(port),
    LOVAGE_URL: url,
    DATABASE_URL: database.url,
    REDIS_URL: inject("redisUrl"),
    LOVAGE_PREFIX: freshPrefix(),
    LOVAGE_WORKER_LOST_AFTER: "20s",
    LOVAGE_HEARTBEAT: "1s",
  };
  await start(["server", "--migrate", "--port", String(port)], /GraphiQL/);
  one = await startWorker("one@box");
}, 60_000);
afterAll(async () => {
  await scope.disposeAsync();
  await folder[Symbol.asyncDispose]();
});

async function start(args: readonly string[], ready: RegExp): Promise<Child> {
  const child = scope.use(
    await startChild(process.execPath, [CLI, ...args], { cwd: folder.path, env, name: args.join(" ") }),
  );
  await child.waitForLine(ready, 60_000);
  return child;
}

const startWorker = (name: string, ...flags: string[]): Promise<Child> =>
  start(["worker", "-n", name, ...flags], /Worker/);

const lovage = (...args: string[]) => runCli(args, { cwd: folder.path, env });

async function workers(...args: string[]) {
  const { exitCode, stdout, stderr } = await lovage("workers", ...args, "--json");
  if (stdout === "") throw new Error(`${exitCode}: ${stderr}`);
  return { exitCode, ...(JSON.parse(stdout) as { replies: Reply[]; silent: string[] }) };
}
interface Reply {
  readonly worker: string;
  readonly value: Record<string, unknown>;
}

// oxlint-disable-next-line typescript/no-explicit-any -- answers are looked at field by field
async function ask(query: string, variables: object = {}): Promise<any> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function enqueue(name: string, inputs: readonly object[]): Promise<string[]> {
  const mutation = "mutation ($inputs: [EnqueueTaskInput!]!) { enqueueTasks(inputs: $inputs) { ids } }";
  const { enqueueTasks } = await ask(mutation, { inputs: inputs.map((args) => ({ name, args })) });
  return enqueueTasks.ids as string[];
}

async function tasksOf(
  ids: readonly string[],
): Promise<{ state: string; attempt: number; result: unknown }[]> {
  const query =
    "query ($ids: [ID!]) { tasks(first: 200, filter: { ids: $ids }) { nodes { state attempt result } } }";
  return (await ask(query, { ids })).tasks.nodes;
}

const ended = (ids: readonly string[]) =>
  vi.waitFor(
    async () => {
      const tasks = await tasksOf(ids);
      expect(tasks.map(({ state }) => state)).toEqual(ids.map(() => "SUCCESS"));
      return tasks;
    },
    { timeout: 30_000, interval: 200 },
  );

test("one of two workers is told to end: its process does, and nothing is lost", async () => {
  const two = await startWorker("two@box");
  expect((await workers("ping")).replies).toMatchObject([
    { worker: "one@box", value: "pong" },
    { worker: "two@box", value: "pong" },
  ]);
  const ids = await enqueue(
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

test("told to end now, a worker gives back what it runs, and no attempt is charged", async () => {
  await workers("pause", "--worker", "one@box");
  const three = await startWorker("three@box");
  const [id] = await enqueue("nap.take", [{ ms: 60_000 }]);
  await vi.waitFor(async () => expect(await tasksOf([id!])).toMatchObject([{ state: "STARTED" }]), 20_000);
  await workers("shutdown", "--now", "--worker", "three@box");
  expect(await three.exited).toEqual({ code: 0, signal: null });
  expect(await tasksOf([id!])).toMatchObject([{ state: "QUEUED", attempt: 0 }]);
  await ask("mutation ($ids: [ID!]) { revokeTasks(select: { ids: $ids }) { affectedCount } }", { ids: [id] });
  await workers("resume", "--worker", "one@box");
}, 90_000);

test("who does not answer is named, with exit code 69; it follows as soon as it can", async () => {
  process.kill(one.pid, "SIGSTOP");
  const said = await lovage("workers", "resize", "5", "--timeout", "300ms");
  expect(said).toMatchObject({ exitCode: 69, stdout: expect.stringMatching(/one@box\s+silent/) });
  process.kill(one.pid, "SIGCONT");
  await vi.waitFor(async () => {
    const { worker } = await ask(`{ worker(name: "one@box") { pool { concurrency } } }`);
    expect(worker.pool.concurrency).toBe(5);
  }, 20_000);
  expect((await workers("reset", "concurrency")).replies).toMatchObject([{ value: { concurrency: 32 } }]);
}, 60_000);

test("a pool is restarted without hurt to what runs", async () => {
  const pids = async (): Promise<unknown[]> => {
    const tasks = await ended(
      await enqueue(
        "pid.tell",
        Array.from({ length: 8 }, () => ({})),
      ),
    );
    return [...new Set(tasks.map(({ result }) => result))];
  };
  const before = await pids();
  const ids = await enqueue(
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
  const changed = await lovage("limits", "nap.take", "--rate", "10/s", "--time-limit", "100ms");
  expect(changed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("timeLimitMs=100") });
  const shown = await lovage("limits", "nap.take");
  expect(shown.stdout).toMatch(/rate\s+10\/s\s+told\ntime limit\s+100 ms\s+told\nsoft time limit\s+-\s+code/);
  const [id] = await enqueue("nap.take", [{ ms: 60_000 }]);
  await vi.waitFor(async () => expect((await tasksOf([id!]))[0]!.state).toMatch(/RETRY|FAILURE/), 20_000);
  expect((await lovage("limits", "nap.take", "--reset")).exitCode).toBe(0);
  expect((await lovage("limits", "nap.take")).stdout).toMatch(/time limit\s+1 h\s+code/);
  expect(await lovage("limits", "nap.tak")).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining("Did you mean nap.take?"),
  });
}, 60_000);

test("mistakes are told", async () => {
  expect(await lovage("workers", "pause", "--worker", "one@bx")).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining('No live worker is named "one@bx". Did you mean "one@box"?'),
  });
  expect(await lovage("workers", "resize", "0")).toMatchObject({ exitCode: 2 });
  expect(await lovage("workers", "autoscale", "2,10")).toMatchObject({
    exitCode: 65,
    stderr: expect.stringContaining("min: must be at most max, which is 2; got 10."),
  });
  expect(await lovage("limits", "nap.take", "--rate", "fast", "--reset")).toMatchObject({ exitCode: 2 });
}, 60_000);
