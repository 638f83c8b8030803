import { Field, Int, ObjectType } from "type-graphql";
import type { JsonObject } from "../../lib/json.ts";
import type { Priority } from "../../task/definition/priority.ts";
import type { TaskSettingKey } from "../../task/records/task-settings.ts";
import type { Backoff } from "../../task/retry/retry.ts";
import { DurationScalar, JsonObjectScalar } from "../scalars.ts";
import type { UniqueConflict } from "../../task/call/unique.ts";
import { BackoffEnum, PoolKindEnum, PriorityEnum, ResultBackendEnum, UniqueConflictEnum } from "../enums.ts";
import { TaskSettingKeyEnum } from "../control/control-enums.ts";
import { WorkerType } from "../workers/worker-type.ts";

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

const OF_STATE = "After this end; null for what the app says.";

@ObjectType("ResultsExpire", {
  simpleResolvers: true,
  description: "How long tasks are kept once they have ended, by how they ended.",
})
export class ResultsExpireType {
  @Field(() => DurationScalar, { nullable: true, description: OF_STATE })
  readonly success!: number | null;
  @Field(() => DurationScalar, { nullable: true, description: OF_STATE })
  readonly failure!: number | null;
  @Field(() => DurationScalar, { nullable: true, description: OF_STATE })
  readonly revoked!: number | null;
  @Field(() => DurationScalar, { nullable: true, description: OF_STATE })
  readonly expired!: number | null;
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
  @Field(() => String, {
    description: "Where its tasks wait unless the caller, or a function among the routes, says otherwise.",
  })
  readonly queue!: string;
  @Field(() => PriorityEnum, {
    description: "Priority of its tasks unless the caller, or a function among the routes, says otherwise.",
  })
  readonly priority!: Priority;
  @Field(() => RetryPolicyType, { description: "What follows a failed attempt." })
  readonly retry!: RetryPolicyType;
  @Field(() => DurationScalar, {
    nullable: true,
    description:
      "Longest run of one attempt, as it holds now; null for no limit but that of the worker, if it has one.",
  })
  readonly timeLimit!: number | null;
  @Field(() => [String], {
    description: "Paths into `args` that are shown to nobody, such as `card.number` or `items.*.secret`.",
  })
  readonly sensitive!: readonly string[];
  @Field(() => UniqueConflictEnum, {
    description: "What becomes of a call whose unique key is taken, unless the caller says otherwise.",
  })
  readonly onConflict!: UniqueConflict;
  @Field(() => DurationScalar, {
    nullable: true,
    description:
      "Its tasks with a unique key start so long after the latest call; null when they do not wait for further calls.",
  })
  readonly debounce!: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "No task waits longer for further calls; null for no bound.",
  })
  readonly maxWait!: number | null;
  @Field(() => ResultsExpireType, {
    nullable: true,
    description: "How long its tasks are kept; null when it says nothing about it.",
  })
  readonly resultsExpire!: ResultsExpireType | null;
  @Field(() => ResultBackendEnum, {
    nullable: true,
    description: "Where its outputs are kept; null for where the app says.",
  })
  readonly resultBackend!: keyof typeof ResultBackendEnum | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description:
      "After so long an attempt is asked to come to an end, as it holds now; null as for `timeLimit`.",
  })
  readonly softTimeLimit!: number | null;
  @Field(() => String, {
    nullable: true,
    description: "How many of its tasks may start in a time, as it holds now; null for any number.",
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
  @Field(() => [TaskSettingKeyEnum], {
    description: "What of it holds because somebody said so while everything ran; the rest is its own.",
  })
  readonly overridden!: readonly TaskSettingKey[];
  @Field(() => PoolKindEnum, {
    nullable: true,
    description: "Where its attempts run; null where each worker decides: its `pool.kind`.",
  })
  readonly pool!: keyof typeof PoolKindEnum | null;
  @Field(() => [WorkerType], { description: "Live workers that can run it." })
  readonly workers!: readonly WorkerType[];
}
