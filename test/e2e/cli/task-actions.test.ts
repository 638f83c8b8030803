import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Child, startChild } from "../../support/child.ts";
import { freshDatabase } from "../../support/servers/global-servers.ts";
import { runSql } from "../../support/servers/postgres-server.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { CLI, type CliRun, runCli } from "../../support/run-cli.ts";

const TASKS = `
import { defineTask, FatalError } from "lovage";
import { z } from "zod";

export const add = defineTask({
  name: "sum.add",
  input: z.object({ x: z.number(), y: z.number() }),
  run: ({ x, y }, ctx) => ({ sum: x + y, by: ctx.workerName }),
});
export const fail = defineTask({ name: "sum.fail", run: () => { throw new FatalError("never"); } });
export const hang = defineTask({
  name: "sum.hang",
  run: (_input, ctx) => new Promise((_, reject) => ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason))),
});
`;

const folder = await tempDir();
let up: Child;
let url: string;
beforeAll(async () => {
  await writeFile(join(folder.path, "sum.tasks.mjs"), TASKS);
  up = await startChild(process.execPath, [CLI, "up", "--port", "0", "--json", "-n", "cli@host"], {
    cwd: folder.path,
    env: { LOVAGE_GRACE_TIME: "10m", LOVAGE_ROUTES: '[{"match":"sum.*","queue":"sums"}]' },
  });
  ({ url } = JSON.parse(await up.waitForLine(/"event":"ready"/, 60_000)) as { url: string });
});
afterAll(async () => {
  await up[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function run(...args: string[]): Promise<CliRun> {
  return runCli(args, { cwd: folder.path, env: { LOVAGE_URL: url } });
}
async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await run(...args, "--json");
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
}
async function call(...args: string[]): Promise<string> {
  return (await json("call", ...args))["id"] as string;
}
const ADD = ["sum.add", '{"x":1,"y":2}'] as const;

describe("lovage call", () => {
  test("--worker: only that one runs it; --broadcast: each one does", async () => {
    const done = await json("call", ...ADD, "--worker", "cli@host", "--wait");
    expect(done).toMatchObject({ queue: "@cli@host", result: { sum: 3, by: "cli@host" } });
    const { stdout, exitCode } = await run("call", ...ADD, "--broadcast", "--wait");
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/cli@host +\S+ +SUCCESS +\{/),
    });
    expect(await run("call", ...ADD, "--broadcast", "--worker", "cli@host")).toMatchObject({
      exitCode: 65,
      stderr: expect.stringContaining("--worker: cannot be used in a broadcast"),
    });
    expect(await run("call", "sum.fail", "--broadcast", "--wait")).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining("FatalError: never"),
    });
  });

  test("--explain prints the effects of the call, and does nothing", async () => {
    const { stdout, exitCode } = await run(
      "call",
      ...ADD,
      "--explain",
      "--priority",
      "high",
      "--delay",
      "1h",
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^queue +sums \(set by route 0\)$/m);
    expect(stdout).toMatch(/^priority +HIGH \(set by the call\)$/m);
    expect(stdout).toMatch(/^workers +cli@host$/m);
    expect(stdout).not.toContain("problem");
    expect(await json("call", ...ADD, "--explain", "--worker", "gone@host")).toMatchObject({
      accepted: true,
      workers: [],
      problem: 'The worker "gone@host" is not alive.',
    });
    const queues = JSON.parse((await run("queues", "--json")).stdout) as readonly { name: string }[];
    expect(queues.map((queue) => queue.name)).not.toContain("@gone@host");
  });
});

