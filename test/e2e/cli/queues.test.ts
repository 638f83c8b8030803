import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Child, startChild } from "../../support/child.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { CLI, type CliRun, runCli } from "../../support/run-cli.ts";

const TASKS = `
import { defineTask } from "lovage";
export const idle = defineTask({ name: "queues.idle", queue: "slow", run: () => null });
`;

const folder = await tempDir();
let up: Child;
let url: string;
beforeAll(async () => {
  await writeFile(join(folder.path, "queues.tasks.mjs"), TASKS);
  up = await startChild(process.execPath, [CLI, "up", "--port", "0", "--json"], { cwd: folder.path });
  ({ url } = JSON.parse(await up.waitForLine(/"event":"ready"/, 60_000)) as { url: string });
});
afterAll(async () => {
  await up[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function run(...args: string[]): Promise<CliRun> {
  return runCli(args, { cwd: folder.path, env: { LOVAGE_URL: url } });
}

test("a queue is paused, purged and opened again", async () => {
  expect((await run("queues", "pause", "slow")).stdout).toBe("✔ slow: paused, 0 waiting\n");
  for (let n = 0; n < 2; n += 1) await run("call", "queues.idle");
  const { stdout, stderr } = await run("queues", "purge", "slow");
  expect({ stdout, stderr }).toEqual({
    stdout: "",
    stderr: expect.stringContaining("2 tasks would be revoked"),
  });
  expect((await run("queues")).stdout).toMatch(/^slow +2 +0 +0 .*paused$/m);
  expect((await run("queues", "purge", "slow", "--yes")).stdout).toBe(
    "✔ slow: paused, 0 waiting, 2 revoked\n",
  );
  expect(JSON.parse((await run("queues", "resume", "slow", "--json")).stdout)).toMatchObject({
    ...{ name: "slow", paused: false, waiting: 0 },
  });
});

test("limits are set together, shown in the list, and reset", async () => {
  const limited = await run("queues", "limit", "slow", "--concurrency", "3", "--rate", "10/s");
  expect(limited.stdout).toBe("✔ slow: open, 3 at once, 10/s, 0 waiting\n");
  expect((await run("queues")).stdout).toMatch(/^slow .*3 at once, 10\/s/m);
  expect((await run("queues", "limit", "slow", "--rate", "5/m")).stdout).toBe(
    "✔ slow: open, 5/m, 0 waiting\n",
  );
  expect((await run("queues", "limit", "slow", "--none")).stdout).toBe("✔ slow: open, 0 waiting\n");
});

test("mistakes are reported all at once, and nothing is changed", async () => {
  const wrong = await run("queues", "limit", "slow", "--concurrency", "none", "--rate", "often");
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toMatch(
    /--concurrency: expected an integer from 1, got "none"\.[\s\S]*--rate: expected/,
  );
  expect((await run("queues", "limit", "slow")).stderr).toContain(
    "expected --concurrency or --rate, or --none alone",
  );
  expect((await run("queues", "limit", "slow", "--none", "--rate", "1/s")).exitCode).toBe(2);
  expect((await run("queues", "purge", "nowhere")).exitCode).toBe(3);
  const refused = await run("queues", "pause", "no name");
  expect(refused).toMatchObject({ exitCode: 65, stderr: expect.stringContaining('got "no name"') });
});
