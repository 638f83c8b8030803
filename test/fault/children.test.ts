import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { Child } from "../support/child.ts";
import type { Client } from "./support/client.ts";
import { load, report } from "./support/load.ts";
import { footprint, startCluster, type Cluster } from "./support/cluster.ts";

const CHILDREN = fileURLToPath(new URL("./tasks/children.tasks.ts", import.meta.url));
const POOL_SIZE = 2;
/** More than there are tasks for children: those that wait for one must not hold up the others. */
const SLOTS = 64;
const MAX_GROWTH_MB = 50;

interface Stage extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly worker: Child;
  readonly client: Client;
}

/** One worker with two children, warm. */
async function startStage(): Promise<Stage> {
  const env = { LOVAGE_POOL_SIZE: String(POOL_SIZE), LOVAGE_MAX_MEMORY_PER_CHILD: "256mb" };
  const cluster = await startCluster({ tasks: [CHILDREN], env });
  await cluster.server();
  const worker = await cluster.worker({ concurrency: SLOTS });
  const client = cluster.client();
  await client.enqueue(100, { args: { ms: 5 } });
  await client.enqueue(POOL_SIZE * 2, { name: "fault.visit" });
  await cluster.checker.allFinal(client.accepted);
  return { cluster, worker, client, [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]() };
}

test(
  "child-oom: tasks that hoard memory end alone; their worker neither dies nor grows",
  { timeout: 400_000 },
  async () => {
    await using stage = await startStage();
    const { cluster, worker, client } = stage;
    const before = (await footprint(worker.pid)).rssMb;
    const bombs = load(20, 4);
    const hoards = Array.from({ length: bombs }, (_, n) => ({
      name: "fault.hoard",
      args: { by: n % 2 === 0 ? "heap" : "buffer" },
    }));
    const ids = await client.send(hoards);
    const done = new AbortController();
    const largest = largestFootprint(worker.pid, done.signal);
    const others = await client.enqueue(load(500), { args: { ms: 20 } });
    await cluster.checker.allFinal(client.accepted, 300_000);
    done.abort();
    const grownMb = (await largest) - before;

    const failed = await cluster.checker.query<{ type: string; state: string; by: string }>(
      `select state, error ->> 'type' as type, input ->> 'by' as by from lovage.task where id = any($1::uuid[])`,
      [ids],
    );
    expect(failed.map(({ state }) => state)).toEqual(ids.map(() => "FAILURE"));
    const types = (by: string): string[] => failed.filter((row) => row.by === by).map(({ type }) => type);
    expect(new Set(types("buffer"))).toEqual(new Set(["MemoryLimitExceeded"]));
    // The heap has V8's own limit as well, and whichever of the two is seen first ends the child.
    const unexpected = types("heap").filter((type) => !["MemoryLimitExceeded", "ChildDied"].includes(type));
    expect(unexpected).toEqual([]);
    expect(worker.running, worker.output).toBe(true);
    expect(grownMb).toBeLessThan(MAX_GROWTH_MB);
    await goesOn(stage);
    const took = await spans(cluster, "fault.hoard");
    report({
      test: "child-oom",
      fault: `${bombs} heap and 2 GiB buffer bombs in children that may hold 256 MiB`,
      tasks: bombs + others.length,
      ...{ lost: 0, doubled: await cluster.checker.doubledAtMost(0), resumedMs: null },
      note: `the worker grew by ${Math.round(grownMb)} MiB; bombs ended after ${shown(took)}`,
    });
  },
);

test(
  "hard-limit-sync-loop: loops that never wait are ended after their time limit, and the worker continues meanwhile",
  { timeout: 400_000 },
  async () => {
    await using stage = await startStage();
    const { cluster, client } = stage;
    const loops = load(50, 4);
    const ids = await client.enqueue(loops, { name: "fault.spin" });
    await client.enqueue(load(500), { args: { ms: 20 } });
    await cluster.checker.allFinal(client.accepted, 300_000);

    const rows = await cluster.checker.query<{ state: string; type: string }>(
      `select state, error ->> 'type' as type from lovage.task where id = any($1::uuid[])`,
      [ids],
    );
    expect(rows).toEqual(ids.map(() => ({ state: "FAILURE", type: "TimeLimitExceeded" })));
    const took = await spans(cluster, "fault.spin");
    expect(took.length).toBe(loops);
    expect(Math.min(...took)).toBeGreaterThanOrEqual(2_000);
    const lines = await cluster.history.lines();
    const [first, last] = [
      lines.find((line) => line.id === ids[0])!.at,
      Math.max(...lines.filter((line) => ids.includes(line.id)).map(({ at }) => at)),
    ];
    const meanwhile = lines.filter(({ what, at }) => what === "end" && at > first && at < last).length;
    expect(meanwhile, "tasks of the worker that ended between the first and the last loop").toBeGreaterThan(
      0,
    );
    await goesOn(stage);
    report({
      test: "hard-limit-sync-loop",
      fault: `${loops} endless loops in ${POOL_SIZE} children, with a time limit of 2 s`,
      tasks: loops + load(500),
      ...{ lost: 0, doubled: await cluster.checker.doubledAtMost(0), resumedMs: null },
      note: `killed after ${shown(took)}; ${meanwhile} other tasks ended meanwhile`,
    });
  },
);

