import { expect, test, vi } from "vitest";
import { lives, MIB, startPool } from "./pool-bundle.ts";

test("SIGKILL from outside fails the attempt; an idle child is replaced without effect", async () => {
  await using bundle = startPool();
  const { outcome } = bundle.begin("pool.deaf");
  const { fields } = await bundle.record("deaf");
  process.kill(fields["child"] as number, "SIGKILL");
  expect(await outcome).toMatchObject({
    kind: "retry",
    error: { message: expect.stringContaining("SIGKILL") },
  });
  await bundle.full();
  process.kill(bundle.pool.ids[0]!, "SIGKILL");
  // Handed over before the worker can know of the death: the code did not begin there, so it begins
  // elsewhere.
  expect(await bundle.run("pool.who")).toMatchObject({ kind: "succeeded" });
  await bundle.full();
});

test.each([
  ["no JSON", "is not JSON"],
  ["too large", "KiB"],
  ["bad key", "__proto__"],
])("an output that a task forges (%s) is refused", async (what, told) => {
  await using bundle = startPool();
  expect(await bundle.run("pool.forge", what)).toMatchObject({
    kind: "failed",
    error: { message: expect.stringContaining(told) },
  });
});

test.each(["garbage", "garbled"])("invalid data (%s) ends only the child that sent it", async (what) => {
  await using bundle = startPool();
  expect(await bundle.run("pool.forge", what)).toMatchObject({
    kind: "retry",
    error: { message: expect.stringContaining("sent its worker invalid data") },
  });
  expect(await bundle.run("pool.who")).toMatchObject({ kind: "succeeded" });
});

test("noise on the channel is ignored", async () => {
  await using bundle = startPool();
  expect(await bundle.run("pool.forge", "noise")).toMatchObject({ kind: "succeeded", output: "fine" });
});

test("processes that a task has started are killed with it", async () => {
  await using bundle = startPool();
  const { outcome } = bundle.begin("pool.breed", null, { timeLimitMs: 300 });
  const { fields } = await bundle.record("bred");
  const offspring = fields["pid"] as number;
  expect(lives(offspring)).toBe(true);
  await outcome;
  await vi.waitFor(() => expect(lives(offspring)).toBe(false), { timeout: 5_000 });
});

test("memory of a child process does not count for its worker", async () => {
  await using bundle = startPool({ maxMemoryPerChild: 256 * MIB });
  const before = process.memoryUsage.rss();
  expect(await bundle.run("pool.hoard", "buffer")).toMatchObject({ error: { type: "MemoryLimitExceeded" } });
  expect(process.memoryUsage.rss() - before).toBeLessThan(50 * MIB);
});
