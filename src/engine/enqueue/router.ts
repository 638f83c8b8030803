import { toError } from "../../lib/thrown.ts";
import { show } from "../../lib/quote.ts";
import { didYouMean } from "../../lib/suggestion.ts";
import { nameMatcher, readAnswer, type RouteProblem } from "../../task/call/check-routes.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import { isWorkerQueue } from "../../task/definition/names.ts";
import type { Priority } from "../../task/definition/priority.ts";
import type { Registry } from "../../task/definition/registry.ts";
import {
  DEFAULT_PRIORITY,
  DEFAULT_QUEUE,
  type QueuePolicy,
  type Route,
  type RoutedTask,
  type RouteFunction,
  type RouteRule,
} from "../../task/call/route.ts";

export interface RoutingOptions {
  readonly routes: readonly (RouteRule | RouteFunction)[];
  readonly queuePolicy: QueuePolicy;
  /** Queues that exist besides those that definitions and routes name. */
  readonly knownQueues: readonly string[];
}

/** The queue and the priority of a task, and the route that matched. */
export interface Destination {
  readonly queue: string;
  readonly priority: Priority;
  /** The route that matched, from 0; null when none did, or none was asked. */
  readonly route: (Route & { readonly index: number }) | null;
}

/** The queue and priority of the tasks of a definition, as far as they are known in advance. */
export interface RouteDefaults {
  readonly queue: string;
  readonly priority: Priority;
  /** Every queue that its tasks may go to, except for queues that only a function returns. */
  readonly queues: readonly string[];
}

/** Thrown when a route fails, or returns an invalid queue or priority. */
export class RouteError extends Error {
  override readonly name = "RouteError";
}

interface Step {
  /**
   * Matches by the name alone; null for a rule whose function reads the task, and for a function.
   */
  readonly byName: ((name: string) => boolean) | null;
  /** Its queue and priority, without those that a function returns. */
  readonly fixed: Route;
  /** Whether a function chooses its queue. */
  readonly asks: boolean;
  readonly decide: (task: RoutedTask) => unknown;
}

/**
 * Decides where tasks wait: first by the call, then by the definition, the routes, and the default.
 */
export class Router {
  readonly #steps: readonly Step[];
  readonly #policy: QueuePolicy;
  /** Queues that definitions, routes and the settings name, sorted. */
  readonly knownQueues: readonly string[];

  constructor(
    private readonly registry: Pick<Registry, "all">,
    { routes, queuePolicy, knownQueues }: RoutingOptions,
  ) {
    this.#steps = routes.map(toStep);
    this.#policy = queuePolicy;
    const ofRoutes = this.#steps.flatMap(({ fixed }) => fixed.queue ?? []);
    this.knownQueues = [...new Set([...this.queuesOfDefinitions(), ...ofRoutes, ...knownQueues])].sort();
  }

  /**
   * @param call the queue and the priority of the call
   * @param task makes the argument of routes; called only if there is one to ask
   * @throws RouteError
   */
  destinationOf(
    definition: Pick<AnyTaskDefinition, "queue" | "priority">,
    call: Route,
    task: () => RoutedTask,
  ): Destination {
    const queue = call.queue ?? definition.queue;
    const priority = call.priority ?? definition.priority;
    const decided = (queue !== null && priority !== null) || this.#steps.length === 0;
    const route = decided ? null : this.#find(task());
    return {
      queue: queue ?? route?.queue ?? DEFAULT_QUEUE,
      priority: priority ?? route?.priority ?? DEFAULT_PRIORITY,
      route,
    };
  }

  /** Queues that tasks may go to; null for any. */
  get allowedQueues(): readonly string[] | null {
    return this.#policy === "create" ? null : this.knownQueues;
  }

  /**
   * Returns where tasks wait whose calls choose nothing; null if a function of a route decides that
   * for each task.
   */
  fixedDestination(definition: Pick<AnyTaskDefinition, "name" | "queue" | "priority">): Destination | null {
    const { name, queue, priority } = definition;
    const first = this.#steps.find(({ byName }) => !byName || byName(name));
    const isAsked = queue === null || priority === null;
    if (isAsked && first && (first.byName === null || first.asks)) return null;
    const { queue: routed, priority: rank } = this.#defaultsByName(name);
    return { queue: queue ?? routed, priority: priority ?? rank, route: null };
  }

