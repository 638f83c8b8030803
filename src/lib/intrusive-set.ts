/** What is in a {@link IntrusiveSet}. */
export interface Placed {
  /** Its place, written by the set that it is in. */
  place: number;
}

/**
 * A set of objects that come and go quickly. No Set or Map: the tables that one of those outgrows
 * may lie where V8's garbage collector seldom looks, and keep what they held until it does. Not in
 * order, and for one set at a time.
 */
export class IntrusiveSet<Item extends Placed> {
  readonly #items: Item[] = [];

  add(item: Item): void {
    item.place = this.#items.push(item) - 1;
  }

  /** Does nothing where it is not in. */
  remove(item: Item): void {
    const { place } = item;
    if (this.#items[place] !== item) return;
    const last = this.#items.pop()!;
    if (last === item) return;
    this.#items[place] = last;
    last.place = place;
  }

  filter(isWanted: (item: Item) => boolean): Item[] {
    return this.#items.filter(isWanted);
  }

  /** What is in now: items may go while one walks through it. */
  all(): Item[] {
    return [...this.#items];
  }
}
