import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startChild } from "../support/child.ts";

/** The first column of every row below the table's head. */
function measured(output: string): string[] {
  const rows = [...output.matchAll(/^(?:stdout: )?\| (.+?) \| (.*?) \|/gm)].slice(1);
  return rows.flatMap(([, what, value]) => (/^[\d,.]+(\/s| ms| s| MB)$/.test(value!) ? [what!] : []));
}

// As `npm run bench` runs it: by Node itself, which strips types but knows no syntax beyond them.
// Its figures are not judged here.
test("the bench runs, and measures every form", { timeout: 120_000 }, async () => {
  const bench = fileURLToPath(new URL("../bench/bench.ts", import.meta.url));
  const args = [bench, "--tasks", "300", "--only", "shared,embedded"];
  await using child = await startChild(process.execPath, args, { name: "bench" });
  const { code } = await child.exited;
  expect(child.output).toMatch(/\d cores .* 300 tasks/);
  expect(measured(child.output).length, child.output).toBeGreaterThanOrEqual(7);
  expect(code).toBe(0);
});
