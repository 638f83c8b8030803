import type { Issue } from "../../errors.ts";
import type { Json } from "../../lib/json.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import type { EnqueueOptions, ResolvedEnqueueOptions } from "../../task/call/enqueue-options.ts";
import { DEFAULT_PRIORITY, DEFAULT_QUEUE } from "../../task/call/route.ts";
import { type Place, RouteError, type Router } from "./router.ts";

/** A task whose input and options were found good. */
export interface Unplaced {
  readonly definition: Pick<AnyTaskDefinition, "name" | "queue" | "priority">;
  readonly args: Json;
  /** As the caller sent them, for routes. */
  readonly options: EnqueueOptions;
  readonly resolved: Pick<ResolvedEnqueueOptions, "queue" | "priority">;
  readonly tags: readonly string[];
}

/** Of a task that is refused anyway. */
export const NOWHERE: Place = { queue: DEFAULT_QUEUE, priority: DEFAULT_PRIORITY, route: null };

export interface Placing {
  /** Where the request stands in the caller's input. */
  readonly path: readonly string[];
  /** Gets an entry for what is wrong. */
  readonly issues: Issue[];
  readonly router: Pick<Router, "place" | "findQueueProblem">;
  /** Told where the task will wait. */
  readonly onPlaced?: (place: Place) => void;
}

/** Where a task will wait. Adds to `issues` why it cannot. */
export function placeTask(
  { definition, args, options, resolved: { queue, priority }, tags }: Unplaced,
  { path, issues, router, onPlaced }: Placing,
): Place {
  const said = { ...(queue === undefined ? {} : { queue }), ...(priority === undefined ? {} : { priority }) };
  try {
    const place = router.place(definition, said, () => ({ name: definition.name, args, options, tags }));
    const problem = router.findQueueProblem(place.queue);
    if (problem) issues.push({ code: "NOT_FOUND", path: [...path, "options", "queue"], ...problem });
    else onPlaced?.(place);
    return place;
  } catch (error) {
    if (!(error instanceof RouteError)) throw error;
    const hint = "Correct the setting routes, or say the queue and the priority in the call.";
    issues.push({ code: "ILLEGAL_STATE", path: [...path, "options", "queue"], message: error.message, hint });
    return NOWHERE;
  }
}
