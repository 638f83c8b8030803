import { Field, Int, ObjectType } from "type-graphql";
import type { JsonObject } from "../../lib/json.ts";
import type { Priority } from "../../task/priority.ts";
import type { Backoff } from "../../task/retry.ts";
import { DurationScalar, JsonObjectScalar } from "../scalars.ts";
import { BackoffEnum, PoolKindEnum, PriorityEnum } from "./enums.ts";
import { WorkerType } from "./worker-type.ts";

@ObjectType("RetryPolicy", {
  simpleResolvers: true,
  description: "How often and when a failed attempt is followed by another.",
})
export class RetryPolicyType {
  @Field(() => Int, { description: "Attempts in all, the first one included." })
  readonly maxAttempts!: number;
  @Field(() => BackoffEnum, { description: "How the pauses grow." })
  readonly backoff!: Backoff;
  @Field(() => DurationScalar, { description: "Pause after the first failure." })
  readonly initialDelay!: number;
  @Field(() => DurationScalar, { description: "No pause is longer." })
  readonly maxDelay!: number;
  @Field(() => Boolean, { description: "Whether each pause is drawn at random from its upper half." })
  readonly jitter!: boolean;
  @Field(() => DurationScalar, {
    nullable: true,
    description:
      "No attempt begins later than so long after the task was first due, whatever `maxAttempts` says; null for no such limit.",
  })
  readonly for!: number | null;
}

@ObjectType("ConcurrencyLimit", { simpleResolvers: true, description: "How many tasks may run at once." })
export class ConcurrencyLimitType {
  @Field(() => Int, { description: "So many." })
  readonly max!: number;
  @Field(() => String, {
    nullable: true,
    description:
      "What of the input they are counted by, each value apart: a path, or `(function)`; null: all tasks of the definition together.",
  })
  readonly key!: string | null;
}

@ObjectType("TaskDefinition", { simpleResolvers: true, description: "Code registered under a name." })
export class DefinitionType {
  @Field(() => String, { description: "Unique, such as `mail.send`." })
  readonly name!: string;
  @Field(() => String, { nullable: true, description: "What it does, in its author's words." })
  readonly description!: string | null;
  @Field(() => [String], { description: "Given to every task of it." })
  readonly tags!: readonly string[];
  @Field(() => String, {
    nullable: true,
    description: "Why not to use it any more; null when it may be used.",
  })
  readonly deprecationReason!: string | null;
  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "JSON Schema 2020-12 of `args`; null when it takes any JSON.",
  })
  readonly inputSchema!: JsonObject | null;
  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "JSON Schema 2020-12 of `result`; null when it may be any JSON.",
  })
  readonly outputSchema!: JsonObject | null;
  @Field(() => String, {
    nullable: true,
    description: "Name of the generated mutation; null without an input schema: use `enqueueTask`.",
  })
  readonly mutationField!: string | null;
  @Field(() => String, { description: "Where its tasks wait unless the caller says otherwise." })
  readonly queue!: string;
  @Field(() => PriorityEnum, { description: "Priority of its tasks unless the caller says otherwise." })
  readonly priority!: Priority;
  @Field(() => RetryPolicyType, { description: "What follows a failed attempt." })
  readonly retry!: RetryPolicyType;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Longest run of one attempt; null for no limit but that of the worker, if it has one.",
  })
  readonly timeLimit!: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "After so long an attempt is asked to come to an end; null as for `timeLimit`.",
  })
  readonly softTimeLimit!: number | null;
  @Field(() => String, {
    nullable: true,
    description: "How often its tasks may start, over all workers, such as `100/s`; null for no limit.",
  })
  readonly rateLimit!: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      "What of the input that is counted by; null without a rate, or where all tasks of the definition count together.",
  })
  readonly rateLimitKey!: string | null;
  @Field(() => [ConcurrencyLimitType], {
    description: "How many of its tasks may run at once, over all workers; empty for no limit.",
  })
  readonly concurrencyLimits!: readonly ConcurrencyLimitType[];
  @Field(() => PoolKindEnum, {
    nullable: true,
    description: "Where its attempts run; null where each worker decides: its `pool.kind`.",
  })
  readonly pool!: keyof typeof PoolKindEnum | null;
  @Field(() => [WorkerType], { description: "Live workers that can run it." })
  readonly workers!: readonly WorkerType[];
}
