import type { DurationInput } from "../lib/duration.ts";
import type { TaskContext } from "./context.ts";
import type { ErrorMatch } from "./error-match.ts";
import type { ConcurrencyInput, RateLimitInput } from "./limits.ts";
import type { Pool } from "./pool.ts";
import type { Priority } from "./priority.ts";
import type { RetryOptions } from "./retry.ts";
import type { DefinitionSchedule } from "./schedule-input.ts";
import type { InputOf, ParsedOf, Schema } from "./schema.ts";

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
  /** @default "default" */
  readonly queue?: string;
  /** @default "NORMAL" */
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
  /** Given to every task of this definition. */
  readonly tags?: readonly string[];
  /** How long finished tasks are kept. @default the app's `resultsExpire` */
  readonly resultsExpire?: DurationInput;
  /** When it is enqueued by itself. The first takes the task's name where it has none; any other needs one. */
  readonly schedules?: readonly DefinitionSchedule[];
  /** Marks the definition and its mutation as deprecated, with this reason. */
  readonly deprecationReason?: string;
  /** The work itself. It may run again after a crash: guard outside effects with `ctx.idempotencyKey` or `ctx.id`. */
  readonly run: (input: ParsedOf<In>, ctx: TaskContext<ParsedOf<In>>) => Promise<Result> | Result;
}
