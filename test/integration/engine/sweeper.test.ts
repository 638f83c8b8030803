import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { Repair } from "../../../src/engine/maintenance/repair.ts";
import { Sweeper } from "../../../src/engine/maintenance/sweeper.ts";
import { UnavailableError } from "../../../src/errors.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import type { WorkerRecord } from "../../../src/task/records/worker.ts";
import { type EngineParts, KEEP_MS, openEngineParts } from "../../support/engine-parts.ts";

const LOST_AFTER_MS = 30_000;
let parts: EngineParts;
/** The sweeper's own clock, which the test moves. */
let now = 0;
beforeAll(async () => {
  parts = await openEngineParts();
});
afterAll(() => parts[Symbol.asyncDispose]());
beforeEach(() => parts.sql.run("truncate lovage.task, lovage.worker, lovage.setting"));

function makeSweeper(
  broker: Pick<EngineParts["broker"], "depth" | "epoch" | "setEpoch" | "purge"> = parts.broker,
) {
  const { maintenance, workers } = parts.stores;
  const { hints, publisher } = parts;
  const repair = new Repair(maintenance, broker, hints, silentLogger);
  const clock = { now: () => new Date(), monotonic: () => now };
  return new Sweeper(
    { maintenance, workers, repair, hints, publisher, clock, log: silentLogger },
    { everyMs: 1_000, workerLostAfterMs: LOST_AFTER_MS, maxCrashes: 3, keepMs: KEEP_MS },
    () => undefined,
  );
}
/** A sweeper that has looked long enough to judge. */
async function settled(): Promise<Sweeper> {
  const sweeper = makeSweeper();
  for (let second = 0; second <= 20; second += 1) {
    await sweeper.sweep();
    now += 1_000;
  }
  await parts.events();
  return sweeper;
}
const silence = (worker: WorkerRecord, ms: number) =>
  parts.sql.run(
    "update lovage.worker set last_heartbeat_at = now() - $2::bigint * interval '1 millisecond' where id = $1",
    [worker.id, ms],
  );
const statusOf = async (worker: WorkerRecord) => (await parts.stores.workers.byIds([worker.id]))[0]!.status;

test("tasks of a worker that fell silent wait again, with a hint, and are charged no attempt", async () => {
  const sweeper = await settled();
  const [dead, alive] = [await parts.register({ name: "dead" }), await parts.register({ name: "alive" })];
  const [lost, kept] = [await parts.insert(), await parts.insert()];
  await parts.claim(dead, [lost]);
  await parts.claim(alive, [kept]);
  await silence(dead, LOST_AFTER_MS + 1_000);
  await silence(alive, LOST_AFTER_MS - 5_000);
  // What the dead one did last may be committed and untold: subscribers are to read the state
  // again.
  const markGap = vi.spyOn(parts.publisher, "markGap");
  await sweeper.sweep();
  await sweeper.sweep();
  expect(markGap).toHaveBeenCalledOnce();
  expect(await parts.events()).toEqual(["LOST dead", `GIVEN_BACK ${lost}`]);
  expect(await parts.takeHints()).toEqual([lost]);
  expect(await parts.read(lost)).toMatchObject({ state: "QUEUED", attempt: 0, crashCount: 1 });
  expect(await parts.read(kept)).toMatchObject({ state: "STARTED", workerId: alive.id });
});

test("after a gap in its own sweeps it gives workers the time to write a heartbeat", async () => {
  const sweeper = await settled();
  const worker = await parts.register();
  await silence(worker, 10 * LOST_AFTER_MS);
  now += LOST_AFTER_MS; // As when the database was away: no sweep came to its end.
  await sweeper.sweep();
  expect(await statusOf(worker)).toBe("ONLINE");
  for (let second = 0; second < 29; second += 1) {
    now += 1_000;
    await sweeper.sweep();
  }
  expect(await statusOf(worker)).toBe("ONLINE");
  now += 1_000;
  await sweeper.sweep();
  expect(await statusOf(worker)).toBe("LOST");
});

test("a sweeper that has just started declares no worker lost for a silence before its start", async () => {
  const worker = await parts.register();
  await silence(worker, 10 * LOST_AFTER_MS);
  const sweeper = makeSweeper();
  await sweeper.sweep();
  now += LOST_AFTER_MS / 3;
  await sweeper.sweep();
  expect(await statusOf(worker)).toBe("ONLINE");
  now += LOST_AFTER_MS / 3;
  await sweeper.sweep();
  expect(await statusOf(worker)).toBe("LOST");
});

test("a broker that is away does not prevent the rescue of tasks", async () => {
  const away = async (): Promise<never> => {
    throw new UnavailableError("broker");
  };
  const sweeper = makeSweeper({ depth: away, epoch: away, setEpoch: away, purge: away });
  const worker = await parts.register();
  const id = await parts.insert();
  await parts.claim(worker, [id]);
  await silence(worker, 10 * LOST_AFTER_MS);
  for (let second = 0; second <= 20; second += 1) {
    await sweeper.sweep();
    now += 1_000;
  }
  expect((await parts.read(id)).state).toBe("QUEUED");
  await expect(sweeper.repair()).rejects.toThrow(UnavailableError);
  await parts.takeHints();
});

test("hints that a broker lost while it was away are counted as soon as it is back", async () => {
  let isAway = false;
  const lookedAt: string[] = [];
  const { broker } = parts;
  const sweeper = makeSweeper({
    epoch: () => (isAway ? Promise.reject(new UnavailableError("broker")) : broker.epoch()),
    setEpoch: (epoch) => broker.setEpoch(epoch),
    depth: (queue) => (lookedAt.push(queue), broker.depth(queue)),
    purge: (queue) => broker.purge(queue),
  });
  await parts.insert();
  await sweeper.repair();
  await sweeper.repair();
  expect(lookedAt).toHaveLength(1);
  isAway = true;
  await expect(sweeper.repair()).rejects.toThrow(UnavailableError);
  isAway = false;
  await sweeper.repair();
  expect(lookedAt).toHaveLength(2);
  await parts.takeHints();
});

test("tasks that waited past their expiry end", async () => {
  const [late, early] = [await parts.insert({ expiresInMs: 1 }), await parts.insert({ expiresInMs: 60_000 })];
  await parts.sql.run("update lovage.task set expires_at = now() where id = $1", [late]);
  await parts.events();
  await makeSweeper().sweep();
  expect((await parts.read(late)).state).toBe("EXPIRED");
  expect((await parts.read(early)).state).toBe("QUEUED");
  expect(await parts.events()).toEqual([`EXPIRED ${late}`]);
});

test("hints of tasks that are enqueued once a first start is over are not sent again", async () => {
  const sweeper = makeSweeper();
  await sweeper.start();
  expect(await parts.broker.epoch()).not.toBeNull();
  const id = await parts.insert();
  await parts.broker.send([{ taskId: id, queue: "default", priority: "NORMAL" }]);
  await sweeper.repair();
  await sweeper.stop();
  expect(await parts.broker.depth("default")).toBe(1);
  expect(await parts.takeHints()).toEqual([id]);
});

test("a broker that is away does not delay a start", async () => {
  const away = () => Promise.reject(new UnavailableError("broker"));
  const sweeper = makeSweeper({ depth: away, epoch: away, setEpoch: away, purge: away });
  await sweeper.start();
  await sweeper.stop();
});
