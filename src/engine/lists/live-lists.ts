import type { TaskFilter } from "../../store/reading/task-reader.ts";
import type { Delivery } from "../events/event-subscription.ts";
import type { ListSubscription } from "./list-subscription.ts";
import { LiveList, type LiveListParts, type ListQuery } from "./live-list.ts";

/** Most different filters of a process: each holds up to 200 tasks in memory. */
export const MAX_LISTS = 100;

/** A process already has MAX_LISTS lists. */
export class TooManyLists extends Error {}

/** The live lists of a process. Subscribers with equal filters share one. */
export class LiveLists {
  readonly #lists = new Map<string, LiveList>();

  constructor(private readonly parts: LiveListParts) {}

  /** Number of different lists with subscribers. */
  get size(): number {
    return this.#lists.size;
  }

  /**
   * Subscribes to the first tasks that match a filter. The iterator must be ended by `return()`.
   * @throws TooManyLists
   * @throws UnavailableError if the tasks or the position of the events cannot be read
   */
  async subscribe(query: ListQuery, first: number, delivery: Delivery): Promise<ListSubscription> {
    const key = keyOf(query.filter);
    const list = this.#lists.get(key) ?? this.#open(key, query);
    await list.ready;
    // The last of the others may have left meanwhile.
    if (this.#lists.get(key) !== list) return this.subscribe(query, first, delivery);
    return list.join(first, delivery);
  }

  #open(key: string, query: ListQuery): LiveList {
    if (this.#lists.size >= MAX_LISTS) throw new TooManyLists();
    const list: LiveList = new LiveList(this.parts, query, () => {
      if (this.#lists.get(key) === list) this.#lists.delete(key);
    });
    this.#lists.set(key, list);
    return list;
  }
}

/** Returns the same text for equal filters. The order of values in a list does not matter. */
function keyOf(filter: TaskFilter): string {
  const conditions = Object.entries(filter).map(([name, value]) => {
    const isList = Array.isArray(value);
    return [name, isList ? [...new Set(value as string[])].toSorted() : value] as const;
  });
  return JSON.stringify(conditions.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
