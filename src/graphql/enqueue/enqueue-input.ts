import { Field, InputType, Int } from "type-graphql";
import type { EnqueueRequest } from "../../engine/enqueue/prepare-task.ts";
import type { Json, JsonObject } from "../../lib/json.ts";
import type { EnqueueOptions } from "../../task/call/enqueue-options.ts";
import type { Priority } from "../../task/definition/priority.ts";
import { DateTimeScalar, DurationScalar, JsonObjectScalar, JsonScalar } from "../scalars.ts";
import type { UniqueConflict } from "../../task/call/unique.ts";
import { PriorityEnum, UniqueConflictEnum } from "../enums.ts";

const OF_STATE = "How long after this end; without it `all`, or else what holds without this option.";

@InputType("ResultsExpireInput", {
  description: "How long a task is kept once it has ended, by how it ended.",
})
export class ResultsExpireInput {
  @Field(() => DurationScalar, {
    nullable: true,
    description: "How long after any end that is not named here.",
  })
  readonly all?: number | null;
  @Field(() => DurationScalar, { nullable: true, description: OF_STATE })
  readonly success?: number | null;
  @Field(() => DurationScalar, { nullable: true, description: OF_STATE })
  readonly failure?: number | null;
  @Field(() => DurationScalar, { nullable: true, description: OF_STATE })
  readonly revoked?: number | null;
  @Field(() => DurationScalar, { nullable: true, description: OF_STATE })
  readonly expired?: number | null;
}

@InputType("EnqueueOptions", {
  description: "What a caller may say about one task. What is not said comes from the task definition.",
})
export class EnqueueOptionsInput {
  @Field(() => String, { nullable: true, description: "Where it waits." })
  readonly queue?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      "Name of the one worker that may run it, such as `worker@host`; it waits while there is none. Not together with `queue`.",
  })
  readonly worker?: string | null;
  @Field(() => PriorityEnum, { nullable: true, description: "Its place within the queue." })
  readonly priority?: Priority | null;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Not before this time. Not together with `delay`.",
  })
  readonly runAt?: Date | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Not before so much time has passed; up to 10 years.",
  })
  readonly delay?: number | null;
  @Field(() => DurationScalar, { nullable: true, description: "Give up if not started by then." })
  readonly expiresIn?: number | null;
  @Field(() => Int, { nullable: true, description: "Attempts in all, 1 to 1000." })
  readonly maxAttempts?: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Longest run of one attempt; then it is ended.",
  })
  readonly timeLimit?: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "After so long an attempt is asked to come to an end; shorter than `timeLimit`.",
  })
  readonly softTimeLimit?: number | null;
  @Field(() => String, {
    nullable: true,
    description: "One unfinished task per key; `onConflict` says what becomes of a second call.",
  })
  readonly uniqueKey?: string | null;
  @Field(() => UniqueConflictEnum, {
    nullable: true,
    description: "What becomes of this call if an unfinished task holds its unique key.",
  })
  readonly onConflict?: UniqueConflict | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description:
      "Starts so long after the latest call with the same unique key, with the input of that call.",
  })
  readonly debounce?: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "With `debounce`: starts no later than so long after the first of these calls.",
  })
  readonly maxWait?: number | null;
  @Field(() => String, { nullable: true, description: "Same key and input: the same task, for good." })
  readonly idempotencyKey?: string | null;
  @Field(() => [String], {
    nullable: true,
    description: "Labels to find it by; added to those of the definition.",
  })
  readonly tags?: readonly string[] | null;
  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "Anything to keep with it; the task itself does not see it.",
  })
  readonly meta?: JsonObject | null;
  @Field(() => ResultsExpireInput, {
    nullable: true,
    description:
      "How long it is kept once it has ended; without it as its definition, or else the app, says.",
  })
  readonly resultsExpire?: ResultsExpireInput | null;
  @Field(() => Boolean, { nullable: true, description: "Checks its output, and does not keep it." })
  readonly ignoreResult?: boolean | null;
}

@InputType("EnqueueTaskInput", { description: "A task to be." })
export class EnqueueTaskInput {
  @Field(() => String, { description: "Name of the task definition." })
  readonly name!: string;
  @Field(() => JsonScalar, { nullable: true, description: "Its input. Defaults to {}." })
  readonly args?: Json;
  @Field(() => EnqueueOptionsInput, { nullable: true, description: "What to say about it." })
  readonly options?: EnqueueOptionsInput | null;
}

/** Options as the engine takes them: what was not said, or said to be null, is absent. */
export function toEnqueueOptions(input: EnqueueOptionsInput | null | undefined): EnqueueOptions | undefined {
  if (!input) return undefined;
  const said = Object.entries(input).filter(([, value]) => value !== null && value !== undefined);
  const { resultsExpire, ...rest } = Object.fromEntries(said) as EnqueueOptionsInput;
  if (!resultsExpire) return rest as EnqueueOptions;
  // Options are plain values, which schedules store as JSON; this one is of a class of the API.
  return { ...rest, resultsExpire: Object.fromEntries(Object.entries(resultsExpire)) } as EnqueueOptions;
}

/** What to enqueue, as the engine takes it. */
export function toRequest({ name, args, options }: EnqueueTaskInput): EnqueueRequest {
  const read = toEnqueueOptions(options);
  return { name, ...(args === undefined ? {} : { args }), ...(read === undefined ? {} : { options: read }) };
}
