import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Child } from "../support/child.ts";
import { load, LONG, report } from "./support/load.ts";
import { Random } from "./support/random.ts";
import { READY, startCluster, type Cluster } from "./support/cluster.ts";
import { DIST } from "./support/migrated.ts";

/** The names that are marked in the built package. */
async function failpoints(): Promise<string[]> {
  const files = await readdir(DIST, { recursive: true });
  const texts = await Promise.all(
    files
      .filter((file) => file.endsWith(".js") && !file.startsWith("graphiql"))
      .map((file) => readFile(join(DIST, file), "utf8")),
  );
  const names = texts.flatMap((text) =>
    [...text.matchAll(/\/\/ failpoint: ([\w.-]+)/g)].map((match) => match[1]!),
  );
  return [...new Set(names)].sort();
}

/**
 * A server that is started again whenever it dies, until it is disposed: before its cluster, or
 * that would not come to an end.
 */
async function keepServer(
  cluster: Cluster,
  failpoint: () => string | undefined,
): Promise<AsyncDisposable & { readonly deaths: number }> {
  const state = { deaths: 0, over: false };
  let server: Child;
  const begin = async (): Promise<void> => {
    const point = failpoint();
    server = await cluster.server({ ready: false, ...(point === undefined ? {} : { failpoint: point }) });
    void server.exited.then(async () => {
      if (state.over) return;
      state.deaths += 1;
      await begin();
    });
  };
  await begin();
  await vi.waitFor(() => expect(server.output).toMatch(READY), { timeout: 60_000, interval: 20 });
  return {
    get deaths() {
      return state.deaths;
    },
    [Symbol.asyncDispose]: async () => {
      state.over = true;
      server.kill("SIGKILL");
      await server.exited;
    },
  };
}

test(
  "a server that dies again and again right after its commits loses no accepted task",
  { timeout: 600_000 },
  async () => {
    const random = new Random("api-kill-after-commit");
    await using cluster = await startCluster();
    await cluster.worker();
    const tasks = load(5_000);
    const kills = load(50);
    let lives = 0;
    await using server = await keepServer(cluster, () => {
      lives += 1;
      return lives <= kills ? `enqueue.committed:kill@${random.between(1, 5)}` : undefined;
    });
    const client = cluster.client({ giveUpAfterMs: 300_000 });
    await client.enqueue(tasks, { args: { ms: 1 } }, Math.max(5, Math.floor(tasks / (kills * 6))));
    const last = Date.now();
    expect(server.deaths).toBe(kills);
    await cluster.checker.allFinal(client.accepted);
    const repairedMs = Math.max(...(await cluster.history.begins()).map((line) => line.at)) - last;
    await cluster.checker.successesRan();
    await cluster.checker.transitionsAreSound();
    const doubled = await cluster.checker.doubledAtMost(0);
    await cluster.checker.isAtRest();
    expect(await cluster.checker.countByState()).toEqual({ SUCCESS: tasks });
    report({
      test: "api-kill-after-commit",
      fault: `${kills} deaths between COMMIT and XADD`,
      tasks,
      lost: 0,
      doubled,
      resumedMs: Math.max(repairedMs, 0),
    });
  },
);

test(
  "a server that dies right before its commits leaves no uncommitted task behind: each key one task, each task run once",
  { timeout: 600_000 },
  async () => {
    const random = new Random("api-kill-before-commit");
    await using cluster = await startCluster();
    await cluster.worker();
    const tasks = load(2_000);
    const kills = load(20, 4);
    let lives = 0;
    await using server = await keepServer(cluster, () => {
      lives += 1;
      return lives <= kills ? `enqueue.inserting:kill@${random.between(1, 5)}` : undefined;
    });
    const client = cluster.client({ giveUpAfterMs: 300_000 });
    await client.enqueue(tasks, { args: { ms: 1 } }, Math.max(5, Math.floor(tasks / (kills * 6))));
    expect(server.deaths).toBe(kills);
    await cluster.checker.allFinal(client.accepted);
    await cluster.checker.transitionsAreSound();
    const doubled = await cluster.checker.doubledAtMost(0);
    await cluster.checker.isAtRest();
    expect(await cluster.checker.countByState()).toEqual({ SUCCESS: tasks });
    expect(await cluster.history.begins()).toHaveLength(tasks);
    report({
      test: "api-kill-before-commit",
      fault: `${kills} deaths before COMMIT`,
      tasks,
      lost: 0,
      doubled,
      resumedMs: null,
    });
  },
);

const SLOTS = 16;
/** Slots of a schedule that a beat turns into tasks meanwhile. */
const SCHEDULED = 3;

const points = await failpoints();
const chance = new Random("kill-at-every-failpoint");

test("the path of a task is marked with failpoints all along", () => {
  expect(points.length).toBeGreaterThanOrEqual(20);
});

test.for(LONG ? points : chance.shuffle(points).slice(0, 4))(
  "a process may die at the point %s",
  { timeout: 180_000 },
  (point) => dieAt(point),
);

/**
 * Everything that can happen to a task, once each at least, while one process dies at that point.
 */
