import { z } from "zod";
import { readRoutes, type RouteProblem } from "../task/call/check-routes.ts";
import type { RouteFunction, RouteRule, Routes } from "../task/call/route.ts";

/**
 * Routes, or their JSON. Every mistake is told with its place. The type is that of the first alone: with texts in it, the compiler would take
 * `match` for the method of texts, and the functions in a file's routes would have no types.
 */
export function routes() {
  return z.custom<Routes>().transform((input, context): readonly (RouteRule | RouteFunction)[] => {
    const problems: RouteProblem[] = [];
    const read = readRoutes(typeof input === "string" ? parse(input) : (input as unknown), problems);
    for (const { path, expected, found } of problems)
      context.addIssue({ code: "custom", message: expected, path: [...path], params: { found } });
    return problems.length > 0 ? z.NEVER : read;
  });
}

/** What is no JSON stays as it is, and is refused as such. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
