import { expect, test } from "vitest";
import { startWorld } from "./world.ts";

test("without any fault: every task that was accepted runs once, and nothing is left behind", async () => {
  await using world = await startWorld();
  await world.server();
  await Promise.all([world.worker(), world.worker()]);
  const client = world.client();
  await client.enqueue(300, { args: { ms: 2 } });
  await world.oracle.allFinal(client.accepted);
  await world.oracle.successesRan();
  await world.oracle.transitionsAreSound();
  expect(await world.oracle.doubledAtMost(0)).toBe(0);
  await world.oracle.isAtRest();
  expect(client.accepted.size).toBe(300);
  expect(client.refusals).toEqual([]);
  expect(await world.oracle.countByState()).toEqual({ SUCCESS: 300 });
});
