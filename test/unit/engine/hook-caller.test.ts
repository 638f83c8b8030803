import { expect, test, vi } from "vitest";
import { HookCaller } from "../../../src/engine/outcome/hook-caller.ts";
import type { LovageEvent } from "../../../src/task/records/event.ts";
import type { Hooks } from "../../../src/task/definition/hooks.ts";
import { type LogRecord, recordingLog } from "../../support/run-context.ts";

function setup(hooks: Hooks) {
  const records: LogRecord[] = [];
  const registry = { get: () => undefined };
  return { records, caller: new HookCaller({ hooks, registry, log: recordingLog(records) }) };
}
const event = (type: string) =>
  ({ kind: "task", type, at: new Date(), task: { name: "test.task" } }) as LovageEvent;

test("a hook that throws or rejects is logged, and the others are called", async () => {
  const called: string[] = [];
  const { records, caller } = setup({
    "task:started": () => {
      throw new Error("thrown");
    },
    "task:failed": () => Promise.reject(new Error("rejected")),
    "task:revoked": () => void called.push("revoked"),
  });
  caller.observe([event("STARTED"), event("FAILED"), event("PROGRESS"), event("REVOKED")]);
  expect(called).toEqual([]);
  await caller.flush(5_000);
  expect(called).toEqual(["revoked"]);
  const told = records.map(({ fields }) => [fields["hook"], (fields["err"] as Error).message]);
  expect(told).toEqual([
    ["task:started", "thrown"],
    ["task:failed", "rejected"],
  ]);
});

test("one that does not end holds up neither the others nor, for long, a stop; too many of it are dropped", async () => {
  let calls = 0;
  const { records, caller } = setup({
    "task:started": () => {
      calls += 1;
      return new Promise<void>(() => undefined);
    },
  });
  caller.observe(Array.from({ length: 10_500 }, () => event("STARTED")));
  await caller.flush(50);
  expect(calls).toBe(10_000);
  expect(records.map(({ message }) => message)).toEqual([
    "Hooks are dropped: too many have not ended",
    "Hooks have not ended; the process stops without them",
  ]);
});

test("one that does not end is logged", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  try {
    const { records, caller } = setup({ "task:started": () => new Promise<void>(() => undefined) });
    caller.observe([event("STARTED")]);
    await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(30_000);
    expect(records).toMatchObject([{ level: "warn", message: "Hook is still running" }]);
  } finally {
    vi.useRealTimers();
  }
});
