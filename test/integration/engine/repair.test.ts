import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { UnavailableError } from "../../../src/errors.ts";
import { Repair } from "../../../src/engine/maintenance/repair.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { type EngineParts, openEngineParts } from "../../support/engine-parts.ts";
import { newTask } from "../../support/store-rows.ts";

let parts: EngineParts;
beforeAll(async () => {
  parts = await openEngineParts();
});
afterAll(() => parts[Symbol.asyncDispose]());
beforeEach(async () => {
  await parts.sql.run("truncate lovage.task, lovage.setting");
  for (const queue of ["default", "mail"]) await parts.broker.purge(queue);
});

let now = 0;
const makeRepair = () =>
  new Repair(parts.stores.maintenance, parts.broker, parts.hints, silentLogger, {
    clock: { monotonic: () => now },
  });
/** Makes all rows wait since so long. */
const waited = (ms: number) =>
  parts.sql.run("update lovage.task set queued_at = now() - $1::bigint * interval '1 millisecond'", [ms]);
const hintOf = (taskId: string, queue = "default") => ({ taskId, queue, priority: "NORMAL" as const });

test("a broker without the mark gets every hint again, once, and the mark", async () => {
  const ids = [await parts.insert(), await parts.insert({ queue: "mail" })];
  await parts.insert({ delayMs: 60_000 });
  await makeRepair().checkEpoch();
  await makeRepair().checkEpoch();
  expect([await parts.takeHints(), await parts.takeHints("mail")]).toEqual([[ids[0]], [ids[1]]]);
  // Swapped for one that another installation uses: its mark is not ours.
  await parts.broker.setEpoch("other");
  await makeRepair().checkEpoch();
  expect(await parts.takeHints()).toEqual([ids[0]]);
  expect(await parts.broker.epoch()).toBe(await parts.stores.maintenance.brokerEpoch());
  await parts.takeHints("mail");
});

test("a queue with fewer hints than rows that have waited gets them again; others are left alone", async () => {
  const [there, lost] = [await parts.insert(), await parts.insert()];
  const other = await parts.insert({ queue: "mail" });
  await parts.broker.send([hintOf(there), hintOf(other, "mail")]);
  await waited(10_000);
  await makeRepair().checkCounts();
  expect((await parts.takeHints()).sort()).toEqual([there, lost].sort());
  expect(await parts.takeHints("mail")).toEqual([other]);
});

test("a row of the last second may have its hint on the way", async () => {
  await parts.insert();
  await waited(1_000);
  await makeRepair().checkCounts();
  expect(await parts.broker.depth("default")).toBe(0);
});

test("a repair also sends the youngest rows: their hints may have been lost with the others", async () => {
  const old = await parts.insert();
  await waited(10_000);
  const young = await parts.insert();
  await parts.broker.send([hintOf(young)]);
  const lost = await parts.insert();
  await parts.sql.run("update lovage.task set queued_at = now() - interval '10 s' where id = $1", [lost]);
  await makeRepair().checkCounts();
  expect((await parts.takeHints()).sort()).toEqual([old, young, lost].sort());
});

const DEEP = 20_000;

async function deepQueue(): Promise<string[]> {
  const rows = Array.from({ length: DEEP }, () => newTask());
  for (let start = 0; start < DEEP; start += 2_000)
    await parts.stores.tasks.insert(rows.slice(start, start + 2_000), "each");
  await waited(300_000);
  return rows.map((row) => row.id);
}

test("a deep queue without a worker, for minutes, is not doubled", async () => {
  const ids = await deepQueue();
  await parts.broker.send(ids.map((id) => hintOf(id)));
  const purge = vi.spyOn(parts.broker, "purge");
  const repair = makeRepair();
  for (let second = 0; second < 300; second += 5) {
    await repair.checkCounts();
    now += 5_000;
  }
  expect(await parts.broker.depth("default")).toBe(DEEP);
  expect(purge).not.toHaveBeenCalled();
  purge.mockRestore();
});

