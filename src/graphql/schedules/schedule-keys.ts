import { RefusedError } from "../../errors.ts";
import { show } from "../../lib/quote.ts";
import { isUuid } from "../../lib/uuid.ts";
import type { ScheduleStore } from "../../store/schedules/schedule-store.ts";
import { refusal } from "../errors.ts";
import type { ScheduleByInput, ScheduleSelectionInput } from "./schedule-input.ts";

const MAX_VALUES = 1_000;

type ByNames = Pick<ScheduleStore, "byNames">;

/** A selection whose values are valid, each once. */
type Selection = { readonly ids: readonly string[] } | { readonly names: readonly string[] };

interface Found {
  readonly ids: readonly string[];
  /** Number of selected schedules, whether they exist or not. */
  readonly selected: number;
  /** The error about the first name that does not exist. An unknown ID is left to the engine. */
  readonly missing: RefusedError | null;
}

/** Whether a schedule may have the name. PostgreSQL would refuse a statement with another name. */
export function mayBeName(name: string): boolean {
  return !name.includes("\0") && name.isWellFormed();
}

/**
 * Returns the ID of a schedule.
 *
 * @throws RefusedError (NOT_FOUND, INVALID_INPUT)
 */
export async function readBy({ id, name }: ScheduleByInput, store: ByNames): Promise<string> {
  if (typeof id === "string") {
    if (!isUuid(id)) throw refusal(["by", "id"], `expected a UUID, got ${show(id)}.`);
    return id.toLowerCase();
  }
  const wanted = name ?? "";
  const [found] = mayBeName(wanted) ? await store.byNames([wanted]) : [];
  if (found) return found.id;
  throw nameNotFound(wanted, ["by", "name"]);
}

/**
 * Reads the schedules of a mutation.
 *
 * @throws RefusedError. Paths begin with `ids` or `names`.
 */
export function readSelection({ ids, names }: ScheduleSelectionInput): Selection {
  const key = ids ? "ids" : "names";
  const values = ids ?? names ?? [];
  if (values.length < 1 || values.length > MAX_VALUES)
    throw refusal([key], `expected 1 to ${MAX_VALUES} values, got ${values.length}.`);
  const odd = ids ? ids.findIndex((id) => !isUuid(id)) : -1;
  if (odd >= 0) throw refusal([key, String(odd)], `expected a UUID, got ${show(values[odd])}.`);
  const distinct = [...new Set(ids ? values.map((id) => id.toLowerCase()) : values)];
  return ids ? { ids: distinct } : { names: distinct };
}

/** Finds the IDs of selected schedules, in the order of the selection. */
export async function findIds(selection: Selection, store: ByNames): Promise<Found> {
  if ("ids" in selection) return { ids: selection.ids, selected: selection.ids.length, missing: null };
  const { names } = selection;
  const found = await store.byNames(names.filter(mayBeName));
  const idOf = new Map(found.map(({ id, name }) => [name, id]));
  const unknown = names.find((name) => !idOf.has(name));
  return {
    ids: names.flatMap((name) => idOf.get(name) ?? []),
    selected: names.length,
    missing: unknown === undefined ? null : nameNotFound(unknown, ["names"]),
  };
}

function nameNotFound(name: string, path: readonly string[]): RefusedError {
  const message = `There is no schedule named ${show(name)}.`;
  return new RefusedError([{ code: "NOT_FOUND", path, message }]);
}
