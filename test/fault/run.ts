import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { tempDir } from "../support/temp-dir.ts";
import type { Figures } from "./support/load.ts";

/**
 * `npm run test:fault -- [--long] [--seed 1] [--times 5] [--only <part of a test's name>]`: the
 * fault tests, and what they measured as a table. With `--times` the seeds go up from `--seed`.
 */
const { values } = parseArgs({
  options: {
    long: { type: "boolean", default: false },
    seed: { type: "string" },
    times: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
const times = Number(values.times);
await using folder = await tempDir("lovage-fault-report-");
const reports = join(folder.path, "report");
let failures = 0;
for (let round = 0; round < times; round += 1) {
  const seed = values.seed === undefined ? {} : { FAULT_SEED: String(Number(values.seed) + round) };
  const args = ["run", "--config", "test/vitest.config.ts", "--project", "fault*"];
  const vitest = spawn("vitest", values.only === undefined ? args : [...args, "-t", values.only], {
    stdio: "inherit",
    env: { ...process.env, ...seed, FAULT_REPORT: reports, FAULT_LONG: String(values.long) },
  });
  const [code] = (await once(vitest, "exit")) as [number];
  if (code !== 0) failures += 1;
}
console.log(
  `\n${cpus().length} cores (${cpus()[0]?.model}), ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}; ` +
    `${times} run(s), ${failures} failed; the worst of each figure:\n`,
);
console.log(table(await readReports(reports)));
process.exitCode = failures > 0 ? 1 : 0;

async function readReports(path: string): Promise<Figures[]> {
  const lines = (await readFile(path, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  return lines.map((line) => JSON.parse(line) as Figures);
}

function table(figures: readonly Figures[]): string {
  const rows = [...Map.groupBy(figures, (figure) => figure.test).values()].map((runs) => {
    const worst = (of: (figure: Figures) => number | null): number =>
      Math.max(...runs.map((run) => of(run) ?? 0));
    const { test, fault, tasks } = runs[0]!;
    const resumed = runs.every((run) => run.resumedMs === null)
      ? "–"
      : `${(worst((run) => run.resumedMs) / 1_000).toFixed(1)} s`;
    const cells = [
      test,
      fault,
      tasks.toLocaleString("en"),
      worst((run) => run.lost),
      worst((run) => run.doubled),
      resumed,
    ];
    return `| ${cells.join(" | ")} | ${runs.at(-1)!.note ?? ""} |`;
  });
  return [
    "| test | fault | tasks | lost | doubled | resumed after | |",
    "|---|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}
