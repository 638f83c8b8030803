/** An element of an {@link IntrusiveSet}. */
export interface SetItem {
  /** Its index in the set, written by the set. */
  setIndex: number;
}

/**
 * A set of objects that are added and removed often, without order. An object is in one set at a time. It is
 * not a Set or Map: their outgrown tables may stay in the old generation of V8, and keep objects alive
 * until the next full garbage collection.
 */
export class IntrusiveSet<Item extends SetItem> {
  readonly #items: Item[] = [];

  add(item: Item): void {
    item.setIndex = this.#items.push(item) - 1;
  }

  /** Removes an item; does nothing if it is not in the set. */
  remove(item: Item): void {
    const { setIndex } = item;
    if (this.#items[setIndex] !== item) return;
    const last = this.#items.pop()!;
    if (last === item) return;
    this.#items[setIndex] = last;
    last.setIndex = setIndex;
  }

  filter(isWanted: (item: Item) => boolean): Item[] {
    return this.#items.filter(isWanted);
  }

  /** What is in now: items may go while one walks through it. */
  all(): Item[] {
    return [...this.#items];
  }
}
