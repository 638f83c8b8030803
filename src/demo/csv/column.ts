import { type DistinctBudget, DistinctCounter } from "./distinct.ts";
import { detach, presentable, shorten } from "./text.ts";
import { type ColumnType, readValue, type Value, widen } from "./values.ts";

export interface ColumnSummary {
  readonly name: string;
  readonly type: ColumnType;
  /** Values that are not empty. */
  readonly count: number;
  readonly empty: number;
  readonly distinct: number;
  readonly distinctIsExact: boolean;
  readonly min: string | number | null;
  readonly max: string | number | null;
  readonly mean: number | null;
}

/** Summarizes one column, one value at a time. */
export class Column {
  readonly #name: string;
  readonly #distinct: DistinctCounter;
  readonly #texts = new TextExtremes();
  /** The extremes of dates and booleans. */
  readonly #ranked = new RankExtremes();
  readonly #numbers = new NumberStatistics();
  #type: ColumnType = "empty";
  #count = 0;
  #empty = 0;

  constructor(name: string, distinctLimit: number, budget: DistinctBudget) {
    this.#name = name;
    this.#distinct = new DistinctCounter(distinctLimit, budget);
  }

  add(text: string): void {
    if (text === "") {
      this.#empty += 1;
      return;
    }
    this.#count += 1;
    this.#distinct.add(text);
    this.#texts.add(shorten(text));
    // A column of strings keeps its type, so its other values need no type.
    if (this.#type !== "string") this.#addTyped(text, readValue(text));
  }

  #addTyped(text: string, { kind, rank }: Value): void {
    this.#type = widen(this.#type, kind);
    if (kind === "integer" || kind === "number") this.#numbers.add(rank);
    else if (kind === "date") this.#ranked.add(rank, text);
    else if (kind === "boolean") this.#ranked.add(rank, text.toLowerCase());
  }

  summary(): ColumnSummary {
    const isNumeric = this.#type === "integer" || this.#type === "number";
    const [min, max] = this.#range();
    return {
      name: this.#name,
      type: this.#type,
      count: this.#count,
      empty: this.#empty,
      distinct: this.#distinct.count,
      distinctIsExact: this.#distinct.isExact,
      min,
      max,
      mean: isNumeric ? this.#numbers.mean : null,
    };
  }

  #range(): [string | number, string | number] | [null, null] {
    switch (this.#type) {
      case "empty":
        return [null, null];
      case "integer":
      case "number":
        return [this.#numbers.min, this.#numbers.max];
      case "date":
      case "boolean":
        return this.#ranked.range();
      case "string":
        return this.#texts.range();
    }
  }
}

/** The least and the greatest string, by UTF-16 units. */
class TextExtremes {
  #least: string | null = null;
  #greatest: string | null = null;

  add(text: string): void {
    if (this.#least === null || text < this.#least) this.#least = detach(text);
    if (this.#greatest === null || text > this.#greatest) this.#greatest = detach(text);
  }

  range(): [string, string] | [null, null] {
    return this.#least === null || this.#greatest === null
      ? [null, null]
      : [presentable(this.#least), presentable(this.#greatest)];
  }
}

/**
 * The strings of the least and the greatest rank; the first one when several have the same rank.
 */
class RankExtremes {
  #least = { rank: Infinity, text: "" };
  #greatest = { rank: -Infinity, text: "" };

  add(rank: number, text: string): void {
    if (rank < this.#least.rank) this.#least = { rank, text: detach(text) };
    if (rank > this.#greatest.rank) this.#greatest = { rank, text: detach(text) };
  }

  range(): [string, string] {
    return [this.#least.text, this.#greatest.text];
  }
}

/**
 * Minimum, maximum and mean of values, by a compensated sum: rounding errors do not grow with their
 * number.
 */
class NumberStatistics {
  /** A power of two loses no digits, and 2^64 of the largest doubles still have a finite sum. */
  static readonly #SCALE = 2 ** -64;
  #count = 0;
  #sum = 0;
  #lost = 0;
  #min = Infinity;
  #max = -Infinity;

  add(value: number): void {
    const term = value * NumberStatistics.#SCALE;
    const sum = this.#sum + term;
    // Neumaier: the digits of the smaller term that the sum has lost.
    this.#lost += Math.abs(this.#sum) >= Math.abs(term) ? this.#sum - sum + term : term - sum + this.#sum;
    this.#sum = sum;
    this.#count += 1;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  get min(): number {
    return this.#min;
  }

  get max(): number {
    return this.#max;
  }

  get mean(): number {
    const mean = (this.#sum + this.#lost) / this.#count / NumberStatistics.#SCALE;
    // Rounding may move the mean of equal values slightly past them.
    return Math.min(this.#max, Math.max(this.#min, mean));
  }
}
