import { randomBytes, randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { load, report } from "../support/load.ts";
import { Random } from "../support/random.ts";
import { nobodyFell } from "../support/verdict.ts";
import { busiestMinute } from "../support/probes.ts";
import { startCluster, type Cluster } from "../support/cluster.ts";

const QUARANTINE_SIZE = 1_000;
const LINES_PER_MINUTE = 20;

const REVOKE =
  "mutation ($ids: [ID!]!) { revokeTasks(input: { select: { ids: $ids } }) { errors { message } } }";

/** An entry as someone puts it into a stream who is not Lovage: fields and values by turns. */
type Entry = readonly (string | Buffer)[];

test(
  "invalid and forged hints, also huge ones, run only due tasks, fill no memory, and delay no valid task",
  { timeout: 300_000 },
  async () => {
    const random = new Random("huge-and-bad-hints");
    await using cluster = await startCluster({ redis: {} });
    await cluster.server();
    await Promise.all([cluster.worker(), cluster.worker()]);
    const client = cluster.client();
    const [good, bad] = [load(1_000), load(10_000, 3_000)];
    const done = await client.enqueue(10);
    const later = await client.enqueue(10, { options: { delay: "1h" } });
    await cluster.history.waitForEnds(done.length);

    const forged = [...done, ...later];
    for (let sent = 0; sent < bad; sent += bad / 10) {
      const entries = Array.from({ length: bad / 10 }, () => makeBad(random, forged));
      const [due] = await Promise.all([
        client.enqueue(good / 10, { args: { ms: 1 } }),
        add(cluster, random, entries),
      ]);
      // And of tasks that are on their way, a second hint.
      await add(
        cluster,
        random,
        due.map((id) => ["t", id]),
      );
    }
    await cluster.history.waitForEnds(done.length + good);
    await expect.poll(async () => (await cluster.checker.leftovers()).hints, { timeout: 60_000 }).toBe(0);

    const [lastAt] = [Date.now(), await client.enqueue(1)];
    const resumedMs = await cluster.history.resumedAfter(lastAt);
    await cluster.history.waitForEnds(done.length + good + 1);
    await client.query(REVOKE, { ids: later });
    await cluster.checker.allFinal(client.accepted);
    await cluster.checker.successesRan();
    await cluster.checker.transitionsAreSound();
    const doubled = await cluster.checker.doubledAtMost(0);
    await cluster.checker.isAtRest();
    await nobodyFell(cluster);
    const tasks = done.length + good + 1;
    expect(await cluster.checker.countByState()).toEqual({ SUCCESS: tasks, REVOKED: later.length });
    const kept = await cluster.admin.llen(`{${cluster.prefix}:default}:quarantine`);
    expect(kept).toBe(QUARANTINE_SIZE);
    const lines = Math.max(...cluster.children.map(busiestMinute));
    expect(lines).toBeLessThanOrEqual(LINES_PER_MINUTE);
    const note = `${kept} bad entries kept aside; at most ${lines} log lines a minute`;
    const fault = `${bad} garbage and forged entries`;
    report({ test: "huge-and-bad-hints", fault, tasks, lost: 0, doubled, resumedMs, note });
  },
);

/** `forged` are tasks that exist, and that no hint makes due. */
function makeBad(random: Random, forged: readonly string[]): Entry {
  const makers: readonly (() => Entry)[] = [
    () => ["t", random.pick(forged)],
    () => ["t", random.pick(forged), "b", "7"],
    () => ["t", randomUUID()],
    () => ["t", randomUUID(), "b", String(Number.MAX_SAFE_INTEGER)],
    () => ["t", randomUUID(), "b", random.pick(["-1", "1e400", "NaN", "", "0x10", "9".repeat(400)])],
    () => ["t", random.pick(["", "__proto__", "../../etc/passwd", "'; drop table lovage.task; --", "\0"])],
    () => ["b", "1"],
    () => ["x", randomUUID()],
    () => [randomBytes(16), randomBytes(64)],
    () => Array.from({ length: 2 * random.between(3, 200) }, () => "t"),
    () => ["t", "x".repeat(random.next() < 0.05 ? 1_048_576 : 4_096)],
  ];
  return random.pick(makers)();
}

/** Into the four streams of the queue, by chance. */
async function add(cluster: Cluster, random: Random, entries: readonly Entry[]): Promise<void> {
  const pipeline = cluster.admin.pipeline();
  for (const entry of entries)
    pipeline.xadd(`{${cluster.prefix}:default}:p${random.between(0, 3)}`, "*", ...entry);
  for (const [error] of (await pipeline.exec())!) expect(error).toBeNull();
}