async function dieAt(point: string): Promise<void> {
  await using cluster = await startCluster({
    redis: {},
    // Three workers may die while they have the same task, and it is not to blame.
    env: { LOVAGE_GRACE_TIME: "1s", LOVAGE_RESULTS_EXPIRE: "1h", LOVAGE_MAX_CRASHES: "9" },
  });
  await cluster.checker.query("create table public.effect (task uuid)");
  const failpoint = `${point}:kill`;
  await using _server = await keepServer(cluster, once(failpoint));
  await cluster.checker.query(
    `insert into lovage.schedule (name, task_name, timing, misfire, max_runs)
     values ('three', 'fault.note', '{"interval": {"every": "1s"}}', 'CATCH_UP', $1)`,
    [SCHEDULED],
  );
  await cluster.beat({ failpoint, ready: false });
  // They may die before they have even said that they run.
  const victim = await cluster.worker({ concurrency: SLOTS, failpoint, ready: false });
  const other = await cluster.worker({ concurrency: SLOTS });
  const client = cluster.client();
  const long = await client.enqueue(10, { args: { ms: 1_500 } });
  await client.enqueue(10, { args: { ms: 300 }, options: { delay: "300ms" } });
  await client.enqueue(10, { name: "fault.flaky" });
  await client.enqueue(10, { name: "fault.transact" });
  await client.enqueue(10, { args: { ms: 5 } });
  await vi.waitFor(async () => expect((await cluster.history.begins()).length).toBeGreaterThan(20), {
    timeout: 20_000,
    interval: 20,
  });
  await retried(() =>
    client.query(
      "mutation ($ids: [ID!]!) { revokeTasks(input: { select: { ids: $ids }, terminate: true }) { errors { code } } }",
      { ids: long.slice(0, 3) },
    ),
  );
  // What it says already: only that it is said matters here.
  await retried(() =>
    client.query(
      "mutation ($slots: Int!) { resizeWorkerPool(input: { target: { all: true }, concurrency: $slots }) { errors { code } } }",
      {
        slots: SLOTS,
      },
    ),
  );
  await cluster.admin.flushall();
  // The other one dies with tasks in hand, so that there is something to rescue.
  await client.enqueue(SLOTS, { args: { ms: 1_500 } });
  await vi.waitFor(async () => expect(await inHand(cluster, other)).toBeGreaterThan(0), {
    timeout: 20_000,
    interval: 20,
  });
  other.kill("SIGKILL");
  // The end of a worker is part of the path as well. The victim may be dead by now: that is the
  // point.
  const relief = await cluster.worker({ concurrency: SLOTS, failpoint, ready: false });
  const late = await client.enqueue(3, { name: "fault.transact" });
  victim.kill("SIGTERM");
  await victim.exited;
  // By now only those that die there are left to run and to rescue tasks: one of them comes to each
  // point of a task's path.
  const reached = (): boolean =>
    cluster.children.some((child) => child.stderrLines.some((line) => line.startsWith(`failpoint ${point}`)));
  await vi.waitFor(
    async () => {
      if (reached()) return;
      expect(await inHand(cluster, other), "tasks that nobody has rescued").toBe(0);
      expect((await cluster.checker.lost(new Set(late))).length, "tasks that have not ended").toBe(0);
    },
    { timeout: 60_000, interval: 50 },
  );
  await cluster.worker({ concurrency: SLOTS });
  await cluster.beat();
  await vi.waitFor(async () => expect(await scheduled(cluster)).toBe(SCHEDULED), { timeout: 20_000 });
  await cluster.checker.allFinal(client.accepted);
  relief.kill("SIGTERM");
  await relief.exited;
  await cluster.checker.successesRan();
  await cluster.checker.transitionsAreSound();
  await cluster.checker.isAtRest();
  const wrong = await cluster.checker.query(
    `select t.id, t.state, count(e.task)::int as effects from lovage.task t left join public.effect e on e.task = t.id
      where t.name = 'fault.transact' group by t.id having count(e.task) <> 1 or t.state <> 'SUCCESS'`,
  );
  expect(wrong, `effects of ctx.transaction with a death at ${point}`).toEqual([]);
  expect(reached(), `nobody came to the failpoint ${point}`).toBe(true);
  const doubled = await cluster.history.doubled();
  report({
    test: "kill-at-every-failpoint",
    fault: "SIGKILL at each point of the path in turn",
    tasks: 53 + SLOTS + SCHEDULED,
    lost: 0,
    doubled,
    resumedMs: null,
  });
}

/** How many tasks the slots of schedules gave. */
async function scheduled(cluster: Cluster): Promise<number> {
  const [row] = await cluster.checker.query<{ count: number }>(
    "select count(*)::int as count from lovage.task where slot is not null",
  );
  return row!.count;
}

/** How many tasks are STARTED by this worker. */
async function inHand(cluster: Cluster, worker: Child): Promise<number> {
  const [row] = await cluster.checker.query<{ count: number }>(
    `select count(*)::int as count from lovage.task t join lovage.worker w on w.id = t.worker_id
      where t.state = 'STARTED' and w.pid = $1`,
    [worker.pid],
  );
  return row!.count;
}

function once(failpoint: string): () => string | undefined {
  let first = true;
  return () => {
    const point = first ? failpoint : undefined;
    first = false;
    return point;
  };
}

/** A mutation that may be sent again. */
async function retried(work: () => Promise<unknown>): Promise<void> {
  await vi.waitFor(work, { timeout: 20_000, interval: 100 });
}
