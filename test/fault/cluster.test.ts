import { expect, test } from "vitest";
import { startCluster } from "./support/cluster.ts";

test(
  "without any fault: every task that was accepted runs once, and nothing is left behind",
  { timeout: 120_000 },
  async () => {
    await using cluster = await startCluster();
    await cluster.server();
    await Promise.all([cluster.worker(), cluster.worker()]);
    const client = cluster.client();
    await client.enqueue(300, { args: { ms: 2 } });
    await cluster.checker.allFinal(client.accepted);
    await cluster.checker.successesRan();
    await cluster.checker.transitionsAreSound();
    expect(await cluster.checker.doubledAtMost(0)).toBe(0);
    await cluster.checker.isAtRest();
    expect(client.accepted.size).toBe(300);
    expect(client.refusals).toEqual([]);
    expect(await cluster.checker.countByState()).toEqual({ SUCCESS: 300 });
  },
);
