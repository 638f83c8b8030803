import { createApp } from "lovage";
import { startChild } from "../support/child.ts";
import { startPostgres } from "../support/servers/postgres-server.ts";
import { startRedis } from "../support/servers/redis-server.ts";
import { add } from "./bench.tasks.ts";
import { type Figure, peakRssMb, percentile, perSecond } from "./figures.ts";

const BATCH = 1_000;
const IN_FLIGHT = 4;

/** PostgreSQL with fsync, Redis, one process that enqueues, one worker process. */
export async function benchShared(count: number, cli: string, tasksFile: string): Promise<Figure[]> {
  await using postgres = await startPostgres();
  await using redis = await startRedis();
  const settings = { databaseUrl: await postgres.createDatabase(), redisUrl: redis.url };
  await using app = createApp({
    tasks: [add],
    roles: ["maintenance"],
    config: { ...settings, migrate: true, logLevel: "warn" },
  });
  await app.start();

  const begun = performance.now();
  let next = 0;
  let last = await app.enqueue(add, { x: 0, y: 0 });
  const enqueueSome = async (): Promise<void> => {
    while (next < count) {
      const from = next;
      next += BATCH;
      const handles = await app.enqueueMany(
        add,
        Array.from({ length: BATCH }, (_, index) => ({ input: { x: from + index, y: 1 } })),
      );
      last = handles.at(-1)!;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, enqueueSome));
  const enqueueMs = performance.now() - begun;

  const flags = ["worker", "--tasks", tasksFile, "--concurrency", "512", "--log-level", "warn"];
  const env = { DATABASE_URL: settings.databaseUrl, REDIS_URL: settings.redisUrl };
  await using worker = await startChild(process.execPath, [cli, ...flags], { env, name: "worker" });
  const first = await app.enqueue(add, { x: -1, y: 1 });
  // By looking at the rows: a subscription here would read every event, at the cost of what is
  // measured.
  for (const handle of [last, first]) {
    while ((await handle.state()) !== "SUCCESS") await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const drained = await drainTimes(settings.databaseUrl);
  const rss = await peakRssMb(worker.pid);

  const latencies: number[] = [];
  for (let round = 0; round < 300; round += 1) {
    const sent = performance.now();
    const handle = await app.enqueue(add, { x: round, y: 1 });
    for await (const event of handle.events())
      if (event.type === "SUCCEEDED") latencies.push(performance.now() - sent);
  }
  return [
    {
      what: `enqueue in bulk, batches of ${BATCH}`,
      value: perSecond(count, enqueueMs),
      target: "≥ 40,000/s",
    },
    {
      what: "drain, one worker process, results stored",
      value: perSecond(drained.count, drained.ms),
      target: "≥ 15,000/s",
    },
    {
      what: "enqueue → SUCCESS event, idle, p50",
      value: `${percentile(latencies, 0.5).toFixed(1)} ms`,
      target: "< 6 ms",
    },
    {
      what: "enqueue → SUCCESS event, idle, p95",
      value: `${percentile(latencies, 0.95).toFixed(1)} ms`,
      target: "",
    },
    { what: "worker's largest resident set", value: `${rss} MB`, target: "< 200 MB" },
  ];
}

/** From the first start to the last finish, by the database's clock. */
async function drainTimes(url: string): Promise<{ readonly count: number; readonly ms: number }> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    `select count(*)::int as count, (extract(epoch from max(finished_at) - min(started_at)) * 1000)::float8 as ms
       from lovage.task where state = 'SUCCESS'`,
  );
  await client.end();
  return rows[0] as { count: number; ms: number };
}
