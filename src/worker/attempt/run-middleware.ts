import type { TaskContext } from "../../task/definition/context.ts";
import type { Middleware } from "../../task/definition/middleware.ts";

/** Runs a task's code within the middleware, the first of the list outermost. */
export function runWithin(middleware: readonly Middleware[], ctx: TaskContext, run: () => unknown): unknown {
  const from = (index: number): unknown => {
    const one = middleware[index];
    if (!one) return run();
    if (!one.run) return from(index + 1);
    let called = false;
    const next = async (): Promise<unknown> => {
      if (called)
        throw new Error(`The middleware ${one.name ?? index} called next() twice: an attempt runs once.`);
      called = true;
      return from(index + 1);
    };
    return one.run(ctx, next);
  };
  return from(0);
}
