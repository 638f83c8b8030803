import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startChild } from "../../support/child.ts";
import { tempDir } from "../../support/temp-dir.ts";

const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const reporter = fileURLToPath(new URL("../../support/vitest/reporter.ts", import.meta.url));

interface Run {
  readonly lastLine: string | undefined;
  readonly code: number | null;
}

/**
 * Runs Vitest on these files (name to content) and gives the last line it printed and its exit
 * code.
 */
async function runVitest(files: Record<string, string>): Promise<Run> {
  const { lastLines, code } = await run(files, ["--reporter=default", `--reporter=${reporter}`]);
  return { lastLine: lastLines.at(-1), code };
}

async function run(
  files: Record<string, string>,
  reporters: readonly string[],
): Promise<{ lastLines: string[]; code: number | null }> {
  await using dir = await tempDir();
  await mkdir(join(dir.path, "node_modules"));
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir.path, name), content);
  const args = ["run", "--globals", "--root", dir.path, ...reporters];
  const env = { NODE_ENV: undefined, VITEST: undefined, CI: "1" };
  await using child = await startChild(process.execPath, [vitest, ...args], { cwd: dir.path, env });
  const { code } = await child.exited;
  return { lastLines: child.stdoutLines.slice(-3), code };
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

test("the times of the files are written beside those of other runs, slowest first, and the slowest are printed", async () => {
  await using out = await tempDir();
  const times = join(out.path, "folder/times.csv");
  const config = `export default { test: { reporters: [[${JSON.stringify(reporter)}, ${JSON.stringify({ times })}]] } };`;
  const slow = `test("c", () => new Promise((resolve) => setTimeout(resolve, 300)));`;
  const files = {
    "vitest.config.js": config,
    "quick.test.js": `test("a", () => {}); test("b", () => {});`,
    "slow.test.js": slow,
  };
  await mkdir(dirname(times));
  const earlier = ["header", ",quick.test.js,1,100.00,0.00", "e2e,other.test.js,7,99.00,0.00"];
  await writeFile(times, `${earlier.join("\n")}\n`);
  const { lastLines, code } = await run(files, []);
  const rows = (await readFile(times, "utf8")).trim().split("\n");
  expect(rows.map((row) => row.replace(/(,\d+\.\d\d){2}$/, ""))).toEqual([
    "project,file,tests,seconds,import seconds",
    "e2e,other.test.js,7",
    ",slow.test.js,1",
    ",quick.test.js,2",
  ]);
  expect(lastLines).toEqual([
    expect.stringMatching(/^ +\d\.\d s .* slow\.test\.js$/),
    expect.stringMatching(/^ +\d\.\d s .* quick\.test\.js$/),
    "3 passed, 0 failed",
  ]);
  expect(code).toBe(0);
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