  /** Returns why a task cannot go to a queue, or null. */
  findQueueProblem(queue: string): { readonly message: string; readonly hint: string } | null {
    if (this.#policy === "create" || this.knownQueues.includes(queue) || isWorkerQueue(queue)) return null;
    const known = `Known: ${this.knownQueues.join(", ")}; the setting knownQueues names more.`;
    return {
      message: `Queue ${show(queue)} does not exist.`,
      hint: didYouMean(queue, this.knownQueues, known),
    };
  }

  defaults(definition: Pick<AnyTaskDefinition, "name" | "queue" | "priority">): RouteDefaults {
    const { name, queue, priority } = definition;
    if (queue !== null)
      return { queue, priority: priority ?? this.#defaultsByName(name).priority, queues: [queue] };
    const found = this.#defaultsByName(name);
    return priority === null ? found : { ...found, priority };
  }

  /** Returns the queues of the static routes of all definitions, and the default queue. */
  queuesOfDefinitions(): string[] {
    const queues = this.registry.all().flatMap((definition) => this.defaults(definition).queues);
    return [...new Set([DEFAULT_QUEUE, ...queues])];
  }

  #find(task: RoutedTask): Destination["route"] {
    for (const [index, { byName, decide }] of this.#steps.entries()) {
      if (byName && !byName(task.name)) continue;
      const route = ask(index, () => decide(task));
      if (route) return { ...route, index };
    }
    return null;
  }

  #defaultsByName(name: string): RouteDefaults {
    const queues: string[] = [];
    for (const { byName, fixed, asks } of this.#steps) {
      if (byName && !byName(name)) continue;
      if (fixed.queue !== undefined) queues.push(fixed.queue);
      // Routes after it are never asked.
      if (byName && !asks) {
        const { queue = DEFAULT_QUEUE, priority = DEFAULT_PRIORITY } = fixed;
        return { queue, priority, queues: [...queues, queue] };
      }
    }
    return { queue: DEFAULT_QUEUE, priority: DEFAULT_PRIORITY, queues: [...queues, DEFAULT_QUEUE] };
  }
}

const NO_ROUTES: RoutingOptions = { routes: [], queuePolicy: "create", knownQueues: [] };

/** For parts that are used without an app's settings. */
export function routerWithoutRoutes(): Router {
  return new Router({ all: () => [] }, NO_ROUTES);
}

function toStep(route: RouteRule | RouteFunction): Step {
  if (typeof route === "function") return { byName: null, fixed: {}, asks: true, decide: route };
  const { match = "*", queue, priority } = route;
  const fixed = {
    ...(typeof queue === "string" ? { queue } : {}),
    ...(priority === undefined ? {} : { priority }),
  };
  const lead = (task: RoutedTask): unknown =>
    typeof queue === "function" ? { ...fixed, queue: required(queue(task)) } : fixed;
  return {
    byName: typeof match === "function" ? null : nameMatcher(match),
    fixed,
    asks: typeof queue === "function",
    decide: typeof match === "function" ? (task) => (isMatch(match(task)) ? lead(task) : null) : lead,
  };
}

/**
 * A promise is truthy: without this check a rule with an asynchronous function would match every
 * task.
 */
function isMatch(answer: unknown): boolean {
  if (typeof answer === "boolean") return answer;
  throw new TypeError(
    `match: expected true or false, got ${answer instanceof Promise ? "a promise" : show(answer)}`,
  );
}

/**
 * A rule that matches must return a queue; only a function without a rule may leave the task to
 * later routes.
 */
function required(queue: unknown): unknown {
  return queue === undefined ? null : queue;
}

function ask(index: number, decide: () => unknown): Route | null {
  let answer: unknown;
  try {
    answer = decide();
  } catch (thrown) {
    const { name, message } = toError(thrown);
    throw new RouteError(`Route ${index} failed: ${name}: ${message}`, { cause: thrown });
  }
  const problems: RouteProblem[] = [];
  const route = readAnswer(answer, problems);
  const [problem] = problems;
  if (!problem) return route;
  const what = problem.path.length > 0 ? `as its ${problem.path.join(".")} ` : "";
  throw new RouteError(`Route ${index} gave ${what}${show(problem.found)}; expected ${problem.expected}.`);
}
