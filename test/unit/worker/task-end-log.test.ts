import { expect, test } from "vitest";
import type { LogFields } from "../../../src/lib/log/log.ts";
import type { ClaimedTask } from "../../../src/store/tasks/task-store.ts";
import { TaskEndLog } from "../../../src/worker/logs/task-end-log.ts";

const STARTED_AT = new Date("2026-11-30T12:00:00Z");

function setup() {
  const records: (LogFields & { readonly msg: string })[] = [];
  let now = 5_000;
  const ends = new TaskEndLog(
    { info: (msg, fields) => void records.push({ msg, ...fields }) },
    { monotonic: () => now },
  );
  const summary = { name: "mail.send", id: "01a2", attempt: 2, startedAt: STARTED_AT };
  const task = { summary } as unknown as ClaimedTask;
  const finishedAt = new Date(STARTED_AT.getTime() + 1_250);
  return {
    records,
    ends: (count: number, state: "SUCCESS" | "FAILURE" | "RETRY" = "SUCCESS") => {
      for (let index = 0; index < count; index += 1) ends.ended(task, state, finishedAt);
    },
    flush: () => ends.flush(),
    pass: (ms: number) => void (now += ms),
  };
}

test("a task that ends is logged with its name, id, state, duration and attempt; one that continues is not", () => {
  const { ends, records } = setup();
  ends(1, "FAILURE");
  ends(1, "RETRY");
  expect(records).toEqual([
    { msg: "Task ended", task: "mail.send", taskId: "01a2", state: "FAILURE", ms: 1_250, attempt: 2 },
  ]);
});

test("of many tasks that end in one second the first 100 have lines; the others are counted by state", () => {
  const { ends, records, pass, flush } = setup();
  ends(100);
  ends(40);
  ends(2, "FAILURE");
  expect(records).toHaveLength(100);
  pass(1_000);
  ends(1);
  expect(records.slice(100)).toEqual([
    { msg: "More tasks ended in the same second", SUCCESS: 40, FAILURE: 2 },
    expect.objectContaining({ msg: "Task ended" }),
  ]);
  ends(100);
  flush();
  expect(records.at(-1)).toEqual({ msg: "More tasks ended in the same second", SUCCESS: 1 });
});
