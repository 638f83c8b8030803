import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SplitDeployment, type DeployedTask } from "../../support/split-deployment.ts";
import type { Child } from "../../support/child.ts";
import { records } from "../../support/log-records.ts";

const POOLS = ["async", "threads", "processes"] as const;
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

let deployment: SplitDeployment;
const workers = new Map<string, Child>();
beforeAll(async () => {
  const env = {
    ...{ LOVAGE_TASKS: here("hooks.tasks.ts"), LOVAGE_LOG_FORMAT: "json" },
    ...{ LOVAGE_HEARTBEAT: "500ms", LOVAGE_WORKER_LOST_AFTER: "8s" },
  };
  const config = `export { default } from ${JSON.stringify(here("hooks.config.ts"))};`;
  deployment = await SplitDeployment.open({ files: { "lovage.config.mjs": config }, env });
  for (const pool of POOLS) workers.set(pool, await startWorker(pool, pool));
});
afterAll(() => deployment[Symbol.asyncDispose]());

/** A worker whose tasks run in a pool; it alone takes what is in the queue of its name. */
const startWorker = (name: string, pool: string): Promise<Child> =>
  deployment.worker(name, ["--pool", pool, "--pool-size", "1", "-Q", name]);
const worker = (name: string): Child => workers.get(name)!;

interface Note {
  readonly hook: string;
  readonly about: string;
  readonly state: string;
  readonly pid: number;
  readonly main: boolean;
  readonly error?: string | null;
  readonly output?: unknown;
}

/** What hooks were told in a process, in order. */
const notes = ({ stdoutLines }: Child): Note[] =>
  stdoutLines.filter((line) => line.startsWith('{"hook"')).map((line) => JSON.parse(line) as Note);
const about = (child: Child, name: string): string[] =>
  notes(child)
    .filter((note) => note.about === name)
    .map(({ hook, state, error, output }) =>
      [hook, state, error, JSON.stringify(output)].filter((part) => part !== undefined).join(" "),
    );
const told = (child: Child, name: string, expected: readonly string[]): Promise<void> =>
  vi.waitFor(() => expect(about(child, name)).toEqual(expected), 20_000);

describe.each(POOLS)("hooks of processes apart, pool %s", (pool) => {
  test("the server notifies hooks of the enqueue, the worker that ran the task of everything else, and no other process of anything", async () => {
    const before = about(deployment.server, "hooks.steps").length;
    await deployment.ended(await deployment.enqueue("hooks.steps", [{}], { queue: pool }));
    await told(worker(pool), "hooks.steps", [
      "task:started STARTED",
      "task:snoozed RETRY",
      "task:started STARTED",
      "task:retrying RETRY first",
      "task:started STARTED",
      "own:succeeded SUCCESS 2",
      "task:succeeded SUCCESS 2",
    ]);
    expect(about(deployment.server, "hooks.steps").slice(before)).toEqual([
      "own:enqueued QUEUED",
      "task:enqueued QUEUED",
    ]);
    // In the process itself, wherever the code runs.
    const where = notes(worker(pool)).map(({ pid, main }) => ({ pid, main }));
    expect(new Set(where.map((one) => JSON.stringify(one)))).toEqual(
      new Set([JSON.stringify({ pid: worker(pool).pid, main: true })]),
    );
  });

  test("the worker reports a failure and the cancel of a running task, the server the cancel of a waiting one", async () => {
    await deployment.ended(await deployment.enqueue("hooks.fatal", [{}], { queue: pool }));
    await told(worker(pool), "hooks.fatal", ["task:started STARTED", "task:failed FAILURE never"]);
    const [waits] = await deployment.enqueue("hooks.nap", [{}], { queue: pool, delay: "PT1H" });
    const before = about(deployment.server, "hooks.nap").length;
    await revoke(waits!);
    await vi.waitFor(() =>
      expect(about(deployment.server, "hooks.nap").slice(before)).toEqual([
        "task:enqueued SCHEDULED",
        "task:revoked REVOKED",
      ]),
    );
    const [runs] = await deployment.enqueue("hooks.nap", [{}], { queue: pool });
    await told(worker(pool), "hooks.nap", ["task:started STARTED"]);
    await revoke(runs!);
    await told(worker(pool), "hooks.nap", ["task:started STARTED", "task:revoked REVOKED"]);
  });

  test("hooks that fail are logged by their process, and do not affect the task", async () => {
    const before = hookFailures(deployment.server).length;
    const [task] = await deployment.ended(await deployment.enqueue("hooks.spoilt", [{}], { queue: pool }));
    expect(task).toMatchObject({ state: "SUCCESS", attempt: 1, result: "as ever", error: null });
    // Those of all tasks are called all the same.
    await told(worker(pool), "hooks.spoilt", ["task:started STARTED", 'task:succeeded SUCCESS "as ever"']);
    await vi.waitFor(() => {
      expect(hookFailures(deployment.server).slice(before)).toEqual(["task:enqueued a bug of the hook"]);
      expect(hookFailures(worker(pool))).toEqual([
        "task:started a bug of the hook",
        "task:succeeded a bug of the hook",
      ]);
    });
  });
});

const revoke = (id: string): Promise<unknown> =>
  deployment.ask(
    "mutation ($ids: [ID!]) { revokeTasks(input: { select: { ids: $ids }, terminate: true }) { affectedCount } }",
    { ids: [id] },
  );

/** Hooks that failed, as the log of their process says. */
const hookFailures = (child: Child): string[] =>
  records(child)
    .filter(({ msg }) => msg === "Hook failed")
    .map(({ level, hook, err }) => {
      expect(level).toBe("error");
      return `${String(hook)} ${(err as Error).message}`;
    });

