/** Cuts a list into parts of at most `max` items, in order; a short one is its own only part. */
export function* partsOf<Item>(items: readonly Item[], max: number): Generator<readonly Item[]> {
  if (items.length <= max) {
    if (items.length > 0) yield items;
    return;
  }
  for (let start = 0; start < items.length; start += max) yield items.slice(start, start + max);
}
