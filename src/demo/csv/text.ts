/** Longest text of a result, in UTF-16 units: results are stored and sent around, files may hold novels. */
const LONGEST_SHOWN = 80;

/** The beginning of a text, as much as results show; never half a character. */
export function shorten(text: string): string {
  if (text.length <= LONGEST_SHOWN) return text;
  const isHalf = (text.codePointAt(LONGEST_SHOWN - 1) ?? 0) > 0xffff;
  return text.slice(0, isHalf ? LONGEST_SHOWN - 1 : LONGEST_SHOWN);
}

/** A copy that is safe to keep: what was cut from a longer text, or trimmed, holds on to the memory of all of it. */
export function detach(text: string): string {
  return Buffer.from(text).toString();
}

/** As results may hold it: without NUL, which PostgreSQL cannot store. */
export function presentable(text: string): string {
  return shorten(text).replaceAll("\0", "\uFFFD");
}
