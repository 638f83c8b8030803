/** Bits of the weakest token that cannot be guessed. 16 random hexadecimal digits have more. */
const MIN_BITS = 30;

/** Returns whether a token is long enough and does not consist of repetitions or sequences. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]{16,}$/.test(text) && estimateBits(text) >= MIN_BITS;
}

/**
 * Returns an upper bound of the bits that must be guessed. Each character counts by the number of
 * different characters, unless it follows from those before it: a repetition of the beginning, or a
 * run such as `aaaa`, `abcd` and `4321`.
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

/** Returns the length of the shortest prefix whose repetition gives the string. */
function periodOf(text: string): number {
  for (let period = 1; period < text.length; period += 1) {
    if (text.startsWith(text.slice(period))) return period;
  }
  return text.length;
}
