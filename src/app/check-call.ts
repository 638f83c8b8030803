import { show } from "../lib/quote.ts";
import { isTaskDefinition } from "../task/definition/definition.ts";

/** Checks for callers without a compiler. @throws TypeError */
export function checkDefinition(definition: unknown): void {
  if (isTaskDefinition(definition)) return;
  throw new TypeError(
    `definition: expected what defineTask returns, not a name or a promise; got ${show(definition)}.`,
  );
}

export function checkItems(items: unknown): void {
  if (!Array.isArray(items))
    throw new TypeError(`items: expected an array of { input, options }; got ${show(items)}.`);
  for (const [index, item] of items.entries())
    if (typeof item !== "object" || item === null)
      throw new TypeError(`items.${index}: expected { input, options }; got ${show(item)}.`);
}

export function checkWorkerNames(names: unknown): void {
  if (names === null || (Array.isArray(names) && names.every((name) => typeof name === "string"))) return;
  throw new TypeError(
    `workers: expected an array of names, got ${show(names)}. Leave it out for all workers.`,
  );
}
