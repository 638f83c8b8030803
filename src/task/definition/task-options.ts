import type { DurationInput } from "../../lib/duration.ts";
import type { ErrorSchemas } from "./declared-errors.ts";
import type { TaskContext } from "./context.ts";
import type { ErrorMatch } from "../retry/error-match.ts";
import type { TaskHooks } from "./hooks.ts";
import type { ConcurrencyInput, RateLimitInput } from "../limits/limits.ts";
import type { Pool } from "./pool.ts";
import type { Priority } from "./priority.ts";
import type { ResultBackend, ResultsExpire } from "../records/results.ts";
import type { RetryOptions } from "../retry/retry.ts";
import type { DefinitionSchedule } from "../schedule/schedule-input.ts";
import type { InputOf, ParsedOf, Schema } from "./schema.ts";
import type { UniqueConflict } from "../call/unique.ts";

/**
 * The options of `defineTask`. `In` and `Out` are the types of the two schemas, `Errors` that of
 * the schemas of declared errors.
 */
export interface TaskOptions<
  In extends Schema | undefined,
  Out extends Schema | undefined,
  Result,
  Errors extends ErrorSchemas | undefined = undefined,
> {
  /**
   * Name of the task, unique in an app. It also names the mutation: `mail.send` ->
   * `enqueueMailSend`.
   */
  readonly name: string;
  /** Description for the GraphQL schema and the dashboard. */
  readonly description?: string;
  /**
   * Schema of the input, checked at the enqueue and before the run. Its JSON Schema becomes the
   * GraphQL input type.
   * @default none: any JSON is accepted
   */
  readonly input?: In;
  /** Schema of the output. An output that does not fit fails the attempt for good. @default none */
  readonly output?: Out;
  /**
   * Errors that callers can act on, each with the schema of its data:
   * `{ NoSuchAccount: z.object({ account: z.string() }) }`. The code throws
   * `ctx.error("NoSuchAccount", { account })`. The name and the data are stored with the attempt,
   * and typed for who awaits the result and in GraphQL.
   * @default none
   */
  readonly errors?: Errors;
  /** Queue of its tasks. @default decided by the `routes` of the app, else "default" */
  readonly queue?: string;
  /** Priority of its tasks. @default decided by the `routes` of the app, else "NORMAL" */
  readonly priority?: Priority;
  readonly retry?: RetryOptions;
  /**
   * Errors that are expected in operation, such as an unreachable host. They are recorded and
   * retried like others, but the worker logs them at info, without a stack.
   * @default none
   */
  readonly expectedErrors?: ErrorMatch;
  /**
   * Time limit of one attempt. `ctx.signal` aborts then, and the attempt fails.
   * @default the setting of the worker, else none
   */
  readonly timeLimit?: DurationInput;
  /**
   * Soft time limit of one attempt, below `timeLimit`. `ctx.signal` aborts then with
   * `SoftTimeLimitExceeded`, so that the code can clean up and return or throw.
   * @default the setting of the worker, else none
   */
  readonly softTimeLimit?: DurationInput;
  /**
   * Where attempts run: `"async"` in the thread of the worker, beside other tasks; `"threads"` in a
   * separate thread, for code that computes for long; `"processes"` in a child process, for code
   * that may also crash or use much memory. The latter two need a definition that is exported from
   * a file of the setting `tasks`, and have no `ctx.transaction`.
   * @default the setting `pool` of the worker
   */
  readonly pool?: Pool;
  /**
   * Rate limit of starts over all workers: `"100/s"`, `"10/m"`, `"5/h"`, `"1000/d"`, or
   * `{ limit: "10/m", key: "customerId" }` for each value of a key. A key is a path into the input,
   * or a function of it. Tasks above the limit wait, without delaying others.
   * @default none
   */
  readonly rateLimit?: RateLimitInput<InputOf<In>>;
  /**
   * Number of its tasks that may run at the same time, over all workers: `5`,
   * `{ max: 5, key: "customerId" }` for each value of a key with fair turns, or an array of both,
   * such as 10 in total and 2 per customer.
   * @default none
   */
  readonly concurrency?: ConcurrencyInput<InputOf<In>>;
  /**
   * Sensitive fields of the input: paths such as `"card.number"` or `"items.*.secret"`. Only the
   * task code sees their values. Fields with `sensitive: true` in the schema (zod:
   * `.meta({ sensitive: true })`) are added. With `encryptionKeys` they are encrypted in the
   * database.
   * @default none
   */
  readonly sensitive?: readonly string[];
  /**
   * Returns the unique key of a task for its input; null or undefined for none. Equal inputs must
   * give equal keys. The key is prefixed with the name of the task. A `uniqueKey` of the call
   * overrides it.
   * @default none
   */
  readonly uniqueKey?: (input: ParsedOf<In>) => string | null | undefined;
  /**
   * What a call does if an unfinished task has its unique key; see `EnqueueOptions`.
   * @default "RETURN"
   */
  readonly onConflict?: UniqueConflict;
  /**
   * Delays the start until this long after the latest call with the same unique key. The task gets
   * the input of that call. Tasks without a key start at once.
   * @default none
   */
  readonly debounce?: DurationInput;
  /** Longest delay by `debounce` after the first call. @default none */
  readonly maxWait?: DurationInput;
  /** Tags of every task of this definition. @default none */
  readonly tags?: readonly string[];
  /**
   * How long ended tasks are kept: `"1d"`, or by state: `{ success: "1d", failure: "30d" }`.
   * @default the setting `resultsExpire`
   */
  readonly resultsExpire?: ResultsExpire;
  /** Whether to check the output but not store it: the result is null. @default false */
  readonly ignoreResult?: boolean;
  /**
   * Where outputs are stored: `database` (the row of the task), `redis` (relieves the database;
   * lost if Redis loses its data) or `none`. Without Redis, `redis` means the row.
   * @default the setting `resultBackend`
   */
  readonly resultBackend?: ResultBackend;
  /**
   * Schedules of the task. The first one may omit its name and is then named like the task.
   * @default none
   */
  readonly schedules?: readonly DefinitionSchedule[];
  /** Hooks for events of its tasks, called before the hooks of the app. @default none */
  readonly hooks?: TaskHooks;
  /** Reason why the definition and its mutation are deprecated. @default none */
  readonly deprecationReason?: string;
  /**
   * The task code. It may run again after a crash: protect outside effects by `ctx.idempotencyKey`
   * or `ctx.id`.
   */
  readonly run: (input: ParsedOf<In>, ctx: TaskContext<ParsedOf<In>, Errors>) => Promise<Result> | Result;
}
