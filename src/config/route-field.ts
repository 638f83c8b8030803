import { z } from "zod";
import { readRoutes, type RouteProblem } from "../task/check-routes.ts";
import type { RouteFunction, RouteRule, Routes } from "../task/route.ts";

/** Routes, or their JSON. Every mistake is told with its place. */
export function routes() {
  return z.custom<Routes | string>().transform((input, context): readonly (RouteRule | RouteFunction)[] => {
    const problems: RouteProblem[] = [];
    const read = readRoutes(typeof input === "string" ? parse(input) : input, problems);
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
