export interface ReadCount {
  /** Entries that were read. Fewer than requested means that there are no more now. */
  readonly entries: number;
  /** How many of them are hints. */
  readonly usable: number;
}

/**
 * Reads up to `max` hints from some queues, in equal shares. Shares that a queue does not use go to
 * the others. With more queues than `max` the first ones are read first, so pass them in another
 * order each time.
 *
 * @param isSlack whether the last read of a queue emptied it. Such queues get what the others
 *   leave: their share would remain unused and need a second round.
 * @default none is
 */
export async function shareOut<Queue>(
  queues: readonly Queue[],
  max: number,
  read: (queue: Queue, share: number) => ReadCount | Promise<ReadCount>,
  isSlack: (queue: Queue) => boolean = () => false,
): Promise<void> {
  let open = queues;
  let left = max;
  while (left > 0 && open.length > 0) {
    const likely = open.filter((queue) => !isSlack(queue));
    const asked = (likely.length > 0 ? likely : open).slice(0, left);
    const each = Math.floor(left / asked.length);
    const shares = asked.map((_, index) => each + (index < left % asked.length ? 1 : 0));
    const counts = await Promise.all(asked.map(async (queue, index) => read(queue, shares[index]!)));
    left -= counts.reduce((sum, count) => sum + count.usable, 0);
    open = [
      ...open.filter((queue) => !asked.includes(queue)),
      ...asked.filter((_, index) => counts[index]!.entries >= shares[index]!),
    ];
  }
}

/** Returns the queues in the same order, beginning with another one for each `turn`. */
export function rotate<Queue>(queues: readonly Queue[], turn: number): Queue[] {
  const first = turn % Math.max(1, queues.length);
  return [...queues.slice(first), ...queues.slice(0, first)];
}
