import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { SplitDeployment } from "../../support/split-deployment.ts";
import type { Child } from "../../support/child.ts";

/** What runs there runs in its own thread, in threads, in child processes. */
const POOLS = { one: "async", two: "processes", late: "threads" } as const;
type Name = keyof typeof POOLS;
const FIRST = ["one", "two"] as const;

let deployment: SplitDeployment;
const workers: Child[] = [];
const start = (name: Name) => deployment.worker(name, ["--pool", POOLS[name], "--pool-size", "1"]);
const startFirst = async (): Promise<void> => {
  for (const name of FIRST) workers.push(await start(name));
};
beforeAll(async () => {
  deployment = await SplitDeployment.open({
    env: {
      LOVAGE_TASKS: fileURLToPath(new URL("overrides.tasks.ts", import.meta.url)),
      LOVAGE_HEARTBEAT: "500ms",
    },
  });
  await startFirst();
});
afterAll(() => deployment[Symbol.asyncDispose]());

/** A worker that was not there when something was told; it leaves with the test. */
async function startLate(): Promise<void> {
  const late = await start("late");
  onTestFinished(async () => {
    late.kill("SIGTERM");
    await late.exited;
  });
}

/** Tells what holds for a definition, from a process of its own. */
async function limits(name: string, ...flags: string[]): Promise<void> {
  const said = await deployment.lovage("limits", name, ...flags);
  expect(said).toMatchObject({ exitCode: 0, stderr: "" });
  for (const worker of FIRST) expect(said.stdout).toMatch(new RegExp(`^${worker} +ok`, "m"));
}

const many = (count: number): object[] => Array.from({ length: count }, () => ({}));

/** One task for each of these workers, in their order. */
const forEach = async (workers: readonly Name[], name: string, input: object = {}): Promise<string[]> =>
  (await Promise.all(workers.map((worker) => deployment.enqueue(name, [input], { worker })))).flat();

/**
 * The most of these tasks that any second saw start, by the clock of the database; their first
 * attempts were their only ones.
 */
async function mostInASecond(ids: readonly string[]): Promise<number> {
  const list = ids.map((id) => `'${id}'`).join();
  const [row] = await deployment.sql<{ most: number; again: number }>(`
    with start as (select started_at, attempt from lovage.task where id in (${list}))
    select max((select count(*) from start other where other.started_at >= start.started_at
                  and other.started_at < start.started_at + interval '999 ms'))::int as most,
      count(*) filter (where attempt <> 1)::int as again
    from start`);
  expect(row!.again).toBe(0);
  return row!.most;
}

const workersOf = async (ids: readonly string[]): Promise<Set<string | null>> =>
  new Set((await deployment.ended(ids)).map(({ workerName }) => workerName));

test("an overridden rate applies to two worker processes and to one that starts later; a reset removes it", async () => {
  await limits("overrides.free", "--rate", "20/s");
  const ids = await deployment.enqueue("overrides.free", many(20));
  for (const worker of FIRST) ids.push(...(await deployment.enqueue("overrides.free", many(25), { worker })));
  expect(await workersOf(ids)).toEqual(new Set(FIRST));
  expect(await mostInASecond(ids)).toBeLessThanOrEqual(20);
  await startLate();
  const later = await deployment.enqueue("overrides.free", many(30));
  const own = await deployment.enqueue("overrides.free", many(30), { worker: "late" });
  await deployment.ended([...later, ...own]);
  expect(await mostInASecond([...ids, ...later, ...own])).toBeLessThanOrEqual(20);
  await limits("overrides.free", "--reset");
  const free = await deployment.enqueue("overrides.free", many(100));
  await deployment.ended(free);
  expect(await mostInASecond(free)).toBeGreaterThan(20);
}, 60_000);

test("a rate that is overridden while many tasks start applies from the answer on", async () => {
  await deployment.enqueue("overrides.free", many(1_000));
  const flow = Promise.all(Array.from({ length: 6 }, () => deployment.enqueue("overrides.free", many(500))));
  const { setTaskRateLimit } = await deployment.ask(`mutation {
    setTaskRateLimit(input: { name: "overrides.free", rateLimit: "200/s" }) { replies { ok } silent errors { message } } }`);
  expect(setTaskRateLimit).toEqual({ replies: [{ ok: true }, { ok: true }], silent: [], errors: [] });
  const [row] = await deployment.sql<{ now: string }>("select clock_timestamp()::text as now");
  await flow;
  const since = async (): Promise<string[]> => {
    const rows = await deployment.sql<{ id: string }>(`
      select id from lovage.task where name = 'overrides.free' and started_at > '${row!.now}'`);
    return rows.map(({ id }) => id);
  };
  await vi.waitFor(async () => expect((await since()).length).toBeGreaterThan(500), 30_000);
  expect(await mostInASecond(await since())).toBeLessThanOrEqual(200);
  await limits("overrides.free", "--reset");
  const left = "select 1 from lovage.task where name = 'overrides.free' and state <> 'SUCCESS'";
  await vi.waitFor(async () => expect(await deployment.sql(left)).toEqual([]), 30_000);
}, 90_000);