test("losses of a deep queue are found, although its hints are many and cannot be used", async () => {
  const ids = await deepQueue();
  const lost = ids.slice(0, 50);
  await parts.broker.send(ids.slice(50).map((id) => hintOf(id)));
  const repair = makeRepair();
  await repair.checkCounts();
  expect(await parts.broker.depth("default")).toBe(DEEP);
  const found = new Set(await parts.takeHints());
  expect(lost.every((id) => found.has(id))).toBe(true);
});

test("a flush is repaired although new tasks came since, and the process that noticed it died", async () => {
  const ids = await deepQueue();
  // It set the mark, and no more.
  await parts.broker.setEpoch("new");
  await parts.stores.maintenance.replaceBrokerEpoch(null, "new");
  await parts.broker.send(ids.slice(0, 12_000).map((id) => hintOf(id)));
  const repair = makeRepair();
  await repair.checkEpoch();
  await repair.checkCounts();
  expect(await parts.broker.depth("default")).toBe(DEEP);
});

test("the deeper a queue, the rarer is its count; a queue that is shallow by now is counted at once", async () => {
  const ids = await deepQueue();
  await parts.broker.send(ids.map((id) => hintOf(id)));
  const counts = vi.spyOn(parts.stores.maintenance, "countWaiting");
  const repair = makeRepair();
  for (let second = 0; second < 60; second += 5) {
    await repair.checkCounts();
    now += 5_000;
  }
  expect(counts).toHaveBeenCalledTimes(6);
  await parts.broker.purge("default");
  await repair.checkCounts();
  expect(await parts.broker.depth("default")).toBe(DEEP);
  counts.mockRestore();
});

test("one of several processes repairs at a time; when it dies, another one does", async () => {
  await Promise.all(Array.from({ length: 6_000 }, () => parts.insert()));
  await waited(60_000);
  const [first, others] = [makeRepair(), [makeRepair(), makeRepair()]];
  const looks: Promise<void>[] = [];
  await first.checkEpoch(() => {
    // A page was sent, and one is missing: to the others it looks like a loss.
    for (const other of others) looks.push(other.checkCounts(), other.checkEpoch());
  });
  await Promise.all(looks);
  expect(await parts.broker.depth("default")).toBe(6_000);

  await parts.broker.purge("default");
  const died = { when: "now()" };
  const repairer = (): Promise<unknown> =>
    parts.sql.run(
      `insert into lovage.setting values ('repairer', 'dead ' || extract(epoch from ${died.when}))
       on conflict (key) do update set value = excluded.value`,
    );
  await repairer();
  await Promise.all(others.map((other) => other.checkCounts()));
  expect(await parts.broker.depth("default")).toBe(0);
  died.when = "now() - interval '6 s'";
  await repairer();
  await Promise.all(others.map((other) => other.checkCounts()));
  expect(await parts.broker.depth("default")).toBe(6_000);
});

test("a queue that another process has repaired in the meantime is not repaired again", async () => {
  const id = await parts.insert();
  await waited(60_000);
  const depth = vi.spyOn(parts.broker, "depth").mockResolvedValueOnce(0); // At the first look the hint was not there yet.
  const purge = vi.spyOn(parts.broker, "purge");
  await parts.broker.send([hintOf(id)]);
  await makeRepair().checkCounts();
  expect(depth).toHaveBeenCalledTimes(2);
  expect(purge).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

test("a queue whose node does not answer does not delay the repair of the others", async () => {
  const lost = await parts.insert({ queue: "mail" });
  await parts.insert();
  await waited(10_000);
  const broker = {
    depth: async (queue: string) => {
      if (queue === "default") throw new UnavailableError("broker");
      return parts.broker.depth(queue);
    },
    purge: (queue: string) => parts.broker.purge(queue),
    epoch: () => parts.broker.epoch(),
    setEpoch: (epoch: string) => parts.broker.setEpoch(epoch),
  };
  const repair = new Repair(parts.stores.maintenance, broker, parts.hints, silentLogger);
  await expect(repair.checkCounts()).rejects.toThrow(UnavailableError);
  expect(await parts.takeHints("mail")).toEqual([lost]);
});
