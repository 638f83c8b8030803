/** Least, greatest and mean of any number of values, by a compensated sum: rounding errors do not grow with the count. */
export class NumberStatistics {
  /** An exact power of two, so that nothing is lost by it; 2^64 of the largest doubles still have a finite sum. */
  static readonly #SCALE = 2 ** -64;
  #count = 0;
  #sum = 0;
  #lost = 0;
  #min = Infinity;
  #max = -Infinity;

  add(value: number): void {
    const term = value * NumberStatistics.#SCALE;
    const sum = this.#sum + term;
    // Neumaier: what the larger of the two terms pushed out of the sum.
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
    // Rounding may carry the mean of equal values a hair past them.
    return Math.min(this.#max, Math.max(this.#min, mean));
  }
}