test(
  "child-crash: children that die in any way fail the attempt that they have, and nothing else",
  { timeout: 400_000 },
  async () => {
    await using stage = await startStage();
    const { cluster, worker, client } = stage;
    const deaths = [
      ...["exit", "abort", "segv", "kill", "throw", "heap"].map((how) => ({
        name: "fault.dieInProcess",
        args: { how },
      })),
      // What a thread can contain.
      ...["exit", "abort", "throw", "heap"].map((how) => ({ name: "fault.dieInThread", args: { how } })),
    ];
    const rounds = load(10, 2);
    const ids = await client.send(Array.from({ length: rounds }, () => deaths).flat());
    const others = await client.enqueue(load(500), { args: { ms: 20 } });
    await cluster.checker.allFinal(client.accepted, 300_000);

    const failed = await cluster.checker.query<{ name: string; how: string; state: string; type: string }>(
      "select name, input ->> 'how' as how, state, error ->> 'type' as type from lovage.task where id = any($1::uuid[])",
      [ids],
    );
    expect(failed.map(({ state }) => state)).toEqual(ids.map(() => "FAILURE"));
    const unexpected = failed.filter(({ name, how, type }) => !typesOf(name, how).includes(type));
    expect(unexpected).toEqual([]);
    const begins = (await cluster.history.begins()).filter(({ id }) => ids.includes(id)).length;
    expect(begins, "each attempt of two began once").toBe(ids.length * 2);
    // The second attempts of these, and no other.
    await cluster.checker.doubledAtMost(ids.length);
    expect(worker.running, worker.output).toBe(true);
    await goesOn(stage);
    report({
      test: "child-crash",
      fault: `${ids.length} tasks whose children die twice each: by exit, SIGABRT, SIGSEGV, SIGKILL, an error or their heap; threads by what they can contain`,
      tasks: ids.length + others.length,
      ...{ lost: 0, doubled: begins - ids.length * 2, resumedMs: null },
      note: "each death failed its own attempt",
    });
  },
);

function typesOf(name: string, how: string): readonly string[] {
  if (how === "heap") return ["MemoryLimitExceeded", ...(name === "fault.dieInProcess" ? ["ChildDied"] : [])];
  return how === "abort" && name === "fault.dieInThread" ? ["TypeError"] : ["ChildDied"];
}

/** All is whole again: as many children as before, which run tasks, and nothing left over. */
async function goesOn({ cluster, worker, client }: Stage): Promise<void> {
  const visits = await client.enqueue(POOL_SIZE * 4, { name: "fault.visit" });
  await cluster.checker.allFinal(client.accepted);
  const rows = await cluster.checker.query<{ state: string; pid: number }>(
    "select state, output::int as pid from lovage.task where id = any($1::uuid[])",
    [visits],
  );
  expect(rows.map(({ state }) => state)).toEqual(visits.map(() => "SUCCESS"));
  await expect.poll(() => childrenOf(worker.pid), { timeout: 30_000 }).toHaveLength(POOL_SIZE);
  await cluster.checker.successesRan();
  await cluster.checker.transitionsAreSound();
  await cluster.checker.isAtRest();
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.trim().split(" ").filter(Boolean).map(Number);
}

/**
 * Milliseconds from the begin in the history to the end in the database, both by this machine's
 * clock.
 */
async function spans({ checker, history }: Cluster, name: string): Promise<number[]> {
  const rows = await checker.query<{ id: string; finished_at: Date }>(
    "select id, finished_at from lovage.task where name = $1",
    [name],
  );
  const begins = new Map((await history.begins()).map(({ id, at }) => [id, at]));
  return rows.map((row) => row.finished_at.getTime() - begins.get(row.id)!);
}

async function largestFootprint(pid: number, until: AbortSignal): Promise<number> {
  let largest = 0;
  while (!until.aborted) {
    largest = Math.max(largest, (await footprint(pid)).rssMb);
    await sleep(50);
  }
  return largest;
}

function shown(milliseconds: readonly number[]): string {
  const [least, most] = [Math.min(...milliseconds), Math.max(...milliseconds)];
  return `${(least / 1_000).toFixed(1)} to ${(most / 1_000).toFixed(1)} s`;
}
