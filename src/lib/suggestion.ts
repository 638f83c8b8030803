/**
 * Returns the candidate that a mistyped word most likely means: one that begins with the word, or
 * differs from it by a few letters. Returns null if none is near.
 */
export function closest(word: string, candidates: readonly string[]): string | null {
  // A plural stands for its singular: `retries` for `retry`.
  const wanted = word.toLowerCase().replace(/ies$/, "y");
  // One letter is near to every other.
  const allowed = wanted.length === 1 ? 0 : Math.max(1, Math.floor(wanted.length / 3));
  let best: { readonly candidate: string; readonly distance: number } | null = null;
  for (const candidate of candidates) {
    const distance = distanceOf(wanted, candidate.toLowerCase());
    if (distance <= allowed && (best === null || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate ?? null;
}

/** Zero for an abbreviation, else the letters to change, add, drop or swap with their neighbour. */
function distanceOf(wanted: string, candidate: string): number {
  if (wanted.length >= 3 && candidate.startsWith(wanted)) return 0;
  const rows = [Array.from({ length: candidate.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= wanted.length; row += 1) {
    const [previous, beforeThat] = [rows[row - 1]!, rows[row - 2]];
    const current = [row];
    for (let column = 1; column <= candidate.length; column += 1) {
      const isSame = wanted[row - 1] === candidate[column - 1];
      const isSwapped =
        wanted[row - 1] === candidate[column - 2] && wanted[row - 2] === candidate[column - 1];
      const swapped = beforeThat && isSwapped ? beforeThat[column - 2]! + 1 : Infinity;
      const changed = previous[column - 1]! + (isSame ? 0 : 1);
      current.push(Math.min(changed, previous[column]! + 1, current[column - 1]! + 1, swapped));
    }
    rows.push(current);
  }
  return rows[wanted.length]![candidate.length]!;
}

/**
 * Returns the remedy for an unknown name: `Did you mean "x"?`, or `otherwise` if no known name is
 * near.
 *
 * @param write returns a name as it is shown, such as a flag. @default the name in double quotes
 */
export function didYouMean<Otherwise extends string | undefined>(
  word: string,
  known: readonly string[],
  otherwise: Otherwise,
  write: (name: string) => string = (name) => `"${name}"`,
): string | Otherwise {
  const near = closest(word, known);
  return near === null ? otherwise : `Did you mean ${write(near)}?`;
}

export interface UnknownName {
  readonly name: string;
  /** A sentence: `Did you mean retries?`, or all known names: `Known: a, b.` */
  readonly remedy: string;
}

/**
 * Returns the names that are not known, each with a remedy.
 *
 * @param prefix where the names stand, such as `"config."`; remedies repeat it
 */
export function unknownNames(names: readonly string[], known: readonly string[], prefix = ""): UnknownName[] {
  const all = `Known: ${known.join(", ")}.`;
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({ name, remedy: didYouMean(name, known, all, (near) => prefix + near) }));
}
