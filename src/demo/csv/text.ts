/**
 * Longest string in a result, in UTF-16 units: results are stored and sent, and values may be long.
 */
const MAX_LENGTH = 80;

/** The start of a string, as long as results allow; never half a character. */
export function shorten(text: string): string {
  if (text.length <= MAX_LENGTH) return text;
  const isHalf = (text.codePointAt(MAX_LENGTH - 1) ?? 0) > 0xffff;
  return text.slice(0, isHalf ? MAX_LENGTH - 1 : MAX_LENGTH);
}

/** A copy without references: a part of a longer string keeps all of it in memory. */
export function detach(text: string): string {
  return Buffer.from(text).toString();
}

/** A string for results: short, and without NUL, which PostgreSQL cannot store. */
export function presentable(text: string): string {
  return shorten(text).replaceAll("\0", "\uFFFD");
}
