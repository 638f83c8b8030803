import type { Json } from "../../lib/json.ts";
import type { TaskContext } from "./context.ts";
import type { EnqueueOptions } from "../call/enqueue-options.ts";
import { checkHooks, type Hooks } from "./hooks.ts";

/** An enqueue that somebody asked for; nothing of it has been checked. */
export interface EnqueueCall {
  /** Name of the task definition. */
  readonly name: string;
  readonly args: Json;
  readonly options: EnqueueOptions;
  /** Who asks: the user of a GraphQL request; null elsewhere. */
  readonly createdBy: string | null;
}

/** What a middleware puts in place of what was asked for. */
export type EnqueueChange = Partial<Pick<EnqueueCall, "args" | "options">>;

/** Wraps what an app does for its tasks. The first of a list is the outermost. */
export interface Middleware {
  /** In log records. */
  readonly name?: string;
  /**
   * Before an enqueue is checked, in the process that enqueues: gives what to change, or throws to refuse it. A `RefusedError` reaches every caller
   * as it is; any other error reaches callers in TypeScript, while GraphQL hides it as an internal one.
   */
  // oxlint-disable-next-line typescript/no-invalid-void-type -- authors write functions that return nothing
  readonly enqueue?: (call: EnqueueCall) => EnqueueChange | void | Promise<EnqueueChange | void>;
  /**
   * Around the task's own code, in the process that runs it. `next` runs the rest and gives what it returned; what `run` returns becomes the output.
   * What it throws is what the attempt threw. Time limits count it in.
   */
  readonly run?: (ctx: TaskContext, next: () => Promise<unknown>) => unknown;
}

/** What an app does besides running its tasks. */
export interface Extensions {
  /** Told of what happened. @default none */
  readonly hooks?: Hooks;
  /** Wraps enqueues and runs. @default [] */
  readonly middleware?: readonly Middleware[];
}

/** Adds a line to `problems` for each mistake. */
export function checkExtensions({ hooks, middleware }: Extensions, problems: string[]): void {
  checkHooks(hooks, "app", problems);
  if (middleware === undefined) return;
  if (!Array.isArray(middleware)) {
    problems.push("middleware must be a list such as [{ run: (ctx, next) => next() }]");
    return;
  }
  for (const [index, one] of (middleware as readonly unknown[]).entries()) {
    const { enqueue, run } = (one ?? {}) as Readonly<Record<string, unknown>>;
    const fit = [enqueue, run].every((part) => part === undefined || typeof part === "function");
    if (!fit || (enqueue === undefined && run === undefined))
      problems.push(`middleware[${index}] must have a function enqueue, or run, or both`);
  }
}
