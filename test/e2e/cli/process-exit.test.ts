import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startChild } from "../../support/child.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { CLI, runCli } from "../../support/run-cli.ts";

test("process.exit(0) in a task ends lovage up with 70 and a line that names the caller; the task runs again", async () => {
  await using folder = await tempDir();
  const cwd = folder.path;
  // The first attempt ends the process, the second does not.
  await writeFile(
    join(cwd, "a.tasks.mjs"),
    `import { existsSync, writeFileSync } from "node:fs";
     import { defineTask } from "lovage";
     export const a = defineTask({ name: "exit.once", run: async () => {
       if (existsSync("ended")) return "well";
       writeFileSync("ended", "");
       process.exit(0);
     } });`,
  );
  const args = [CLI, "up", "--port", "0", "--json"];
  await using first = await startChild(process.execPath, args, { cwd });
  const { url } = JSON.parse(await first.waitForLine(/"event":"ready"/, 60_000)) as { url: string };
  const called = await runCli(["call", "exit.once", "--json", "--idempotency-key", "once"], {
    cwd,
    env: { LOVAGE_URL: url },
  });
  expect(await first.exited).toEqual({ code: 70, signal: null });
  const line = first.stderrLines.find((one) => one.includes("process.exit()"));
  expect(JSON.parse(line!)).toMatchObject({
    level: "fatal",
    code: 0,
    exitCode: 70,
    caller: expect.stringMatching(/a\.tasks\.mjs:6:\d+\)$/),
  });

  await using second = await startChild(process.execPath, args, { cwd });
  const again = JSON.parse(await second.waitForLine(/"event":"ready"/, 60_000)) as { url: string };
  const { stdout } = await runCli(["call", "exit.once", "--wait", "--json", "--idempotency-key", "once"], {
    cwd,
    env: { LOVAGE_URL: again.url },
  });
  expect(stdout, called.stderr).toContain('"well"');
}, 120_000);

test("process.exit() in a task file, while it is loaded, is an error that names the file", async () => {
  await using folder = await tempDir();
  await writeFile(join(folder.path, "a.tasks.mjs"), "process.exit(0);");
  const { exitCode, stderr } = await runCli(["schema"], { cwd: folder.path });
  expect(exitCode).toBe(65);
  expect(stderr).toMatch(
    /^✗ a\.tasks\.mjs calls process\.exit\(0\) while it is loaded \(.*a\.tasks\.mjs:1:9\)\. Remove the call, or make it in a task\.\n$/,
  );
});
