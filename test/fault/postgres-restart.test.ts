import { expect, test } from "vitest";
import { load, report } from "./load.ts";
import { Random } from "./random.ts";
import { hurtUnderLoad } from "./rounds.ts";
import { allIsWell, nobodyFell, onlyToTryAgain } from "./verdict.ts";
import { busiestMinute } from "./vitals.ts";
import { startWorld, type World } from "./world.ts";

const LINES_PER_MINUTE = 20;

test(
  "a PostgreSQL that crashes again and again under load has every task whose yes it gave, and callers only hear to try again",
  { timeout: 300_000 },
  async () => {
    const random = new Random("pg-immediate-restart");
    await using world = await startWorld({ postgres: true });
    await world.server();
    await Promise.all([world.worker(), world.worker()]);
    const client = world.client();
    const [tasks, count] = [load(5_000), load(5, 3)];
    const crashes: Crash[] = [];
    const { resumedMs } = await hurtUnderLoad(world, client, {
      ...{ random, rounds: count, tasks, ms: 20 },
      hurt: async () => {
        const from = Date.now();
        await world.postgres!.stop("immediate");
        await random.pause(0, 1_500);
        await world.postgres!.start();
        crashes.push({ from, to: Date.now() });
      },
    });
    await world.oracle.allFinal(client.accepted);
    const held = await heldAtCrashes(world, crashes);
    const doubled = await allIsWell(world, client, { tasks, doubled: held });
    await nobodyFell(world);
    onlyToTryAgain(client);
    const lines = Math.max(...world.children.map(busiestMinute));
    expect(lines).toBeLessThanOrEqual(LINES_PER_MINUTE);
    report({
      test: "pg-immediate-restart",
      fault: `${count} crashes of PostgreSQL`,
      ...{ tasks, lost: 0, doubled, resumedMs },
      note: `${held} attempts were under way then; at most ${lines} log lines a minute`,
    });
  },
);

test("a yes that a crash of PostgreSQL follows at once is kept", { timeout: 300_000 }, async () => {
  const random = new Random("pg-immediate-restart, at once");
  await using world = await startWorld({ postgres: true });
  await world.server();
  // No worker yet: what it writes would bring the yes of before to the disk, too.
  const clients = [world.client(), world.client({ keys: false })];
  const crashes = load(20, 6);
  for (let crash = 1; crash <= crashes; crash += 1) {
    await clients[crash % 2]!.enqueue(random.between(1, 20));
    await world.postgres!.stop("immediate");
    await world.postgres!.start();
  }
  const backAt = Date.now();
  await world.worker();
  const accepted = new Set(clients.flatMap((client) => [...client.accepted]));
  // Without a key, what was refused may have been committed all the same, and is enqueued once more: not here, between the crashes.
  const doubled = await allIsWell(world, { accepted }, { tasks: accepted.size, doubled: 0 });
  await nobodyFell(world);
  for (const client of clients) onlyToTryAgain(client);
  report({
    test: "pg-immediate-restart-at-once",
    fault: `${crashes} crashes of PostgreSQL, each right after a yes`,
    ...{ tasks: accepted.size, lost: 0, doubled, resumedMs: await world.ledger.resumedAfter(backAt) },
  });
});

interface Crash {
  readonly from: number;
  readonly to: number;
}

/**
 * How many tasks had begun, and had no recorded outcome, when PostgreSQL crashed: a claim's commit is asynchronous, so that these may run
 * once more, and no others.
 */
async function heldAtCrashes(world: World, crashes: readonly Crash[]): Promise<number> {
  const rows = await world.oracle.query<{ id: string; at: number }>(
    "select id, (extract(epoch from finished_at) * 1000)::float8 as at from lovage.task",
  );
  const finishedAt = new Map(rows.map(({ id, at }) => [id, at]));
  const first = new Map<string, number>();
  for (const { id, at } of await world.ledger.begins()) if (!first.has(id)) first.set(id, at);
  const isHeld = (id: string, begun: number, { from, to }: Crash): boolean =>
    begun <= to && finishedAt.get(id)! >= from;
  const held = (crash: Crash): number => [...first].filter(([id, begun]) => isHeld(id, begun, crash)).length;
  return crashes.reduce((sum, crash) => sum + held(crash), 0);
}
