import { setTimeout as sleep } from "node:timers/promises";
import { startChild } from "../support/child.ts";
import { startPostgres } from "../support/servers/postgres-server.ts";
import { startRedis } from "../support/servers/redis-server.ts";
import { cpuSeconds, type Figure, percentile, rssMb } from "./figures.ts";

const TOGETHER = 10_000;
const AT_REST = 100_000;
const WATCHED_MS = 20_000;
const CHANGES = 20;
/** From the insert of schedules to the slot that they share: until then beat has planned them. */
const LEAD_S = 15;
const LOOK_MS = 20;

type Ask = <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

interface Ground {
  readonly ask: Ask;
  /** Starts a process that turns slots into tasks; resolves when it runs. */
  readonly startBeat: () => ReturnType<typeof startChild>;
}

/** PostgreSQL with fsync, Redis, and processes of `lovage beat`; no worker. */
export async function benchSchedules(cli: string, tasksFile: string): Promise<Figure[]> {
  await using postgres = await startPostgres();
  await using redis = await startRedis();
  const databaseUrl = await postgres.createDatabase();
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const env = { DATABASE_URL: databaseUrl, REDIS_URL: redis.url, LOVAGE_LOG_LEVEL: "warn" };
  const start = (...args: string[]): ReturnType<typeof startChild> =>
    startChild(process.execPath, [cli, ...args], { env, name: args[0]! });
  await using migration = await start("migrate");
  await migration.exited;
  const ground: Ground = {
    ask: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await client.query(text, [...values])).rows as Row[],
    startBeat: async () => {
      const beat = await start("beat", "--tasks", tasksFile);
      await beat.waitForLine(/lovage \d/, 60_000);
      return beat;
    },
  };
  const figures = [
    ...(await dueTogether(ground, 1)),
    ...(await dueTogether(ground, 3)),
    ...(await atRest(ground)),
  ];
  await client.end();
  return figures;
}

/**
 * Many schedules with one slot: from that moment until all of their tasks can be seen, by the
 * database's clock.
 */
async function dueTogether({ ask, startBeat }: Ground, beats: number): Promise<Figure[]> {
  await using running = new AsyncDisposableStack();
  for (let beat = 0; beat < beats; beat += 1) running.use(await startBeat());
  await ask(
    `insert into lovage.schedule (name, task_name, args, timing, start_at)
     select 'together ' || i, 'bench.add', '{"x": 1, "y": 2}', '{"interval": {"every": "1d"}}',
            date_trunc('second', now()) + $2 * interval '1 second'
       from generate_series(1, $1) i`,
    [TOGETHER, LEAD_S],
  );
  await until(ask, "select count(*) = $1 as done from lovage.schedule where next_run_at = start_at", [
    TOGETHER,
  ]);
  await until(ask, "select clock_timestamp() >= min(start_at) as done from lovage.schedule", []);
  const ms = await until(
    ask,
    `select (select count(*) from lovage.task) >= $1 as done,
            (select extract(epoch from clock_timestamp() - min(start_at)) * 1000 from lovage.schedule)::float8 as value`,
    [TOGETHER],
  );
  await refuseDoubles(ask);
  await ask("truncate lovage.schedule, lovage.schedule_skip, lovage.task");
  return [
    {
      what: `${TOGETHER.toLocaleString("en")} schedules due at once, ${beats === 1 ? "one beat" : `${beats} beats`}: until all are QUEUED`,
      value: `${(ms / 1_000).toFixed(2)} s`,
      target: "< 3 s",
    },
  ];
}

/** @throws Error unless each slot is one task that waits for a worker */
async function refuseDoubles(ask: Ask): Promise<void> {
  const [found] = await ask<{ tasks: number; slots: number }>(
    `select count(*)::int as tasks, count(distinct (schedule_id, slot))::int as slots from lovage.task where state = 'QUEUED'`,
  );
  if (found!.tasks !== TOGETHER || found!.slots !== TOGETHER)
    throw new Error(`${TOGETHER} slots gave ${found!.tasks} tasks of ${found!.slots} slots.`);
}

/**
 * Very many schedules none of which is due: what a beat costs that only looks; and how soon it sees
 * a change by plain SQL.
 */
async function atRest({ ask, startBeat }: Ground): Promise<Figure[]> {
  await using beat = await startBeat();
  await ask(
    `insert into lovage.schedule (name, task_name, args, timing, start_at)
     select 'at rest ' || i, 'bench.add', '{"x": 1, "y": 2}',
            case i % 2 when 0 then '{"interval": {"every": "1d"}}'::jsonb else jsonb_build_object('crontab', i % 60 || ' 3 * * MON-FRI') end,
            now() + interval '10 days'
       from generate_series(1, $1) i`,
    [AT_REST],
  );
  await until(ask, "select min(next_run_at) > clock_timestamp() as done from lovage.schedule", []);
  const before = await cpuSeconds(beat.pid);
  const begun = performance.now();
  await sleep(WATCHED_MS);
  const share = (100_000 * ((await cpuSeconds(beat.pid)) - before)) / (performance.now() - begun);
  const delays: number[] = [];
  for (let change = 0; change < CHANGES; change += 1) delays.push(await changeToTask(ask, change));
  const count = AT_REST.toLocaleString("en");
  return [
    { what: `${count} schedules at rest: CPU of a beat`, value: `${share.toFixed(2)} %`, target: "< 1 %" },
    {
      what: `${count} schedules: beat's resident set`,
      value: `${await rssMb(beat.pid)} MB`,
      target: "< 150 MB",
    },
    ...[0.5, 0.95].map((part) => ({
      what: `schedule inserted by plain SQL, due at once → its task, p${part * 100}`,
      value: `${percentile(delays, part).toFixed(0)} ms`,
      target: "< 1 s",
    })),
  ];
}

/** From the commit of a schedule that is due at once until its task can be seen. */
async function changeToTask(ask: Ask, index: number): Promise<number> {
  // Beat looks twice a second: each change comes at another moment between two looks.
  await sleep((index * 500) / CHANGES);
  const name = `change ${index}`;
  const begun = performance.now();
  await ask(
    `insert into lovage.schedule (name, task_name, timing, decided_until)
     values ($1, 'bench.add', jsonb_build_object('clocked', clock_timestamp()), clock_timestamp() - interval '1 second')`,
    [name],
  );
  await until(ask, "select count(*) = 1 as done from lovage.task where schedule_name = $1", [name]);
  return performance.now() - begun;
}

/**
 * Asks until the answer is `done`, not so often that this is what is measured; resolves with its
 * value.
 */
async function until(ask: Ask, question: string, values: readonly unknown[]): Promise<number> {
  for (;;) {
    const [answer] = await ask<{ done: boolean; value?: number }>(question, values);
    if (answer!.done) return answer!.value ?? 0;
    await sleep(LOOK_MS);
  }
}
