import { join } from "node:path";
import { createApp } from "lovage";
import { summarizeCsv } from "../../dist/demo/csv.tasks.js";
import { writeBigCsv } from "../support/big-csv.ts";
import { startChild } from "../support/child.ts";
import { startPostgres } from "../support/servers/postgres-server.ts";
import { startRedis } from "../support/servers/redis-server.ts";
import { tempDir } from "../support/temp-dir.ts";
import { type Figure, peakRssMb } from "./figures.ts";

const BYTES = 200_000_000;

/** One worker process summarises a file of 200 MB. */
export async function benchCsv(cli: string, tasksFile: string): Promise<Figure[]> {
  await using folder = await tempDir("lovage-bench-csv-");
  await writeBigCsv(join(folder.path, "big.csv"), BYTES);
  await using postgres = await startPostgres();
  await using redis = await startRedis();
  const settings = { databaseUrl: await postgres.createDatabase(), redisUrl: redis.url };
  await using app = createApp({
    tasks: [summarizeCsv],
    roles: ["maintenance"],
    config: { ...settings, migrate: true, logLevel: "warn" },
  });
  await app.start();
  const env = {
    DATABASE_URL: settings.databaseUrl,
    REDIS_URL: settings.redisUrl,
    LOVAGE_DATA_DIR: folder.path,
  };
  await using worker = await startChild(process.execPath, [cli, "worker", "--tasks", tasksFile], {
    env,
    name: "worker",
  });
  const begun = performance.now();
  const handle = await app.enqueue(summarizeCsv, { path: "big.csv" });
  await handle.result({ timeout: "300s" });
  const seconds = (performance.now() - begun) / 1_000;
  return [
    { what: "csv.summarize of 200 MB, time", value: `${seconds.toFixed(0)} s`, target: "" },
    {
      what: "csv.summarize of 200 MB, worker's largest resident set",
      value: `${await peakRssMb(worker.pid)} MB`,
      target: "< 300 MB",
    },
  ];
}
