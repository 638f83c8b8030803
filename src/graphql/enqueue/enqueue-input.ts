import { Field, InputType, Int } from "type-graphql";
import type { EnqueueRequest } from "../../engine/enqueue/prepare-task.ts";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import type { EnqueueOptions } from "../../task/call/enqueue-options.ts";
import { PRIORITIES, type Priority } from "../../task/definition/priority.ts";
import { enumOf } from "../enum-of.ts";
import { DateTimeScalar, DurationScalar, JsonObjectScalar, JsonScalar } from "../scalars.ts";
import { UNIQUE_CONFLICTS, type UniqueConflict } from "../../task/call/unique.ts";

export const PriorityEnum = enumOf(PRIORITIES, {
  name: "Priority",
  description:
    "The priority of a task within its queue. Higher priorities are delivered first, and no priority waits forever.",
  values: {
    LOW: "Delivered after all others.",
    NORMAL: "The default priority.",
    HIGH: "Delivered before NORMAL and LOW.",
    CRITICAL: "Delivered before all others.",
  },
});

export const UniqueConflictEnum = enumOf(UNIQUE_CONFLICTS, {
  name: "UniqueConflict",
  description: "Handling of a call whose unique key belongs to an unfinished task.",
  values: {
    RETURN: "The call returns the unfinished task unchanged.",
    REPLACE:
      "A waiting task takes the input and options of the call. A running task hands its key over to a new task.",
    REJECT: "The call is refused as a CONFLICT that names the unfinished task.",
  },
});

const OF_STATE =
  "Retention of a task that ends in this state. Defaults to `all`, else to the retention that applies without this option.";

@InputType("ResultsExpireInput", {
  description: "Retention of a task after it has ended, by final state.",
})
export class ResultsExpireInput {
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Retention after any end that is not named separately.",
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
  description: "Options of one call. Options that are not given come from the task definition.",
})
export class EnqueueOptionsInput {
  @Field(() => String, { nullable: true, description: "The queue in which the task waits." })
  readonly queue?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      "Name of the only worker that may run the task, such as `worker@host`. The task waits while no such worker is live. Cannot be combined with `queue`.",
  })
  readonly worker?: string | null;
  @Field(() => PriorityEnum, { nullable: true, description: "The task's priority within its queue." })
  readonly priority?: Priority | null;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Earliest start time. Cannot be combined with `delay`.",
  })
  readonly runAt?: Date | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Time to wait before the task may start: up to 10 years.",
  })
  readonly delay?: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "The task expires if it has not started after this duration.",
  })
  readonly expiresIn?: number | null;
  @Field(() => Int, { nullable: true, description: "Maximum number of attempts, 1 to 1000." })
  readonly maxAttempts?: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Maximum duration of an attempt. An attempt that exceeds it is ended.",
  })
  readonly timeLimit?: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Duration after which an attempt is asked to stop. Must be shorter than `timeLimit`.",
  })
  readonly softTimeLimit?: number | null;
  @Field(() => String, {
    nullable: true,
    description:
      "Key that only one unfinished task may have. `onConflict` decides how a second call is handled.",
  })
  readonly uniqueKey?: string | null;
  @Field(() => UniqueConflictEnum, {
    nullable: true,
    description: "Handling of this call if an unfinished task has the same unique key.",
  })
  readonly onConflict?: UniqueConflict | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description:
      "The task starts this long after the latest call with the same unique key, with the input of that call.",
  })
  readonly debounce?: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "With `debounce`: the task starts at the latest this long after the first of these calls.",
  })
  readonly maxWait?: number | null;
  @Field(() => String, {
    nullable: true,
    description:
      "Key that makes repeated calls safe: a call with the same key and input always returns the same task.",
  })
  readonly idempotencyKey?: string | null;
  @Field(() => [String], {
    nullable: true,
    description: "Labels by which the task can be found. They are added to the definition's tags.",
  })
  readonly tags?: readonly string[] | null;
  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "Any JSON object to store with the task. The task's code does not receive it.",
  })
  readonly meta?: JsonObject | null;
  @Field(() => ResultsExpireInput, {
    nullable: true,
    description: "Retention of the task after it has ended. Defaults to the definition's, else to the app's.",
  })
  readonly resultsExpire?: ResultsExpireInput | null;
  @Field(() => Boolean, { nullable: true, description: "Whether the output is checked but not stored." })
  readonly ignoreResult?: boolean | null;
}

@InputType("EnqueueTaskInput", { description: "A task to enqueue." })
export class EnqueueTaskInput {
  @Field(() => String, { description: "Name of the task definition." })
  readonly name!: string;
  @Field(() => JsonScalar, { nullable: true, description: "The task's input. Defaults to {}." })
  readonly args?: Json;
  @Field(() => EnqueueOptionsInput, { nullable: true, description: "Options of the call." })
  readonly options?: EnqueueOptionsInput | null;
}

@InputType("EnqueueTasksInput", { description: "Tasks to enqueue together." })
export class EnqueueTasksInput {
  @Field(() => [EnqueueTaskInput], { description: "The tasks to enqueue, at most 10,000." })
  readonly tasks!: readonly EnqueueTaskInput[];
}

@InputType("BroadcastTaskInput", {
  description: "A task to enqueue for each worker. The options cannot contain `queue`, `worker` or keys.",
})
export class BroadcastTaskInput extends EnqueueTaskInput {
  @Field(() => [String], { nullable: true, description: "Names of the workers. Defaults to all." })
  readonly workers?: readonly string[] | null;
}

/** Converts options for the engine. Options that are absent or null are left out. */
export function toEnqueueOptions(input: EnqueueOptionsInput | null | undefined): EnqueueOptions | undefined {
  if (!input) return undefined;
  const given = Object.entries(input).filter(([, value]) => value !== null && value !== undefined);
  const { resultsExpire, ...rest } = Object.fromEntries(given) as EnqueueOptionsInput;
  if (!resultsExpire) return rest as EnqueueOptions;
  // Schedules store options as JSON, so this instance of an input class becomes a plain object.
  return { ...rest, resultsExpire: Object.fromEntries(Object.entries(resultsExpire)) } as EnqueueOptions;
}

/** Converts an input to the engine's request. */
export function toRequest({ name, args, options }: EnqueueTaskInput): EnqueueRequest {
  const read = toEnqueueOptions(options);
  return { name, ...(args === undefined ? {} : { args }), ...(read === undefined ? {} : { options: read }) };
}
