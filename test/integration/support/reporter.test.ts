import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startChild } from "../../support/child.ts";
import { tempDir } from "../../support/temp-dir.ts";

const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const reporter = fileURLToPath(new URL("../../support/vitest/reporter.ts", import.meta.url));

/** Runs Vitest on these files (name to content) and gives the last line it printed and its exit code. */
async function runVitest(
  files: Record<string, string>,
): Promise<{ lastLine: string | undefined; code: number | null }> {
  await using dir = await tempDir();
  await mkdir(join(dir.path, "node_modules"));
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir.path, name), content);
  const args = ["run", "--globals", "--root", dir.path, "--reporter=default", `--reporter=${reporter}`];
  const env = { NODE_ENV: undefined, VITEST: undefined, CI: "1" };
  await using child = await startChild(process.execPath, [vitest, ...args], { cwd: dir.path, env });
  const { code } = await child.exited;
  return { lastLine: child.stdoutLines.at(-1), code };
}

test("a run without failures ends with its counts", async () => {
  const files = {
    "a.test.js": `test("a", () => {}); test("b", () => {});`,
    "b.test.js": `test("c", () => {});`,
  };
  expect(await runVitest(files)).toEqual({ lastLine: "3 passed, 0 failed", code: 0 });
});

test("failed tests, suites, files and errors outside of tests are failures; skipped tests are named", async () => {
  const files = {
    "mixed.test.js": `test("passes", () => {}); test("fails", () => { throw new Error("no"); });
      test.skip("skipped", () => {}); test.todo("later");`,
    "suite.test.js": `describe("suite", () => { beforeAll(() => { throw new Error("no"); }); test("never", () => {}); });`,
    "file.test.js": `throw new Error("no");`,
    "late.test.js": `test("passes", async () => { Promise.reject(new Error("late")); await new Promise(setImmediate); });`,
  };
  expect(await runVitest(files)).toEqual({ lastLine: "2 passed, 4 failed, 3 skipped", code: 1 });
});

test("a run that ends before its tests is a failure", async () => {
  expect(await runVitest({})).toEqual({ lastLine: "0 passed, 1 failed", code: 1 });
  const config = `export default { test: { globalSetup: "./setup.js" } };`;
  const files = {
    "vitest.config.js": config,
    "setup.js": `throw new Error("no");`,
    "a.test.js": `test("a", () => {});`,
  };
  expect(await runVitest(files)).toEqual({ lastLine: "0 passed, 1 failed", code: 1 });
});
