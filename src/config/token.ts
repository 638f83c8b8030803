/** A token below this can be found by trying; 16 random hexadecimal digits are above. */
const MIN_BITS = 30;

/** Whether a token is long enough, and not made of repetitions or sequences. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]{16,}$/.test(text) && estimateBits(text) >= MIN_BITS;
}

/**
 * How many bits must be guessed at most: of each character that does not follow from those before it, as many as the number of different
 * characters makes. What follows from those before: a repetition of what the text began with, and runs such as `aaaa`, `abcd` and `4321`.
 */
function estimateBits(text: string): number {
  const unit = text.slice(0, periodOf(text));
  const codes = Array.from(unit, (character) => character.charCodeAt(0));
  const unforeseen = codes.filter((code, index) => {
    const [beforeThat = NaN, before = NaN] = codes.slice(Math.max(0, index - 2), index);
    const step = before - beforeThat;
    return !(Math.abs(step) <= 1 && before + step === code);
  });
  return unforeseen.length * Math.log2(new Set(codes).size);
}

/** The length of the shortest beginning whose repetition makes the text. */
function periodOf(text: string): number {
  for (let period = 1; period < text.length; period += 1) {
    if (text.startsWith(text.slice(period))) return period;
  }
  return text.length;
}
