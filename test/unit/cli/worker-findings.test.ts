import { expect, test } from "vitest";
import { judgeNames, judgeWorkers } from "../../../src/cli/doctor/worker-findings.ts";
import { HOUR, SECOND } from "../../../src/lib/clock.ts";
import type { WorkerStatus } from "../../../src/task/records/worker.ts";
import { newWorker } from "../../support/store-rows.ts";

const NOW = new Date("2026-05-01T12:00:00Z");

function judge(...workers: readonly (readonly [status: WorkerStatus, silentMs: number])[]): string[] {
  const records = workers.map(([status, silentMs], index) =>
    newWorker({
      name: `w${index}`,
      hostname: "h",
      pid: 7,
      status,
      lastHeartbeatAt: new Date(NOW.getTime() - silentMs),
    }),
  );
  return judgeWorkers(records, NOW, 30 * SECOND).map(({ verdict, what }) => `${verdict}: ${what}`);
}

test("workers with a heartbeat are counted, those that left are not", () => {
  expect(judge(["ONLINE", 4_000], ["DRAINING", 14_000], ["OFFLINE", HOUR], ["LOST", 2 * HOUR])).toEqual([
    "good: 2 workers send heartbeats.",
  ]);
});

test("no worker at all is a warning: tasks wait", () => {
  expect(judge(["OFFLINE", 1_000])).toEqual(["warning: no worker sends heartbeats: tasks wait."]);
});

test("a worker that fell silent is named, with the time that is left", () => {
  expect(judge(["ONLINE", 1_000], ["ONLINE", 20_000])).toEqual([
    "good: 1 worker sends heartbeats.",
    "warning: worker w1 (h, pid 7) has sent no heartbeat for 20 s; after 30 s its tasks are rescued.",
  ]);
});

test("a lost worker whose tasks are not rescued is bad", () => {
  expect(judge(["ONLINE", 1_000], ["ONLINE", 200_000])).toContain(
    "bad: worker w1 (h, pid 7) has sent no heartbeat for 3 m 20 s, and no server has rescued its tasks.",
  );
});

test("workers that were lost lately are named, a fleet of them shortly", () => {
  const found = judge(["ONLINE", 1_000], ...Array.from({ length: 9 }, () => ["LOST", 120_000] as const));
  expect(found).toHaveLength(7);
  expect(found[1]).toBe("warning: worker w1 (h, pid 7) was lost; its last heartbeat was 2 m ago.");
  expect(found[6]).toBe("warning: 4 more workers are in the same state; see `lovage workers`.");
});

test("names of unfinished tasks that no live worker knows are reported", () => {
  const workers = [
    newWorker({ status: "ONLINE", definitions: ["a.a", "b.b"] }),
    newWorker({ status: "LOST", definitions: ["c.c"] }),
  ];
  expect(judgeNames(["a.a", "b.b"], workers)).toEqual([]);
  expect(judgeNames(["a.a", "c.c", "d.d"], workers)).toMatchObject([
    { verdict: "warning", what: "no live worker has the definition of c.c, d.d: tasks with that name wait." },
  ]);
  // Without any worker that is what there is to say.
  expect(judgeNames(["a.a"], workers.slice(1))).toEqual([]);
});
