import { expect, test } from "vitest";
import { silentLogger } from "../../../../src/lib/log/log.ts";
import { Threads } from "../../../../src/worker/pools/parent/thread-child.ts";
import { MIB, startPool } from "./pool-bundle.ts";

test("a thread in a native call is abandoned, and another thread replaces it", async () => {
  await using bundle = startPool({ pool: "threads" });
  const { context, outcome } = bundle.begin("pool.block", null, { timeLimitMs: 200 });
  expect(await outcome).toMatchObject({ kind: "retry", error: { type: "TimeLimitExceeded" } });
  const { fields } = await bundle.record(
    "A thread was killed and does not end; the worker no longer waits for it",
  );
  expect(fields).toMatchObject({ taskId: context.id, task: "pool.block" });
  expect(await bundle.run("pool.who")).toMatchObject({ kind: "succeeded" });
});

test("a task's code cannot reach the channel to its worker", async () => {
  await using bundle = startPool({ pool: "threads" });
  expect(await bundle.run("pool.forge", "port")).toMatchObject({ kind: "succeeded", output: "fine" });
  expect(bundle.records).toEqual([]);
});

test("a thread that does not answer a measurement does not delay those of the others", async () => {
  await using bundle = startPool({ pool: "threads", size: 2, maxMemoryPerChild: 256 * MIB });
  const blocked = bundle.begin("pool.block");
  await bundle.record("blocking");
  const hoard = bundle.run("pool.hoard", "buffer");
  expect(await Promise.race([hoard, blocked.outcome])).toMatchObject({
    ...{ kind: "retry", error: { type: "MemoryLimitExceeded" } },
  });
  expect(await blocked.outcome).toMatchObject({ kind: "succeeded" });
});

test("a thread that V8 ends for its heap fails with MemoryLimitExceeded", async () => {
  // As V8 does it. To let it do it would now and then end this process.
  const ending = 'throw Object.assign(new Error("full"), { code: "ERR_WORKER_OUT_OF_MEMORY" });';
  const { promise: death, resolve } = Promise.withResolvers<Error>();
  const ignore = (): void => undefined;
  new Threads().open(
    { entry: new URL(`data:text/javascript,${ending}`), limitBytes: 96 * MIB, log: silentLogger },
    { onMessage: ignore, onGarbage: ignore, onEnd: resolve, secrets: () => [] },
  );
  expect(await death).toMatchObject({
    name: "MemoryLimitExceeded",
    message: expect.stringContaining("thread held more than 96 MiB; the limit is 96 MiB"),
  });
});
