import type { JsonObject } from "../../lib/json/json.ts";
import type { ErrorSchemas } from "./declared-errors.ts";
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

/**
 * A task definition: code registered under a name. A frozen value without side effects. `I` is the
 * type of the input, `O` that of the output, `N` that of the name, `E` that of the data of its
 * declared errors, by name.
 */
export interface TaskDefinition<I = never, O = unknown, N extends string = string, E = unknown> {
  readonly kind: "lovage.task";
  readonly name: N;
  readonly description: string | null;
  readonly inputSchema: Schema | null;
  readonly outputSchema: Schema | null;
  /** JSON Schema 2020-12 of the input and the output; null without a schema. */
  readonly inputJsonSchema: JsonObject | null;
  readonly outputJsonSchema: JsonObject | null;
  /** Schemas of the data of declared errors, by name; null without `errors`. */
  readonly errorSchemas: ErrorSchemas | null;
  /** JSON Schema 2020-12 of the data of declared errors, by name. */
  readonly errorJsonSchemas: Readonly<Record<string, JsonObject>>;
  /** Name of the generated mutation; null without an input schema. */
  readonly mutationField: string | null;
  /** Null: decided by the routes of the app, else "default". */
  readonly queue: string | null;
  /** Null: decided by the routes of the app, else NORMAL. */
  readonly priority: Priority | null;
  readonly retry: RetryPolicy;
  readonly expectedErrors: ErrorMatch | null;
  readonly timeLimitMs: number | null;
  readonly softTimeLimitMs: number | null;
  /** Result policy of its tasks. */
  readonly results: ResultPolicy;
  /** Pool of its attempts; null if each worker decides. */
  readonly pool: Pool | null;
  /** Rate and concurrency limits; null for none. */
  readonly limits: TaskLimits | null;
  /** Unique policy of its tasks. */
  readonly unique: UniquePolicy;
  /** Paths of the sensitive fields of the input. */
  readonly sensitive: readonly SensitivePath[];
  readonly tags: readonly string[];
  readonly schedules: readonly DefinitionSchedule[];
  readonly hooks: TaskHooks | null;
  readonly deprecationReason: string | null;
  /** Takes the input and a TaskContext. */
  readonly run: (input: never, ctx: never) => unknown;
  /** For the type checker only: types of input, output and declared errors. */
  readonly types?: { readonly input: I; readonly output: O; readonly errors: E };
}

/** A definition of any types. */
// oxlint-disable-next-line typescript/no-explicit-any -- the only type that every definition is assignable to, in both directions
export type AnyTaskDefinition = TaskDefinition<any, any, string, any>;

/**
 * Returns whether a value is a task definition. Definitions of another copy of this package count,
 * too.
 */
export function isTaskDefinition(value: unknown): value is AnyTaskDefinition {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "lovage.task";
}
