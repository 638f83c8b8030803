import type { DurationInput } from "../../lib/duration.ts";
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

/** What `defineTask` takes. `In` and `Out` are the types of the two schemas. */
export interface TaskOptions<In extends Schema | undefined, Out extends Schema | undefined, Result> {
  /** Unique in an app; gives the mutation its name: `mail.send` -> `enqueueMailSend`. */
  readonly name: string;
  /** Shown in the API's documentation and the dashboard. */
  readonly description?: string;
  /** Checks the input at enqueue and again before the run; its JSON Schema makes the GraphQL input type. Without it any JSON is taken. */
  readonly input?: In;
  /** Checks what `run` returns; a mismatch fails the attempt for good. */
  readonly output?: Out;
  /** Where its tasks wait. @default what the app's `routes` say, else "default" */
  readonly queue?: string;
  /** @default what the app's `routes` say, else "NORMAL" */
  readonly priority?: Priority;
  readonly retry?: RetryOptions;
  /**
   * Errors that are a part of the business, such as a host that is down: recorded and tried again like any other, but the worker's log tells
   * of them as information, without a stack. @default none
   */
  readonly expectedErrors?: ErrorMatch;
  /** Longest run of one attempt; `ctx.signal` aborts then, and the attempt counts as failed. @default the worker's setting, or no limit */
  readonly timeLimit?: DurationInput;
  /**
   * After so long `ctx.signal` aborts with `SoftTimeLimitExceeded`: time to clean up, save what is done, and return or throw. Below `timeLimit`.
   * @default the worker's setting, or no limit
   */
  readonly softTimeLimit?: DurationInput;
  /**
   * Where it runs: `"async"` in the worker's own thread, beside other tasks; `"threads"` in a thread of its own, which the worker can end, for
   * code that computes for long; `"processes"` in a child process of its own, for code that may also crash, or hoard memory. For the latter two
   * it must be exported from a file that the worker finds by `tasks`, and `ctx.transaction` is not there. @default the worker's `pool`
   */
  readonly pool?: Pool;
  /**
   * How often its tasks may start, over all workers: `"100/s"`, `"10/m"`, `"5/h"`, `"1000/d"`, or `{ limit: "10/m", key: "customerId" }`: so
   * often for each value of that key, which is a path into the input or a function of it. Tasks over the limit wait, and no others with
   * them. A call cannot lift it. @default no limit
   */
  readonly rateLimit?: RateLimitInput<InputOf<In>>;
  /**
   * How many of its tasks may run at once, over all workers: `5`, or `{ max: 5, key: "customerId" }`: so many for each value of that key, by
   * fair turns; or a list of both, such as 10 in all and 2 of each customer. @default no limit but the workers' own
   */
  readonly concurrency?: ConcurrencyInput<InputOf<In>>;
  /**
   * Fields of the input that are shown to nobody but the code that runs: paths such as `"card.number"` or `"items.*.secret"`; fields whose schema
   * says `sensitive: true` (in zod: `.meta({ sensitive: true })`) are added. With `encryptionKeys` they are encrypted in the database.
   */
  readonly sensitive?: readonly string[];
  /**
   * The unique key of a task, made of its input; null or undefined for a task without one. It must give the same key for the same input. In
   * front of it stands the task's name. A key that a call gives goes before.
   */
  readonly uniqueKey?: (input: ParsedOf<In>) => string | null | undefined;
  /** What becomes of a call whose unique key an unfinished task holds; see `EnqueueOptions`. @default "RETURN" */
  readonly onConflict?: UniqueConflict;
  /** Starts so long after the latest call with the same unique key, with the input of that call. Tasks without a key start at once. */
  readonly debounce?: DurationInput;
  /** With `debounce`: starts no later than so long after the first of these calls. @default no bound */
  readonly maxWait?: DurationInput;
  /** Given to every task of this definition. */
  readonly tags?: readonly string[];
  /** How long ended tasks are kept: `"1d"`, or by how they ended: `{ success: "1d", failure: "30d" }`. @default the app's `resultsExpire` */
  readonly resultsExpire?: ResultsExpire;
  /** Checks the output, and does not keep it: the result is null. @default false */
  readonly ignoreResult?: boolean;
  /**
   * Where outputs are kept: in the `database`, in its task's row; in `redis`, where they do not burden the database, and are lost with a Redis
   * that loses its data; or nowhere (`none`). Without Redis, what should be there is in the database. @default the app's `resultBackend`
   */
  readonly resultBackend?: ResultBackend;
  /** When it is enqueued by itself. The first takes the task's name where it has none; any other needs one. */
  readonly schedules?: readonly DefinitionSchedule[];
  /** Told of what happens to its tasks, before the hooks of the app. @default none */
  readonly hooks?: TaskHooks;
  /** Marks the definition and its mutation as deprecated, with this reason. */
  readonly deprecationReason?: string;
  /** The work itself. It may run again after a crash: guard outside effects with `ctx.idempotencyKey` or `ctx.id`. */
  readonly run: (input: ParsedOf<In>, ctx: TaskContext<ParsedOf<In>>) => Promise<Result> | Result;
}