describe("lovage tasks", () => {
  test("lists tasks, newest first, with the filters of GraphQL", async () => {
    const first = await call(...ADD, "--wait", "--tag", "list");
    const failed = (await json("call", "sum.fail", "--wait", "--tag", "list"))["id"] as string;
    const delayed = await call(...ADD, "--delay", "1h", "--tag", "list", "--unique-key", "only");
    const ids = async (...args: string[]): Promise<string[]> =>
      ((await json("tasks", "--tag", "list", ...args)) as { tasks: { id: string }[] }).tasks.map(
        ({ id }) => id,
      );
    expect(await ids()).toEqual([delayed, failed, first]);
    expect(await ids("--oldest-first")).toEqual([first, failed, delayed]);
    expect(await ids("--state", "failure,scheduled")).toEqual([delayed, failed]);
    expect(await ids("--task", "sum.add", "--queue", "sums")).toEqual([delayed, first]);
    expect(await ids("--worker", "cli@host", "--order-by", "finished-at")).toEqual([failed, first]);
    expect(await ids("--id", first, failed)).toEqual([failed, first]);
    expect(await ids("--unique-key", "only")).toEqual([delayed]);
    expect(await ids("--args-contain", '{"x":1}', "--max-run-time", "1h")).toEqual([first]);
    expect(await ids("--min-run-time", "1h")).toEqual([]);
    expect(await ids("--search", "never")).toEqual([failed]);
    expect(
      await ids("--created-after", "2000-01-01T00:00:00Z", "--created-before", "2001-01-01T00:00:00Z"),
    ).toEqual([]);

    const { stdout, stderr } = await run("tasks", "--tag", "list", "--first", "2");
    const [titles, ...rows] = stdout.trim().split("\n");
    expect(titles).toMatch(/^ID +NAME +STATE +QUEUE +ATTEMPT +CREATED +RAN +DETAILS$/);
    expect(rows).toEqual([
      expect.stringMatching(new RegExp(`^${delayed} +sum\\.add +SCHEDULED +sums +0/\\d+ +\\S+ +- +due 20`)),
      expect.stringMatching(new RegExp(`^${failed} +sum\\.fail +FAILURE .*FatalError: never$`)),
    ]);
    const cursor = /^For the next page add --after (\S+)$/m.exec(stderr)![1]!;
    expect(await ids("--first", "2", "--after", cursor)).toEqual([first]);
    expect((await run("tasks", "--tag", "nobody")).stderr).toBe("There are no such tasks.\n");
  }, 120_000); // Some twenty processes, one after another.

  test("import celery-beat that imports nothing reports it, and fails", async () => {
    const database = await freshDatabase();
    try {
      await runSql(database.url, "create table django_celery_beat_periodictask (id int, name text)");
      expect(await run("import", "celery-beat", "--from", database.url)).toMatchObject({
        exitCode: 65,
        stderr: "✗ Nothing was imported: there are no periodic tasks.\n",
      });
    } finally {
      await database.drop();
    }
  });

  test("lovage definitions lists the definitions", async () => {
    expect((await run("definitions")).stdout).toMatch(/^sum\.add +sums +NORMAL/m);
  });

  test("revoke: by ids and by a filter, with a reason; running ones where asked", async () => {
    const [waiting, other] = [
      await call(...ADD, "--delay", "1h"),
      await call(...ADD, "--delay", "1h", "--tag", "cli"),
    ];
    expect(await run("tasks", "revoke", waiting, "--reason", "wrong sum")).toMatchObject({
      exitCode: 0,
      stdout: "1 task revoked; 0 skipped.\n",
    });
    expect((await run("tasks", "revoke", waiting)).exitCode).toBe(3);
    expect(
      await json("tasks", "revoke", "--tag", "cli", "--state", "scheduled,queued", "--task", "sum.add"),
    ).toEqual({
      affectedCount: 1,
      skippedCount: 0,
      tasks: [{ id: other, state: "REVOKED" }],
      errors: [],
    });
    expect((await run("task", waiting)).stdout).toMatch(/^cancelled +wrong sum$/m);
    const hanging = await call("sum.hang");
    await expect
      .poll(async () => (await json("task", hanging))["state"], { timeout: 20_000 })
      .toBe("STARTED");
    expect(await run("tasks", "revoke", hanging)).toMatchObject({
      exitCode: 3,
      stdout: "0 tasks revoked; 1 skipped.\n",
      stderr: "Add --terminate to stop running tasks too.\n",
    });
    await run("tasks", "revoke", hanging, "--terminate");
    await expect
      .poll(async () => (await json("task", hanging))["state"], { timeout: 20_000 })
      .toBe("REVOKED");
  });

  test("retry, run-now and delete", async () => {
    const failed = (await json("call", "sum.fail", "--wait", "--tag", "again"))["id"] as string;
    const { tasks } = (await json("tasks", "retry", failed, "--to-queue", "sums")) as {
      tasks: { id: string }[];
    };
    expect(tasks).toHaveLength(1);
    const delayed = await call(...ADD, "--delay", "1h");
    expect((await run("tasks", "run-now", delayed)).stdout).toBe("1 task queued; 0 skipped.\n");
    await expect
      .poll(async () => (await json("task", delayed))["state"], { timeout: 20_000 })
      .toBe("SUCCESS");
    expect((await run("tasks", "delete", delayed)).stdout).toBe("1 task deleted; 0 skipped.\n");
    expect((await run("task", delayed)).exitCode).toBe(3);
  });

  test.each([
    [["revoke"], /expected ids, or an option that selects tasks such as --state/],
    [
      ["delete", "01980000-0000-7000-8000-000000000000", "--tag", "x"],
      /expected ids or options that select tasks, got both/,
    ],
    [["delete", "nonsense"], /ids: expected UUIDs, got "nonsense"/],
    [["delete", "--state", "done"], /--state: expected one of .*, got "DONE"/],
    [
      ["delete", "--finished-before", "yesterday"],
      /--finished-before: expected a timestamp with a time zone/,
    ],
    [["delete", "--args-contain", "[1]"], /--args-contain: expected a JSON object/],
    [["retry", "--tag", "x", "--args", "{"], /--args: expected JSON, got "\{"/],
    [["--first", "201"], /--first: expected an integer from 1 to 200, got "201"/],
    [
      ["--order-by", "name"],
      /--order-by: expected one of created-at, finished-at, run-time, wait-time, got "name"/,
    ],
    [["--id", "5"], /--id: expected UUIDs, got "5"/],
    [["--min-run-time", "long"], /--min-run-time: expected a duration .*got "long"/],
    [["rvoke"], /too many arguments for "tasks".* Did you mean "revoke"\?/],
    [["--stat", "queued"], /unknown option "--stat"\. Did you mean "--state"\?/],
  ])("%j is refused before anything is sent", async (args, message) => {
    expect(await run("tasks", ...args)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(message),
    });
  });
});
