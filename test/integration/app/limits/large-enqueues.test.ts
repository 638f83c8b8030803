import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import { DEPLOYMENTS } from "../../../support/deployments.ts";

const add = defineTask({ name: "test.add", input: z.object({ n: z.number() }), run: ({ n }) => n });
const inputs = (count: number) => Array.from({ length: count }, (_, n) => ({ input: { n } }));

/**
 * Watches the event loop: its turns, and its longest pause in milliseconds, up to the call of
 * `end`.
 */
function watchLoop(): { readonly end: () => { readonly turns: number; readonly longestMs: number } } {
  let [turns, longestMs, last] = [0, 0, performance.now()];
  const look = (): void => {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - last);
    last = now;
  };
  const timer = setInterval(() => {
    turns += 1;
    look();
  }, 5);
  return {
    end: () => {
      clearInterval(timer);
      // The pause that lasts until now, which no timer has seen.
      look();
      return { turns, longestMs };
    },
  };
}

describe.each([
  { ...DEPLOYMENTS[0]!, count: 30_000 },
  { ...DEPLOYMENTS[1]!, count: 200_000 },
])("very many tasks in one call: $kind", ({ kind, deploy, count }) => {
  test("they exist, and the process does its other work meanwhile", { timeout: 240_000 }, async () => {
    await using deployment = await deploy();
    const app = await deployment.app([add], []);
    const loop = watchLoop();
    const all = app.enqueueMany(add, inputs(count));
    let others = 0;
    for (;;) {
      const other = app.enqueue(add, { n: -1 }).then(() => false);
      if (await Promise.race([all.then(() => true), other])) break;
      others += 1;
      await pause(100);
    }
    const handles = await all;
    const { turns, longestMs } = loop.end();
    expect(longestMs).toBeLessThan(3_000);
    // The loop turns between the statements, of which there are at least 15.
    expect(turns).toBeGreaterThan(10);
    // The embedded database has one connection, which the transaction holds.
    if (kind !== "embedded") expect(others).toBeGreaterThan(5);
    expect(new Set(handles.map(({ id }) => id)).size).toBe(count);
    const [row] = await app
      .em()
      .execute("select count(*)::int as n from lovage.task where (input->>'n')::int >= 0");
    expect(row).toEqual({ n: count });
  });

  test("in the caller's own transaction they are there with its commit", { timeout: 60_000 }, async () => {
    await using deployment = await deploy();
    const app = await deployment.app([add], []);
    const many = (outcome: "commit" | "abort") =>
      app.em().transactional(async (em) => {
        const handles = await app.enqueueMany(add, inputs(5_000), { transaction: em });
        if (outcome === "abort") throw new Error("aborted");
        return handles;
      });
    await expect(many("abort")).rejects.toThrow("aborted");
    const handles = await many("commit");
    expect(handles).toHaveLength(5_000);
    const [row] = await app.em().execute("select count(*)::int as n from lovage.task");
    expect(row).toEqual({ n: 5_000 });
    expect((await app.task(handles.at(-1)!.id)).id).toBe(handles.at(-1)!.id);
  });
});
