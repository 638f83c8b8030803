/** An item that left the queue unread. */
export type Displaced<Item> =
  /** A newer item with its key, `into`, took its place. */
  | { readonly how: "merged"; readonly item: Item; readonly into: Item }
  /** It was the oldest in a full queue. */
  | { readonly how: "dropped"; readonly item: Item };

interface Slot<Item> {
  readonly key: string;
  readonly item: Item;
}

/**
 * A bounded first-in, first-out queue for a reader that may be slow. While there is room, all items
 * are kept. When it is full, of the items with one key only the newest stays, at its own place in
 * the order, until half of the queue has been read; when all keys differ, the oldest item is
 * dropped.
 */
export class MergingQueue<Item> {
  #slots: (Slot<Item> | undefined)[] = [];
  #head = 0;
  #size = 0;
  /** Index of the newest slot of a key. */
  readonly #newest = new Map<string, number>();
  /**
   * Set when full, until half is read: merging goes on, so that no key is queued twice meanwhile.
   */
  #crowded = false;

  /** @param capacity most items that wait at once; at least 1 */
  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.#size;
  }

  /**
   * Appends an item; returns what had to leave for it. With `merge`, an item with the same key
   * leaves even if there is room.
   */
  push(key: string, item: Item, merge = false): readonly Displaced<Item>[] {
    const displaced: Displaced<Item>[] = [];
    if (this.#size >= this.capacity && !this.#crowded) {
      this.#crowded = true;
      this.#mergeAll(displaced);
    }
    const same = this.#newest.get(key);
    if (same !== undefined && (merge || this.#crowded))
      displaced.push({ how: "merged", item: this.#remove(same), into: item });
    if (this.#size >= this.capacity) {
      const oldest = this.shift();
      if (oldest !== undefined) displaced.push({ how: "dropped", item: oldest });
    }
    this.#newest.set(key, this.#slots.length);
    this.#slots.push({ key, item });
    this.#size += 1;
    return displaced;
  }

  shift(): Item | undefined {
    if (this.#size === 0) return undefined;
    while (!this.#slots[this.#head]) this.#head += 1;
    const item = this.#remove(this.#head);
    if (this.#crowded && this.#size <= this.capacity / 2) this.#crowded = false;
    if (this.#head > 2 * this.capacity) this.#compact();
    return item;
  }

  clear(): void {
    this.#slots = [];
    this.#head = 0;
    this.#size = 0;
    this.#newest.clear();
    this.#crowded = false;
  }

  #remove(index: number): Item {
    const { key, item } = this.#slots[index]!;
    this.#slots[index] = undefined;
    this.#size -= 1;
    if (this.#newest.get(key) === index) this.#newest.delete(key);
    return item;
  }

  #mergeAll(displaced: Displaced<Item>[]): void {
    if (this.#newest.size < this.#size) {
      for (let index = this.#head; index < this.#slots.length; index += 1) {
        const slot = this.#slots[index];
        if (!slot) continue;
        const newest = this.#newest.get(slot.key)!;
        if (newest === index) continue;
        displaced.push({ how: "merged", item: this.#remove(index), into: this.#slots[newest]!.item });
      }
    }
    this.#compact();
  }

  #compact(): void {
    this.#slots = this.#slots.slice(this.#head).filter((slot) => slot !== undefined);
    this.#head = 0;
    this.#slots.forEach((slot, index) => this.#newest.set(slot!.key, index));
  }
}
