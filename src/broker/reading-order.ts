import { PRIORITIES, priorityRank } from "../task/definition/priority.ts";

/** What is read at a rank above all priorities: the hints of partitions, of which there are few. */
export const PARTITION_RANK = PRIORITIES.length;

/**
 * Fetches that bring something, of one queue, until each priority was read first at least once: no
 * hint at the head of its priority waits longer than so many fetches, whatever floods the others.
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
 * Ranks in the order in which a queue's hints are read: priorities from the highest down, but in 4
 * of 16 turns a lower one comes first. Partitions come before them in one turn and after them in
 * the next, so that neither keeps the other waiting.
 *
 * @param turn counts the fetches of one queue that brought something, from 0
 */
export function readingOrder(turn: number): readonly number[] {
  const favoured = FAVOURED.get(turn % STARVATION_BOUND);
  const priorities =
    favoured === undefined ? HIGHEST_FIRST : [favoured, ...HIGHEST_FIRST.filter((rank) => rank !== favoured)];
  return turn % 2 === 0 ? [PARTITION_RANK, ...priorities] : [...priorities, PARTITION_RANK];
}
