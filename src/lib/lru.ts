/** Keeps what was made for the keys asked for last, at most so many. */
export class Recent<Value> {
  readonly #values = new Map<string, Value>();

  constructor(
    private readonly size: number,
    private readonly make: (key: string) => Value,
  ) {}

  /** What belongs to a key; the one asked for longest ago makes room. @throws what `make` throws: nothing is kept then */
  get(key: string): Value {
    const known = this.#values.get(key);
    if (known !== undefined) this.#values.delete(key);
    const value = known ?? this.make(key);
    this.#values.set(key, value);
    if (this.#values.size > this.size) {
      const [oldest] = this.#values.keys();
      this.#values.delete(oldest!);
    }
    return value;
  }
}
