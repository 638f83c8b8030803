import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Repair } from "../../src/engine/repair.ts";
import { silentLogger } from "../../src/lib/log.ts";
import { type EngineParts, openEngineParts } from "../support/engine-parts.ts";

let parts: EngineParts;
beforeAll(async () => {
  parts = await openEngineParts();
});
afterAll(() => parts[Symbol.asyncDispose]());
beforeEach(async () => {
  await parts.sql.run("truncate lovage.task, lovage.setting");
  for (const queue of ["default", "mail"]) await parts.broker.purge(queue);
});

const makeRepair = (options = {}) =>
  new Repair(parts.stores.upkeep, parts.broker, parts.hints, silentLogger, options);
/** Makes all rows wait since so long. */
const waited = (ms: number) =>
  parts.sql.run("update lovage.task set queued_at = now() - $1::bigint * interval '1 millisecond'", [ms]);
const hintOf = (taskId: string, queue = "default") => ({ taskId, queue, priority: "NORMAL" as const });

test("a broker without our mark gets every hint again, once, and the mark", async () => {
  const ids = [await parts.insert(), await parts.insert({ queue: "mail" })];
  await parts.insert({ delayMs: 60_000 });
  await makeRepair().checkEpoch();
  await makeRepair().checkEpoch();
  expect([await parts.takeHints(), await parts.takeHints("mail")]).toEqual([[ids[0]], [ids[1]]]);
  // Swapped for one that another installation uses: its mark is not ours.
  await parts.broker.setEpoch("other");
  await makeRepair().checkEpoch();
  expect(await parts.takeHints()).toEqual([ids[0]]);
  expect(await parts.broker.epoch()).toBe(await parts.stores.upkeep.brokerEpoch());
  await parts.takeHints("mail");
});

test("a queue with fewer hints than rows that have waited gets them again; others are left alone", async () => {
  const [there, lost] = [await parts.insert(), await parts.insert()];
  const other = await parts.insert({ queue: "mail" });
  await parts.broker.send([hintOf(there), hintOf(other, "mail")]);
  await waited(10_000);
  await makeRepair().checkCounts();
  expect((await parts.takeHints()).sort()).toEqual([there, there, lost].sort());
  expect(await parts.takeHints("mail")).toEqual([other]);
});

test("a row that came a moment ago may have its hint on the way; a deep queue feeds its workers anyway", async () => {
  const ids = [await parts.insert(), await parts.insert(), await parts.insert()];
  await waited(1_000);
  await makeRepair().checkCounts();
  expect(await parts.broker.depth("default")).toBe(0);
  await waited(10_000);
  await parts.broker.send([hintOf(ids[0]!), hintOf(ids[1]!)]);
  await makeRepair({ deepEnough: 2 }).checkCounts();
  expect(await parts.broker.depth("default")).toBe(2);
  await makeRepair({ deepEnough: 3 }).checkCounts();
  expect(await parts.broker.depth("default")).toBe(5);
});
