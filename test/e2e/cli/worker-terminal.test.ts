import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startChild } from "../../support/child.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { CLI, runCli } from "../../support/run-cli.ts";

test("on a terminal each ended task is one line, at the time of the configured zone", async () => {
  await using folder = await tempDir();
  await writeFile(
    join(folder.path, "a.tasks.mjs"),
    `import { defineTask } from "lovage";
     export const a = defineTask({ name: "line.add", run: () => 5 });
     export const b = defineTask({ name: "line.fail", retry: { maxAttempts: 1 }, run: () => { throw new Error("no"); } });`,
  );
  await using up = await startChild(process.execPath, [CLI, "up", "--port", "0", "--json"], {
    cwd: folder.path,
    env: { TZ: "UTC", LOVAGE_LOG_FORMAT: "pretty", LOVAGE_TIME_ZONE: "Asia/Kolkata", NO_COLOR: "1" },
  });
  const { url } = JSON.parse(await up.waitForLine(/"event":"ready"/, 60_000)) as { url: string };
  for (const name of ["line.add", "line.fail"])
    await runCli(["call", name, "--wait"], { cwd: folder.path, env: { LOVAGE_URL: url } });
  await up.waitForLine(/"task":"line\.fail".*"state":"FAILURE"/);
  const lines = up.stderrLines.filter((line) => line.includes("Task ended"));
  const facts = (name: string, state: string): RegExp =>
    new RegExp(
      `^\\[\\d\\d:\\d\\d:\\d\\d\\] INFO: Task ended \\{"task":"${name}","taskId":"[0-9a-f-]{36}","state":"${state}","ms":\\d+,"attempt":1\\}$`,
    );
  expect(lines).toEqual([
    expect.stringMatching(facts("line.add", "SUCCESS")),
    expect.stringMatching(facts("line.fail", "FAILURE")),
  ]);
  // Half an hour beside every whole one.
  const minutesNow = new Date().getUTCMinutes();
  const shown = Number(lines[0]!.slice(4, 6));
  expect([0, 1, 2]).toContain((minutesNow + 30 - shown + 60) % 60);
}, 120_000);
