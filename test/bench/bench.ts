import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { benchApi } from "./api.ts";
import { benchCsv } from "./csv.ts";
import { benchEmbedded } from "./embedded.ts";
import { benchLogs } from "./logs.ts";
import { benchPools } from "./pools.ts";
import { benchSchedules } from "./schedules.ts";
import { benchShared } from "./shared.ts";
import { table } from "./figures.ts";

/**
 * `npm run bench [-- --tasks 60000 --only shared,pools,embedded,csv,schedules,logs,api]`: figures
 * of this machine, as a table.
 */
const { values } = parseArgs({
  options: {
    tasks: { type: "string", default: "60000" },
    only: { type: "string", default: "shared,pools,embedded,csv,schedules,logs,api" },
  },
});
const count = Number(values.tasks);
const parts = values.only.split(",");
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const cli = path("../../dist/cli.js");
const tasksFile = path("./bench.tasks.ts");

console.log(
  `${cpus().length} cores (${cpus()[0]?.model}), ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}, ${count} tasks\n`,
);
const figures = [
  ...(parts.includes("shared") ? await benchShared(count, cli, tasksFile) : []),
  ...(parts.includes("pools") ? await benchPools(Math.min(count, 10_000), cli, tasksFile) : []),
  ...(parts.includes("embedded") ? await benchEmbedded(Math.min(count, 20_000), cli, tasksFile) : []),
  ...(parts.includes("csv") ? await benchCsv(cli, path("../../dist/demo/csv.tasks.js")) : []),
  ...(parts.includes("logs") ? await benchLogs(count, cli, tasksFile) : []),
  ...(parts.includes("api") ? await benchApi(cli, tasksFile) : []),
  ...(parts.includes("schedules") ? await benchSchedules(cli, tasksFile) : []),
];
console.log(table(figures));
