import { closest } from "./suggestion.ts";

export interface UnknownName {
  readonly name: string;
  /** The nearest that is known, else all of them: `did you mean retries?` or `known: a, b`. */
  readonly remedy: string;
}

/**
 * Those of some names that are not known.
 *
 * @param prefix where they stand, such as `"config."`; remedies repeat it
 */
export function unknownNames(names: readonly string[], known: readonly string[], prefix = ""): UnknownName[] {
  return names
    .filter((name) => !known.includes(name))
    .map((name) => {
      const near = closest(name, known);
      const remedy = near === null ? `known: ${known.join(", ")}` : `did you mean ${prefix}${near}?`;
      return { name, remedy };
    });
}

/** A remedy that stands by itself. */
export function asSentence(remedy: string): string {
  return `${remedy[0]?.toUpperCase() ?? ""}${remedy.slice(1)}${remedy.endsWith("?") ? "" : "."}`;
}
