export interface LruOptions<Key, Value> {
  /** Sum of the sizes of all entries. The least recently used entries go until the rest fits. */
  readonly max: number;
  /** Size of an entry. @default every entry has size 1, so `max` counts entries */
  readonly sizeOf?: (key: Key, value: Value) => number;
}

/** A map that drops its least recently used entries. */
export class Lru<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  #size = 0;

  constructor(private readonly options: LruOptions<Key, Value>) {}

  /** Returns the value and marks it as just used; undefined if there is none. */
  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  /**
   * Returns the value of a key, or what `make` returns for it. If `make` throws, nothing is stored.
   */
  getOrMake(key: Key, make: (key: Key) => Value): Value {
    const known = this.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    this.set(key, made);
    return made;
  }

  set(key: Key, value: Value): void {
    this.delete(key);
    this.#entries.set(key, value);
    this.#size += this.#sizeOf(key, value);
    for (const [oldest] of this.#entries) {
      if (this.#size <= this.options.max) return;
      this.delete(oldest);
    }
  }

  /** Reports whether a key is there, and does not mark it as used. */
  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  delete(key: Key): void {
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#entries.delete(key);
    this.#size -= this.#sizeOf(key, value);
  }

  clear(): void {
    this.#entries.clear();
    this.#size = 0;
  }

  #sizeOf(key: Key, value: Value): number {
    return this.options.sizeOf?.(key, value) ?? 1;
  }
}
