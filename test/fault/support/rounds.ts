import type { Client } from "./client.ts";
import type { Random } from "./random.ts";
import type { Cluster } from "./cluster.ts";

interface Rounds {
  readonly random: Random;
  readonly rounds: number;
  /** Of all rounds together. */
  readonly tasks: number;
  /** How long each task takes. */
  readonly ms: number;
  /** One fault with its end; resolves when it is over. */
  readonly hurt: () => Promise<void>;
}

/**
 * Fault after fault while work is under way: of each round's tasks some come before the fault, some
 * during it, some after. The next round begins when work goes on again. Resolves with the longest
 * time that took, in milliseconds, and when the last fault was over.
 */
export async function hurtUnderLoad(
  cluster: Pick<Cluster, "history">,
  client: Client,
  { random, rounds, tasks, ms, hurt }: Rounds,
): Promise<{ readonly resumedMs: number; readonly overAt: number }> {
  const share = Math.round(tasks / rounds / 3);
  let [resumedMs, overAt] = [0, 0];
  for (let round = 1; round <= rounds; round += 1) {
    await client.enqueue(share, { args: { ms } });
    await random.pause(0, 100);
    const meanwhile = client.enqueue(share, { args: { ms } }, 20);
    await hurt();
    overAt = Date.now();
    const rest = round < rounds ? share : tasks - (3 * rounds - 1) * share;
    await Promise.all([meanwhile, client.enqueue(rest, { args: { ms } }, 20)]);
    resumedMs = Math.max(resumedMs, await cluster.history.resumedAfter(overAt));
  }
  return { resumedMs, overAt };
}
