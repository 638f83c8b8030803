import type { JsonObject } from "../../lib/json.ts";
import type { ErrorMatch } from "../retry/error-match.ts";
import type { TaskLimits } from "../limits/limits.ts";
import type { TaskHooks } from "./hooks.ts";
import type { Pool } from "./pool.ts";
import type { Priority } from "./priority.ts";
import type { ResultPolicy } from "../records/results.ts";
import type { RetryPolicy } from "../retry/retry.ts";
import type { DefinitionSchedule } from "../schedule/schedule-input.ts";
import type { Schema } from "./schema.ts";
import type { SensitivePath } from "../sensitive/sensitive.ts";
import type { UniquePolicy } from "../call/unique.ts";

/** Code registered under a name: a frozen value without side effects. `I` is what callers send, `O` what the task gives back. */
export interface TaskDefinition<I = never, O = unknown> {
  readonly kind: "lovage.task";
  readonly name: string;
  readonly description: string | null;
  readonly inputSchema: Schema | null;
  readonly outputSchema: Schema | null;
  /** JSON Schema 2020-12 of the input and the output; null without a schema. */
  readonly inputJsonSchema: JsonObject | null;
  readonly outputJsonSchema: JsonObject | null;
  /** Name of the generated mutation; null without an input schema. */
  readonly mutationField: string | null;
  /** Null where it does not say: then the app's routes decide, else it is "default". */
  readonly queue: string | null;
  /** Null where it does not say: then the app's routes decide, else it is NORMAL. */
  readonly priority: Priority | null;
  readonly retry: RetryPolicy;
  readonly expectedErrors: ErrorMatch | null;
  readonly timeLimitMs: number | null;
  readonly softTimeLimitMs: number | null;
  /** What it says about the results of its tasks. */
  readonly results: ResultPolicy;
  /** Where its attempts run; null where each worker decides. */
  readonly pool: Pool | null;
  /** How often its tasks may start, and how many may run at once; null for no limits. */
  readonly limits: TaskLimits | null;
  /** What it says about the unique keys of its tasks. */
  readonly unique: UniquePolicy;
  /** The ways to what is not to be shown of an input. */
  readonly sensitive: readonly SensitivePath[];
  readonly tags: readonly string[];
  readonly schedules: readonly DefinitionSchedule[];
  readonly hooks: TaskHooks | null;
  readonly deprecationReason: string | null;
  /** Takes the input and a TaskContext. */
  readonly run: (input: never, ctx: never) => unknown;
  /** Only for the type checker: what callers send and get. */
  readonly types?: { readonly input: I; readonly output: O };
}

/** A definition whose types nobody asks about any more. */
// oxlint-disable-next-line typescript/no-explicit-any -- the only type that every definition is assignable to, in both directions
export type AnyTaskDefinition = TaskDefinition<any, any>;

/** Whether a value that some module exports is a task definition; definitions of another copy of this package count too. */
export function isTaskDefinition(value: unknown): value is AnyTaskDefinition {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "lovage.task";
}
