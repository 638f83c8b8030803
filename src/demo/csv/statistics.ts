/**
 * Minimum, maximum and mean of values, by a compensated sum: rounding errors do not grow with their
 * number.
 */
export class NumberStatistics {
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
