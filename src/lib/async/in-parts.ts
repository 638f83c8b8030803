/** What became of one item: its result, or the error that it failed with alone. */
export type Part<Result> = { readonly result: Result } | { readonly error: unknown };

export interface InPartsOptions<Item, Result> {
  /** Handles items in one go; returns one result per item, in the same order. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  /**
   * Whether an error may be about all items, and not about one of them. Then the search for that
   * one ends when it finds none.
   */
  readonly isGeneral: (error: unknown) => boolean;
}

/**
 * Runs items in one go, and where that fails, in halves, until what fails is one item: it fails
 * alone, and its neighbours do not. One bad item of a thousand takes about twenty runs. Never
 * throws.
 */
export async function runInParts<Item, Result>(
  items: readonly Item[],
  options: InPartsOptions<Item, Result>,
): Promise<Part<Result>[]> {
  try {
    return (await options.run(items)).map((result) => ({ result }));
  } catch (error) {
    if (items.length <= 1) return items.map(() => ({ error }));
    const half = Math.ceil(items.length / 2);
    const first = await runInParts(items.slice(0, half), options);
    const rest = items.slice(half);
    const nothingWorks = first.every((part) => "error" in part && options.isGeneral(part.error));
    return [...first, ...(nothingWorks ? await runWhole(rest, options) : await runInParts(rest, options))];
  }
}

async function runWhole<Item, Result>(
  items: readonly Item[],
  { run }: InPartsOptions<Item, Result>,
): Promise<Part<Result>[]> {
  try {
    return (await run(items)).map((result) => ({ result }));
  } catch (error) {
    return items.map(() => ({ error }));
  }
}

/** Cuts a list into parts of at most `max` items, in order; a short one is its own only part. */
export function* partsOf<Item>(items: readonly Item[], max: number): Generator<readonly Item[]> {
  if (items.length <= max) {
    if (items.length > 0) yield items;
    return;
  }
  for (let start = 0; start < items.length; start += max) yield items.slice(start, start + max);
}