test("a hook that does not end keeps neither its task nor the end of its worker waiting for long", async () => {
  const stuck = await startWorker("stuck", "async");
  const [task] = await deployment.ended(await deployment.enqueue("hooks.stuck", [{}], { queue: "stuck" }));
  expect(task).toMatchObject({ state: "SUCCESS", attempt: 1, result: "as ever" });
  await told(stuck, "hooks.stuck", ["task:started STARTED", 'task:succeeded SUCCESS "as ever"']);
  stuck.kill("SIGTERM");
  expect(await stuck.exited).toEqual({ code: 0, signal: null });
  expect(records(stuck)).toContainEqual(
    expect.objectContaining({ msg: "Hooks have not ended; the process stops without them", hooks: 1 }),
  );
});

test("a worker reports its own lifecycle, and the server its death", async () => {
  const stopped = await startWorker("stopped", "async");
  await told(stopped, "stopped", ["worker:ready ONLINE"]);
  stopped.kill("SIGTERM");
  expect(await stopped.exited).toEqual({ code: 0, signal: null });
  expect(about(stopped, "stopped").map((line) => line.split(" ")[0])).toEqual([
    "worker:ready",
    "worker:stopping",
    "worker:stopped",
  ]);
  const killed = await startWorker("killed", "async");
  const [id] = await deployment.enqueue("hooks.nap", [{}], { queue: "killed" });
  await told(killed, "hooks.nap", ["task:started STARTED"]);
  killed.kill("SIGKILL");
  await killed.exited;
  await vi.waitFor(() => expect(about(deployment.server, "killed")).toEqual(["worker:lost LOST"]), 30_000);
  await vi.waitFor(() => expect(about(deployment.server, "hooks.nap")).toContain("task:givenBack QUEUED"));
  expect(about(deployment.server, "stopped")).toEqual([]);
  await revoke(id!);
}, 60_000);

describe.each(POOLS)("middleware of processes apart, pool %s", (pool) => {
  const run = async (wish: string): Promise<DeployedTask> => {
    const [task] = await deployment.ended(
      await deployment.enqueue("hooks.place", [{ wish }], { queue: pool }),
    );
    return task!;
  };
  const metaOf = async (id: string) =>
    (await deployment.ask("query ($id: ID!) { task(id: $id) { meta } }", { id })).task.meta;

  test("run wraps the code where it runs, outermost first", async () => {
    const { result } = await run("plain");
    expect(result).toMatchObject({ wish: "plain", around: ["outer", "inner"] });
    const { pid, threadId } = result as { readonly pid: number; readonly threadId: number };
    expect({ ownProcess: pid !== worker(pool).pid, ownThread: threadId !== 0 }).toEqual({
      ownProcess: pool === "processes",
      ownThread: pool === "threads",
    });
    expect((await run("another")).result).toMatchObject({ another: { wish: "another" } });
    const never = await run("never");
    expect(never).toMatchObject({
      state: "FAILURE",
      error: { type: "RangeError", message: "before the code" },
    });
  });

  test("enqueue is asked where a task is enqueued: by the server for its clients, by the worker for its tasks", async () => {
    const { id, args } = await run("change");
    expect(args).toEqual({ wish: "was changed" });
    expect(await metaOf(id)).toEqual({ enqueuedBy: deployment.server.pid });
    const called = await deployment.lovage(
      "call",
      "hooks.place",
      '{"wish":"change"}',
      "--queue",
      pool,
      "--json",
    );
    expect(called).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("was changed") });
    const [parent] = await deployment.ended(
      await deployment.enqueue("hooks.parent", [{ wish: "change", queue: pool }], { queue: pool }),
    );
    const own = (parent!.result as { readonly id: string }).id;
    expect(await metaOf(own)).toEqual({ enqueuedBy: worker(pool).pid });
    const [child] = await deployment.ended([own]);
    expect(child).toMatchObject({ state: "SUCCESS", args: { wish: "was changed" } });
    await told(worker(pool), "hooks.parent", [
      "task:started STARTED",
      expect.stringMatching(/^task:succeeded/),
    ]);
  });

  test("an enqueue that middleware refuses is not made, and the caller gets the refusal in every process", async () => {
    const [parent] = await deployment.ended(
      await deployment.enqueue("hooks.parent", [{ wish: "forbidden", queue: pool }], { queue: pool }),
    );
    expect(parent).toMatchObject({ state: "FAILURE", error: { type: "RefusedError" } });
    expect(parent!.error!.message).toContain("That is not for you.");
    const rows = await deployment.sql(
      "select 1 from lovage.task where input->>'wish' = 'forbidden' and name = 'hooks.place'",
    );
    expect(rows).toEqual([]);
  });
});

test("the server's answer contains a refusal by its middleware, and hides the middleware's own mistakes", async () => {
  const enqueue = (wish: string) =>
    deployment.ask(
      'mutation ($args: JSON) { enqueueTask(input: { name: "hooks.place", args: $args }) { task { id } errors { code path message } } }',
      { args: { wish } },
    );
  expect((await enqueue("forbidden")).enqueueTask).toEqual({
    task: null,
    errors: [
      {
        code: "FORBIDDEN",
        path: ["input", "args", "wish"],
        message: "input.args.wish: That is not for you.",
      },
    ],
  });
  const said = await enqueue("broken").then(() => "", String);
  expect(said).toContain("INTERNAL");
  expect(said).not.toContain("a bug of the middleware");
  await vi.waitFor(() => expect(deployment.server.output).toContain("a bug of the middleware"));
});
