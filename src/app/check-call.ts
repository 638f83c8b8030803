import { show } from "../lib/quote.ts";
import { isTaskDefinition } from "../task/definition/definition.ts";

/** These tell callers without a compiler what it would have told them. @throws TypeError */
export function checkDefinition(definition: unknown): void {
  if (isTaskDefinition(definition)) return;
  throw new TypeError(
    `The definition must be what defineTask returns, and not a name or its promise; got ${show(definition)}.`,
  );
}

export function checkItems(items: unknown): void {
  if (!Array.isArray(items))
    throw new TypeError(`The items must be a list of { input, options }; got ${show(items)}.`);
  for (const [index, item] of items.entries())
    if (typeof item !== "object" || item === null)
      throw new TypeError(`Item ${index} must be { input, options }; got ${show(item)}.`);
}

export function checkWorkerNames(names: unknown): void {
  if (names === null || (Array.isArray(names) && names.every((name) => typeof name === "string"))) return;
  throw new TypeError(`workers must be a list of names, or left out for all of them; got ${show(names)}.`);
}
