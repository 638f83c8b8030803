import { type ConcurrencyLimit, partOf } from "./limits.ts";

/** How many tasks of one key wait. */
export interface WaitingKey {
  readonly key: string;
  readonly count: number;
}

/** The starts that limits still permit. */
export interface Room {
  /** Takes one start for a task of this key; false when there is none. */
  take(key: string): boolean;
}

/** How many tasks of each key may start, and the key that had the last turn; null if none may start. */
export interface Shares {
  readonly shares: readonly WaitingKey[];
  readonly total: number;
  readonly lastKey: string | null;
}

/**
 * Shares out `total` starts by turns: each key gets one, in the given order, then each
 * a second one, while tasks wait and there is room.
 */
export function fairShares(waiting: readonly WaitingKey[], total: number, room: Room): Shares {
  const got = new Map<string, number>();
  let given = 0;
  let lastKey: string | null = null;
  let open = waiting;
  while (open.length > 0) {
    const stillOpen: WaitingKey[] = [];
    for (const one of open) {
      const has = got.get(one.key) ?? 0;
      if (given === total || has >= one.count || !room.take(one.key)) continue;
      got.set(one.key, has + 1);
      given += 1;
      lastKey = one.key;
      stillOpen.push(one);
    }
    open = stillOpen;
  }
  return { shares: [...got].map(([key, count]) => ({ key, count })), total: given, lastKey };
}

/** Room without a limit. */
export const ENDLESS_ROOM: Room = { take: () => true };

/** The room that concurrency limits leave beside the running tasks. */
export class ConcurrencyRoom implements Room {
  /** For each limit, the number of running tasks by their part of the limit key. */
  readonly #running: readonly Map<string, number>[];

  /** @param running how many tasks run, by key */
  constructor(
    private readonly limits: readonly ConcurrencyLimit[],
    running: ReadonlyMap<string, number>,
  ) {
    this.#running = limits.map((limit) => {
      const byPart = new Map<string, number>();
      for (const [key, count] of running) add(byPart, partOf(key, limit), count);
      return byPart;
    });
  }

  take(key: string): boolean {
    const parts = this.limits.map((limit) => partOf(key, limit));
    const full = this.limits.some(
      (limit, index) => (this.#running[index]!.get(parts[index]!) ?? 0) >= limit.max,
    );
    if (full) return false;
    for (const [index, part] of parts.entries()) add(this.#running[index]!, part, 1);
    return true;
  }
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
