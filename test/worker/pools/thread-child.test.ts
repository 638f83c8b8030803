import { expect, test } from "vitest";
import { startPool } from "./pool-bundle.ts";

test("code that waits where JavaScript cannot be interrupted is given up, and its place is taken by another thread", async () => {
  await using bundle = startPool({ pool: "threads" });
  const { context, outcome } = bundle.begin("pool.block", null, { timeLimitMs: 200 });
  expect(await outcome).toMatchObject({ kind: "retry", error: { type: "TimeLimitExceeded" } });
  const { fields } = await bundle.record("A thread was killed and does not end; it is left to itself");
  expect(fields).toMatchObject({ taskId: context.id, task: "pool.block" });
  expect(await bundle.run("pool.who")).toMatchObject({ kind: "succeeded" });
});

test("a task's code finds no way to its worker", async () => {
  await using bundle = startPool({ pool: "threads" });
  expect(await bundle.run("pool.forge", "port")).toMatchObject({ kind: "succeeded", output: "fine" });
  expect(bundle.records).toEqual([]);
});
