import { createApp } from "lovage";
import { Client } from "pg";
import { POOLS } from "../../src/task/definition/pool.ts";
import { startChild } from "../support/child.ts";
import { startPostgres } from "../support/servers/postgres-server.ts";
import { startRedis } from "../support/servers/redis-server.ts";
import { add } from "./bench.tasks.ts";
import { type Figure, perSecond } from "./figures.ts";

const BATCH = 1_000;
const CHILDREN = 2;
const SLOTS = [32, 256];

/**
 * Tasks that do nothing, in each pool: what it costs to bring them there and back. PostgreSQL with
 * fsync, Redis, one worker process.
 */
export async function benchPools(count: number, cli: string, tasksFile: string): Promise<Figure[]> {
  await using postgres = await startPostgres();
  await using redis = await startRedis();
  const figures: Figure[] = [];
  for (const slots of SLOTS) {
    for (const pool of POOLS) {
      const stores = { databaseUrl: await postgres.createDatabase(), redisUrl: redis.url };
      const rate = await drain(count, { ...stores, prefix: `${pool}${slots}` }, [
        ...[cli, "worker", "--tasks", tasksFile, "--log-level", "warn"],
        ...["--pool", pool, "--pool-size", String(CHILDREN), "--concurrency", String(slots)],
      ]);
      figures.push({
        what: `drain, pool "${pool}"${pool === "async" ? "" : ` of ${CHILDREN}`}, ${slots} slots`,
        value: rate,
        target: pool === "processes" ? "≥ 2,000/s" : "",
      });
    }
  }
  return figures;
}

interface Stores {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly prefix: string;
}

async function drain(count: number, stores: Stores, command: readonly string[]): Promise<string> {
  await using app = createApp({
    tasks: [add],
    roles: ["maintenance"],
    config: { ...stores, migrate: true, logLevel: "warn" },
  });
  await app.start();
  for (let from = 0; from < count; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - from) }, (_, n) => ({
      input: { x: from + n, y: 1 },
    }));
    await app.enqueueMany(add, batch);
  }
  const client = new Client({ connectionString: stores.databaseUrl });
  await client.connect();
  const env = {
    ...{ DATABASE_URL: stores.databaseUrl, REDIS_URL: stores.redisUrl, LOVAGE_PREFIX: stores.prefix },
  };
  await using _worker = await startChild(process.execPath, [...command], { env, name: "worker" });
  for (let left = count; left > 0;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { rows } = await client.query<{ left: number }>(
      "select count(*)::int as left from lovage.task where state in ('QUEUED', 'STARTED')",
    );
    left = rows[0]!.left;
  }
  const rate = await rateOf(client);
  await client.end();
  return rate;
}

/** From the tenth part on: before, children start and code is new. */
async function rateOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ count: number; ms: number }>(
    `with warm as (select percentile_disc(0.1) within group (order by finished_at) as at from lovage.task where state = 'SUCCESS')
     select count(*)::int as count, (extract(epoch from max(finished_at) - min(warm.at)) * 1000)::float8 as ms
       from lovage.task, warm where state = 'SUCCESS' and finished_at > warm.at`,
  );
  return perSecond(rows[0]!.count, rows[0]!.ms);
}
