import { Field, InputType, Int } from "type-graphql";
import type { Json, JsonObject } from "../../lib/json.ts";
import type { EnqueueOptions } from "../../task/enqueue.ts";
import type { Priority } from "../../task/priority.ts";
import { DateTimeScalar, DurationScalar, JsonObjectScalar, JsonScalar } from "../scalars.ts";
import { PriorityEnum } from "../types/enums.ts";

@InputType("EnqueueOptions", {
  description: "What a caller may say about one task. What is not said comes from the task definition.",
})
export class EnqueueOptionsInput {
  @Field(() => String, { nullable: true, description: "Where it waits." })
  readonly queue?: string | null;
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
    description: "One unfinished task per key; a second enqueue returns the first.",
  })
  readonly uniqueKey?: string | null;
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
  return Object.fromEntries(said) as EnqueueOptions;
}
