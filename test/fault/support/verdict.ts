import { expect } from "vitest";
import type { Client } from "./client.ts";
import type { Cluster } from "./cluster.ts";

/**
 * What holds whatever was hurt: every yes came to one final state, by a run that the history knows
 * of, and at rest nothing is left over. Resolves with how many attempts began beyond one per task:
 * no more than `doubled`.
 */
export async function allIsWell(
  cluster: Pick<Cluster, "checker">,
  client: Pick<Client, "accepted">,
  expected: { readonly tasks: number; readonly doubled: number },
): Promise<number> {
  await cluster.checker.allFinal(client.accepted);
  await cluster.checker.successesRan();
  await cluster.checker.transitionsAreSound();
  const doubled = await cluster.checker.doubledAtMost(expected.doubled);
  await cluster.checker.isAtRest();
  expect(client.accepted.size).toBe(expected.tasks);
  expect(await cluster.checker.countByState()).toEqual({ SUCCESS: expected.tasks });
  return doubled;
}

/**
 * No worker was given up for lost, and every process that was started still runs: what was hurt was
 * none of them.
 */
export async function nobodyFell(cluster: Pick<Cluster, "checker" | "children">): Promise<void> {
  expect(
    cluster.children
      .slice(1)
      .filter((child) => !child.running)
      .map((child) => child.output),
  ).toEqual([]);
  expect(await cluster.checker.query("select name from lovage.worker where status <> 'ONLINE'")).toEqual([]);
  const said = cluster.children.flatMap((child) => child.stderrLines);
  expect(said.filter((line) => /Worker lost|declared LOST/.test(line))).toEqual([]);
}

/** All that callers heard besides yes is that they may try again, and when. */
export function onlyToTryAgain({ refusals }: Pick<Client, "refusals">): void {
  const others = refusals.filter(
    ({ code, retryAfter }) => code !== "SERVICE_UNAVAILABLE" || retryAfter === null,
  );
  expect(others).toEqual([]);
}
