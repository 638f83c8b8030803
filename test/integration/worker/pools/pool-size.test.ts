import { describe, expect, test, vi } from "vitest";
import { TaskCancelled } from "../../../../src/errors.ts";
import { startPool } from "./pool-bundle.ts";

const SECONDS = { timeout: 15_000, interval: 10 };

describe.each(["processes", "threads"] as const)("pool %s:", (pool) => {
  test("grows at once; shrinks by idle children, and by busy ones when their attempts end", async () => {
    await using bundle = startPool({ pool });
    await bundle.full();
    bundle.pool.resize(3);
    await vi.waitFor(() => expect(bundle.pool.idle).toBe(3), SECONDS);
    const runs = [bundle.begin("pool.wait"), bundle.begin("pool.wait")];
    await vi.waitFor(() => expect(bundle.pool.idle).toBe(1), SECONDS);
    bundle.pool.resize(1);
    // The idle one leaves; nothing that runs is disturbed.
    expect(bundle.pool.idle).toBe(0);
    expect(bundle.pool.ids.length).toBe(2);
    for (const { context, outcome } of runs) {
      context.abort.request(new TaskCancelled());
      expect(await outcome).toMatchObject({ kind: "revoked" });
    }
    await vi.waitFor(() => expect([bundle.pool.idle, bundle.pool.ids.length]).toEqual([1, 1]), SECONDS);
  });

  test("a restart replaces idle children one after another, and busy ones after their attempt", async () => {
    await using bundle = startPool({ pool, size: 3 });
    await bundle.full();
    const old = bundle.pool.ids;
    const { context, outcome } = bundle.begin("pool.wait");
    await vi.waitFor(() => expect(bundle.pool.idle).toBe(2), SECONDS);
    bundle.pool.restart();
    // One of them left; the others are there, and the busy one goes on.
    expect(bundle.pool.ids.filter((pid) => old.includes(pid)).length).toBe(2);
    await vi.waitFor(() => {
      expect(bundle.pool.ids.filter((pid) => old.includes(pid)).length).toBe(1);
      expect(bundle.pool.idle).toBe(2);
    }, SECONDS);
    context.abort.request(new TaskCancelled());
    expect(await outcome).toMatchObject({ kind: "revoked" });
    await bundle.full();
    expect(bundle.pool.ids.some((pid) => old.includes(pid))).toBe(false);
    await vi.waitFor(() => expect(old.some(bundle.lives)).toBe(false), SECONDS);
  });
});
