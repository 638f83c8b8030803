/** Cuts a string to `max` characters; a cut one ends with "…". */
export function shorten(text: string, max = 80): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}

/** Returns a value as messages show it: as JSON, at most 80 characters. */
export function show(value: unknown): string {
  return shorten(JSON.stringify(value) ?? String(value));
}
