import { z } from "zod";
import { readRoutes, type RouteProblem } from "../task/call/check-routes.ts";
import type { RouteFunction, RouteRule, Routes } from "../task/call/route.ts";

/**
 * Routes, or their JSON. Every mistake is reported with its path. The type does not include
 * strings: with them the compiler would take `match` for the method of String, and functions in the
 * routes of a file would have no types.
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

/** Returns a string that is not JSON unchanged; it is refused later. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