test("tasks that wait for a rate continue at once when it is overridden or removed", async () => {
  await limits("overrides.waiting", "--rate", "2/h");
  const ids = await deployment.enqueue("overrides.waiting", many(10));
  for (const worker of FIRST)
    ids.push(...(await deployment.enqueue("overrides.waiting", many(5), { worker })));
  const done = async () => (await deployment.tasks(ids)).filter(({ state }) => state === "SUCCESS").length;
  await vi.waitFor(async () => expect(await done()).toBe(2), 10_000);
  await limits("overrides.waiting", "--rate", "8/h");
  await vi.waitFor(async () => expect(await done()).toBe(8), 10_000);
  await limits("overrides.waiting", "--reset");
  await deployment.ended(ids);
}, 60_000);

test("an overridden rate takes precedence over the definition's own, which a reset restores", async () => {
  await limits("overrides.rated", "--rate", "500/s");
  const faster = await deployment.enqueue("overrides.rated", many(100));
  await deployment.ended(faster);
  expect(await mostInASecond(faster)).toBeGreaterThan(10);
  await limits("overrides.rated", "--reset");
  const query = `{ taskDefinition(name: "overrides.rated") { rateLimit overridden } }`;
  expect((await deployment.ask(query)).taskDefinition).toEqual({ rateLimit: "10/s", overridden: [] });
  const asBefore = await deployment.enqueue("overrides.rated", many(35));
  await deployment.ended(asBefore);
  expect(await mostInASecond(asBefore)).toBeLessThanOrEqual(10);
}, 60_000);

test("a pause applies to every worker process, and to later ones; tasks that waited then keep a rate that was overridden meanwhile", async () => {
  await limits("overrides.free", "--pause");
  const waiting = [
    ...(await deployment.enqueue("overrides.free", many(40))),
    ...(await forEach(["one", "two", "late"], "overrides.free")),
  ];
  await startLate();
  // What came later has been run: each has looked at all there is for it.
  await deployment.ended(await forEach(["one", "two", "late"], "overrides.long", { goOn: false }));
  const states = new Set((await deployment.tasks(waiting)).map(({ state }) => state));
  expect(states).toEqual(new Set(["QUEUED"]));
  await limits("overrides.free", "--rate", "20/s");
  await limits("overrides.free", "--resume");
  expect(await workersOf(waiting)).toEqual(new Set(["one", "two", "late"]));
  expect(await mostInASecond(waiting)).toBeLessThanOrEqual(20);
  await limits("overrides.free", "--reset");
}, 60_000);

test("overridden time limits apply in every worker process, in each pool, and in later processes", async () => {
  const set = async (change: string): Promise<void> => {
    const { setTaskTimeLimit } = await deployment.ask(
      `mutation { setTaskTimeLimit(input: { name: "overrides.long", ${change} }) { replies { worker: workerName ok } silent errors { message } } }`,
    );
    expect(setTaskTimeLimit).toMatchObject({ silent: [], errors: [] });
  };
  const ends = async (workers: readonly Name[], goOn: boolean) => {
    const tasks = await deployment.ended(await forEach(workers, "overrides.long", { goOn }));
    return tasks.map(({ result, error }) => error?.type ?? result);
  };
  await set(`hard: "PT0.1S"`);
  expect(await ends(FIRST, true)).toEqual(["TimeLimitExceeded", "TimeLimitExceeded"]);
  await startLate();
  expect(await ends(["late"], true)).toEqual(["TimeLimitExceeded"]);
  const all = ["one", "two", "late"] as const;
  await set(`hard: "PT10M", soft: "PT0.1S"`);
  expect(await ends(all, true)).toEqual(["asked to end", "asked to end", "asked to end"]);
  expect(await ends(all, false)).toEqual([10, 10, 10]);
  await set(`hard: null, soft: null`);
  expect(await ends(all, false)).toEqual([60, 60, 60]);
}, 60_000);

// The last: the others ask for answers of all that live.
test("tasks that wait for a rate continue when their workers are killed and the rate is removed before others start", async () => {
  const set = (rateLimit: string) =>
    deployment.ask(
      `mutation { setTaskRateLimit(input: { name: "overrides.orphaned", rateLimit: ${rateLimit} }) { errors { message } } }`,
    );
  await set(`"2/h"`);
  const ids = await deployment.enqueue("overrides.orphaned", many(10));
  await vi.waitFor(async () => {
    const states = (await deployment.tasks(ids)).map(({ state }) => state);
    expect(states.filter((state) => state === "SUCCESS")).toHaveLength(2);
  }, 10_000);
  for (const worker of workers.splice(0)) {
    worker.kill("SIGKILL");
    await worker.exited;
  }
  await set("null");
  await startFirst();
  await deployment.ended(ids);
}, 60_000);
