import { show } from "../../lib/quote.ts";
import type { Json } from "../../lib/json/json.ts";
import type { TaskContext } from "./context.ts";
import type { EnqueueOptions } from "../call/enqueue-options.ts";
import { checkHooks, type Hooks } from "./hooks.ts";

/** A requested enqueue, not checked yet. */
export interface EnqueueCall {
  /** Name of the task definition. */
  readonly name: string;
  readonly args: Json;
  readonly options: EnqueueOptions;
  /** User of the GraphQL request; null for other callers. */
  readonly createdBy: string | null;
}

/** Changes by a middleware. */
export type EnqueueChange = Partial<Pick<EnqueueCall, "args" | "options">>;

/** Wraps enqueues and runs of an app. The first middleware of an array is the outermost. */
export interface Middleware {
  /** Name in log records. */
  readonly name?: string;
  /**
   * Called before an enqueue is checked, in the process that enqueues. Returns changes, or throws
   * to refuse it. A `RefusedError` reaches every caller; other errors reach callers in TypeScript,
   * and GraphQL hides them as internal errors.
   */
  // oxlint-disable-next-line typescript/no-invalid-void-type -- middleware may return nothing
  readonly enqueue?: (call: EnqueueCall) => EnqueueChange | void | Promise<EnqueueChange | void>;
  /**
   * Called around the task code, in the process that runs it. `next` runs the rest and returns its
   * output; the return value becomes the output of the task. What it throws is the error of the
   * attempt. Time limits include it.
   */
  readonly run?: (ctx: TaskContext, next: () => Promise<unknown>) => unknown;
}

/** Extensions of an app. */
export interface Extensions {
  /** Hooks. @default none */
  readonly hooks?: Hooks;
  /** Middleware. @default [] */
  readonly middleware?: readonly Middleware[];
}

/** Adds a line to `problems` for each mistake. */
export function checkExtensions({ hooks, middleware }: Extensions, problems: string[]): void {
  checkHooks(hooks, "app", problems);
  if (middleware === undefined) return;
  if (!Array.isArray(middleware)) {
    problems.push(
      `middleware: expected an array such as [{ run: (ctx, next) => next() }], got ${show(middleware)}`,
    );
    return;
  }
  for (const [index, one] of (middleware as readonly unknown[]).entries()) {
    const { enqueue, run } = (one ?? {}) as Readonly<Record<string, unknown>>;
    const fit = [enqueue, run].every((part) => part === undefined || typeof part === "function");
    if (!fit || (enqueue === undefined && run === undefined))
      problems.push(`middleware[${index}]: expected a function enqueue, or run, or both, got ${show(one)}`);
  }
}
