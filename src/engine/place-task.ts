import type { Issue } from "../errors.ts";
import type { Json } from "../lib/json.ts";
import type { AnyTaskDefinition } from "../task/definition.ts";
import type { EnqueueOptions, ResolvedEnqueueOptions } from "../task/enqueue.ts";
import { DEFAULT_PRIORITY, DEFAULT_QUEUE } from "../task/route.ts";
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

/** Where a task will wait. Adds to `issues` why it cannot; their paths begin with `path`, that of its options. */
export function placeTask(
  { definition, args, options, resolved: { queue, priority }, tags }: Unplaced,
  router: Pick<Router, "place" | "findQueueProblem">,
  path: readonly string[],
  issues: Issue[],
): Place {
  const said = { ...(queue === undefined ? {} : { queue }), ...(priority === undefined ? {} : { priority }) };
  try {
    const place = router.place(definition, said, () => ({ name: definition.name, args, options, tags }));
    const problem = router.findQueueProblem(place.queue);
    if (problem) issues.push({ code: "NOT_FOUND", path: [...path, "queue"], ...problem });
    return place;
  } catch (error) {
    if (!(error instanceof RouteError)) throw error;
    const hint = "Correct the setting routes, or say the queue and the priority in the call.";
    issues.push({ code: "ILLEGAL_STATE", path: [...path, "queue"], message: error.message, hint });
    return NOWHERE;
  }
}
