import { createApp } from "lovage";
import { startChild } from "../support/child.ts";
import { startPostgres } from "../support/servers/postgres-server.ts";
import { startRedis } from "../support/servers/redis-server.ts";
import { add, chat } from "./bench.tasks.ts";
import { type Figure, perSecond } from "./figures.ts";

/** Lines of one task: no more than are kept of it. */
const LINES = 1_000;
/** Tasks that log at once: of more, a worker would have to drop lines. */
const AT_ONCE = 24;
/** Tasks that are watched while they log. */
const WATCHED = 8;
const BATCH = 1_000;

type Bench = Awaited<ReturnType<typeof start>>;

/**
 * PostgreSQL, Redis, one worker process; the process of the bench enqueues, and follows the logs as
 * a server does.
 */
async function start(cli: string, tasksFile: string) {
  const stack = new AsyncDisposableStack();
  const postgres = stack.use(await startPostgres());
  const redis = stack.use(await startRedis());
  const settings = { databaseUrl: await postgres.createDatabase(), redisUrl: redis.url };
  const app = stack.use(
    createApp({
      tasks: [add, chat],
      roles: ["maintenance"],
      config: { ...settings, migrate: true, logLevel: "warn" },
    }),
  );
  await app.start();
  const flags = ["worker", "--tasks", tasksFile, "--concurrency", "512", "--log-level", "warn"];
  const env = { DATABASE_URL: settings.databaseUrl, REDIS_URL: settings.redisUrl };
  stack.use(await startChild(process.execPath, [cli, ...flags], { env, name: "worker" }));
  // The first task of a worker pays for much that later ones do not.
  await (await app.enqueue(add, { x: 1, y: 1 })).result();
  return { app, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Lines stored and streamed, and what logging tasks cost those that do not log. */
export async function benchLogs(count: number, cli: string, tasksFile: string): Promise<Figure[]> {
  await using bench = await start(cli, tasksFile);
  const stored = await store(bench, Math.ceil(count / LINES));
  const streamed = await stream(bench);
  const alone = await drain(bench, count);
  const loud = bench.app.enqueueMany(chat, chatter(Math.ceil(count / LINES), 50));
  const beside = await drain(bench, count);
  await loud;
  return [
    {
      what: `log lines stored, ${LINES} a task`,
      value: perSecond(stored.lines, stored.ms),
      target: "≥ 20,000/s",
    },
    {
      what: `log lines streamed live, ${WATCHED} tasks watched`,
      value: perSecond(streamed.lines, streamed.ms),
      target: "≥ 20,000/s",
    },
    { what: "drain of tasks that do not log, alone", value: perSecond(count, alone), target: "" },
    { what: "the same beside tasks that log", value: perSecond(count, beside), target: "≥ 90 % of alone" },
  ];
}

const chatter = (tasks: number, pauseMs: number) =>
  Array.from({ length: tasks }, () => ({ input: { lines: LINES, pauseMs } }));

interface Spent {
  readonly lines: number;
  readonly ms: number;
}

/**
 * From the first enqueue to the last outcome: an outcome is recorded after the lines of its
 * attempt.
 */
async function store({ app }: Bench, tasks: number): Promise<Spent> {
  const handles: Awaited<ReturnType<typeof app.enqueueMany<{ lines: number; pauseMs: number }, number>>> = [];
  const begun = performance.now();
  const some = async (): Promise<void> => {
    while (handles.length < tasks) {
      const [handle] = await app.enqueueMany(chat, chatter(1, 1));
      handles.push(handle!);
      await handle!.result();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, some));
  const ms = performance.now() - begun;
  let lines = 0;
  // Counted, since a worker drops what the database is too slow for.
  for (const handle of handles)
    for await (const { level } of handle.logs()) lines += level === "INFO" ? 1 : 0;
  if (lines !== handles.length * LINES)
    throw new Error(`${lines} lines were stored of ${handles.length * LINES}.`);
  return { lines, ms };
}

async function stream({ app }: Bench): Promise<Spent> {
  const begun = performance.now();
  const handles = await app.enqueueMany(chat, chatter(WATCHED, 0));
  const counts = await Promise.all(
    handles.map(async (handle) => {
      let lines = 0;
      for await (const line of handle.logs({ follow: true })) lines += Number(line.cursor) > 0 ? 1 : 0;
      return lines;
    }),
  );
  const lines = counts.reduce((sum, some) => sum + some, 0);
  if (lines !== WATCHED * LINES) throw new Error(`${lines} lines were streamed of ${WATCHED * LINES}.`);
  return { lines, ms: performance.now() - begun };
}

/** Milliseconds from the enqueue of so many plain tasks to the end of the last. */
async function drain({ app }: Bench, count: number): Promise<number> {
  const begun = performance.now();
  let last = await app.enqueue(add, { x: 0, y: 0 });
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from);
    const inputs = Array.from({ length: size }, (_, index) => ({ input: { x: from + index, y: 1 } }));
    last = (await app.enqueueMany(add, inputs)).at(-1)!;
  }
  while ((await last.state()) !== "SUCCESS") await new Promise((resolve) => setTimeout(resolve, 20));
  return performance.now() - begun;
}
