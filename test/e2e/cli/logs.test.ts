import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Child, startChild } from "../../support/child.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { CLI, runCli } from "../../support/run-cli.ts";

const TASKS = `
import { defineTask } from "lovage";

export const say = defineTask({
  name: "log.say",
  run: async (input, ctx) => {
    for (let line = 0; line < 600; line += 1) ctx.log.info("line " + line);
    ctx.log.warn("odd \\u001b[31mthing", { size: 7 });
    if (input !== null) await new Promise((resolve) => setTimeout(resolve, 500));
    ctx.log.error("last");
  },
});
`;

const folder = await tempDir();
let up: Child;
let url: string;
beforeAll(async () => {
  await writeFile(join(folder.path, "log.tasks.mjs"), TASKS);
  up = await startChild(process.execPath, [CLI, "up", "--port", "0", "--json"], { cwd: folder.path });
  ({ url } = JSON.parse(await up.waitForLine(/"event":"ready"/, 60_000)) as { url: string });
});
afterAll(async () => {
  await up[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const run = (...args: string[]) => runCli(args, { cwd: folder.path, env: { LOVAGE_URL: url } });
async function call(...args: string[]): Promise<string> {
  const { stdout } = await run("call", "log.say", ...args, "--json");
  return (JSON.parse(stdout) as { id: string }).id;
}

test("prints all lines: on a terminal without control characters, or as JSON", async () => {
  const id = await call("null", "--wait");
  const { stdout, exitCode } = await run("logs", id);
  const lines = stdout.trimEnd().split("\n");
  expect(exitCode).toBe(0);
  expect(lines).toHaveLength(602);
  expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\dT\S+Z INFO {2}line 0$/);
  expect(lines[600]).toMatch(/ WARN {2}odd thing \{"size":7\}$/);
  const asJson = await run("logs", id, "--level", "warn", "--json");
  expect(
    asJson.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toMatchObject([
    { cursor: "601", level: "WARN", fields: { size: 7 } },
    { cursor: "602", level: "ERROR", message: "last", attempt: 1, fields: null },
  ]);
});

test("follows to the task's end", async () => {
  const id = await call("1");
  const { stdout, exitCode } = await run("logs", id, "-f");
  const lines = stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(602);
  expect(lines.at(-1)).toMatch(/ERROR last$/);
  expect(exitCode).toBe(0);
});

test("refuses an invalid id, an invalid level, and an unknown task", async () => {
  const unknown = "01980000-0000-7000-8000-000000000000";
  expect(await run("logs", "x")).toMatchObject({
    exitCode: 65,
    stderr: expect.stringContaining("id: expected a UUID"),
  });
  expect(await run("logs", unknown)).toMatchObject({ exitCode: 3 });
  expect(await run("logs", unknown, "--level", "loud")).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining(
      '--level: expected one of trace, debug, info, warn, error, fatal, got "loud"',
    ),
  });
});
