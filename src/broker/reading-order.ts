import { PRIORITIES, priorityRank } from "../task/priority.ts";

/**
 * Fetches that bring something, of one queue, until each priority was read first at least once: no hint at the head of its
 * priority waits longer than so many fetches, whatever floods the others.
 */
export const STARVATION_BOUND = 16;

const HIGHEST_FIRST: readonly number[] = PRIORITIES.map((_, rank) => PRIORITIES.length - 1 - rank);

/** Turns of a round that begin below the top. The others begin with CRITICAL. */
const FAVOURED: ReadonlyMap<number, number> = new Map([
  [3, priorityRank("HIGH")],
  [7, priorityRank("NORMAL")],
  [11, priorityRank("HIGH")],
  [15, priorityRank("LOW")],
]);

/**
 * Ranks in the order in which a queue's priorities are read: from the highest down, but in 4 of 16 turns a lower one comes first.
 *
 * @param turn counts the fetches of one queue that brought something, from 0
 */
export function readingOrder(turn: number): readonly number[] {
  const favoured = FAVOURED.get(turn % STARVATION_BOUND);
  if (favoured === undefined) return HIGHEST_FIRST;
  return [favoured, ...HIGHEST_FIRST.filter((rank) => rank !== favoured)];
}
