/** Lowest first. The rank is what PostgreSQL stores and what names a queue's streams. */
export const PRIORITIES = ["LOW", "NORMAL", "HIGH", "CRITICAL"] as const;
export type Priority = (typeof PRIORITIES)[number];

export function priorityRank(priority: Priority): number {
  return PRIORITIES.indexOf(priority);
}

export function priorityOf(rank: number): Priority {
  const priority = PRIORITIES[rank];
  if (!priority)
    throw new RangeError(`No priority has the rank ${rank}; ranks are 0 to ${PRIORITIES.length - 1}.`);
  return priority;
}
