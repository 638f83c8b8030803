import { QUEUE_NAME, QUEUE_NAME_RULE } from "../definition/names.ts";
import { PRIORITIES, type Priority } from "../definition/priority.ts";
import type { Route, RouteFunction, RouteRule } from "./route.ts";

/** One thing that is wrong with routes. */
export interface RouteProblem {
  /** From the routes on: `["2", "queue"]`. */
  readonly path: readonly string[];
  /** Completes the sentence "expected …". */
  readonly expected: string;
  readonly found: unknown;
}

const GLOB = /^[\w.:*?-]{1,128}$/;
const KEYS: readonly string[] = ["match", "queue", "priority"] satisfies (keyof RouteRule)[];
const ROUTES_RULE =
  'a list of routes such as {"match": "mail.*", "queue": "mail"}, or a function that chooses';
const QUEUE_RULE = `the name of a queue (${QUEUE_NAME_RULE})`;
const PRIORITY_RULE = `one of ${PRIORITIES.join(", ")}`;

/** Reads routes as they are written; adds to `problems` what cannot be used. */
export function readRoutes(value: unknown, problems: RouteProblem[]): readonly (RouteRule | RouteFunction)[] {
  if (typeof value === "function") return [value as RouteFunction];
  if (!Array.isArray(value)) {
    problems.push({ path: [], expected: ROUTES_RULE, found: value });
    return [];
  }
  const routes: readonly unknown[] = value;
  for (const [index, route] of routes.entries())
    if (typeof route !== "function") checkRule(route, [String(index)], problems);
  return routes as readonly (RouteRule | RouteFunction)[];
}

function checkRule(rule: unknown, path: readonly string[], problems: RouteProblem[]): void {
  const refuse = (key: string | null, expected: string, found: unknown): void => {
    problems.push({ path: key === null ? path : [...path, key], expected, found });
  };
  if (typeof rule !== "object" || rule === null || Array.isArray(rule))
    return refuse(null, 'a rule such as {"match": "mail.*", "queue": "mail"}, or a function', rule);
  for (const key of Object.keys(rule))
    if (!KEYS.includes(key)) refuse(key, `none of this name; a rule has ${KEYS.join(", ")}`, { [key]: "…" });
  const { match, queue, ...rest } = rule as Partial<Record<keyof RouteRule, unknown>>;
  if (match !== undefined && !isMatch(match)) {
    const expected =
      "a task's name in which * stands for any characters and ? for one, a regular expression, or a function";
    refuse("match", expected, match);
  }
  // A function's answer is looked at when it is there.
  checkRoute(typeof queue === "function" ? rest : { queue, ...rest }, path, problems);
  if (queue === undefined && rest.priority === undefined)
    refuse(null, "a rule with a queue, a priority or both", rule);
}

function isMatch(match: unknown): boolean {
  return (
    typeof match === "function" || match instanceof RegExp || (typeof match === "string" && GLOB.test(match))
  );
}

function isQueue(queue: unknown): queue is string {
  return typeof queue === "string" && QUEUE_NAME.test(queue);
}

function isPriority(priority: unknown): priority is Priority {
  return (PRIORITIES as readonly unknown[]).includes(priority);
}

/** Reads what a function of a route gave; adds to `problems` what cannot be used. */
export function readAnswer(answer: unknown, problems: RouteProblem[]): Route | null {
  if (answer === undefined || answer === null) return null;
  if (typeof answer === "string") {
    if (!isQueue(answer)) problems.push({ path: [], expected: QUEUE_RULE, found: answer });
    return { queue: answer };
  }
  if (typeof answer === "object" && !Array.isArray(answer) && !(answer instanceof Promise)) {
    checkRoute(answer, [], problems);
    return answer as Route;
  }
  const expected = 'the name of a queue, such as "mail", {"queue": "mail", "priority": "HIGH"}, or nothing';
  problems.push({ path: [], expected, found: answer instanceof Promise ? "a promise" : answer });
  return null;
}

/** Adds to `problems` a queue and a priority that are given and cannot be used. */
function checkRoute(route: object, path: readonly string[], problems: RouteProblem[]): void {
  const { queue, priority } = route as Partial<Record<keyof Route, unknown>>;
  if (queue !== undefined && !isQueue(queue))
    problems.push({ path: [...path, "queue"], expected: QUEUE_RULE, found: queue });
  if (priority !== undefined && !isPriority(priority))
    problems.push({ path: [...path, "priority"], expected: PRIORITY_RULE, found: priority });
}

/** Whether a task's name is one that a glob or a regular expression means. */
export function nameMatcher(match: string | RegExp): (name: string) => boolean {
  // Without the flags that make a regular expression remember where it was.
  if (match instanceof RegExp) {
    const pattern = new RegExp(match.source, match.flags.replaceAll(/[gy]/g, ""));
    return (name) => pattern.test(name);
  }
  const source = match
    .replaceAll(/[.:-]/g, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const pattern = new RegExp(`^${source}$`);
  return (name) => pattern.test(name);
}
