import { Field, ID, Int, ObjectType } from "type-graphql";
import type { JsonObject } from "../../lib/json/json.ts";
import type { Priority } from "../../task/definition/priority.ts";
import { RESULT_BACKENDS, type ResultBackend } from "../../task/records/results.ts";
import { TASK_SETTING_KEYS, type TaskSettingKey } from "../../task/records/task-overrides.ts";
import { type Backoff, BACKOFFS } from "../../task/retry/retry.ts";
import { PriorityEnum, UniqueConflictEnum } from "../enqueue/enqueue-input.ts";
import { enumOf } from "../enum-of.ts";
import { NodeType } from "../node.ts";
import { DurationScalar, JsonObjectScalar } from "../scalars.ts";
import type { UniqueConflict } from "../../task/call/unique.ts";
import { QueueType } from "../queues/queue-type.ts";
import { PoolKindEnum, WorkerType } from "../workers/worker-type.ts";

const BackoffEnum = enumOf(BACKOFFS, {
  name: "Backoff",
  description: "The rule by which the delay between attempts grows.",
  values: {
    FIXED: "The delay is always `initialDelay`.",
    LINEAR: "The delay is `initialDelay` times the number of failed attempts.",
    EXPONENTIAL: "The delay is `initialDelay`, doubled with each failed attempt.",
    CUSTOM: "A function of the definition computes the delay from the attempt and its error.",
  },
});

const ResultBackendEnum = enumOf(
  RESULT_BACKENDS.map((backend) => backend.toUpperCase() as Uppercase<ResultBackend>),
  {
    name: "ResultBackend",
    description: "The storage of outputs.",
    values: {
      DATABASE: "Outputs are stored in the task's row.",
      REDIS: "Outputs are stored in Redis, or in the row if there is no Redis.",
      NONE: "Outputs are not stored.",
    },
  },
);

const TaskSettingKeyEnum = enumOf(TASK_SETTING_KEYS, {
  name: "TaskSetting",
  description: "A setting of a task definition that operators can override at run time.",
  values: {
    RATE_LIMIT: "The rate at which tasks start: `setTaskRateLimit`.",
    TIME_LIMIT: "The maximum duration of an attempt: `setTaskTimeLimit`.",
    SOFT_TIME_LIMIT: "The duration after which an attempt is asked to stop: `setTaskTimeLimit`.",
    PAUSED: "Whether the tasks wait: `pauseTask`.",
  },
});

@ObjectType("RetryPolicy", {
  simpleResolvers: true,
  description: "Rules for repeating failed attempts.",
})
export class RetryPolicyType {
  @Field(() => Int, { description: "Maximum number of attempts, including the first." })
  readonly maxAttempts!: number;
  @Field(() => BackoffEnum, { description: "The rule by which the delay grows with each attempt." })
  readonly backoff!: Backoff;
  @Field(() => DurationScalar, { description: "Delay after the first failed attempt." })
  readonly initialDelay!: number;
  @Field(() => DurationScalar, { description: "Upper bound of every delay." })
  readonly maxDelay!: number;
  @Field(() => Boolean, { description: "Whether each delay is drawn at random from its upper half." })
  readonly jitter!: boolean;
  @Field(() => DurationScalar, {
    nullable: true,
    description:
      "Period in which attempts may start, counted from when the task was first due. It applies whatever `maxAttempts` is. Null if unlimited.",
  })
  readonly for!: number | null;
}

@ObjectType("ConcurrencyLimit", {
  simpleResolvers: true,
  description: "A limit on the number of tasks that run at the same time.",
})
export class ConcurrencyLimitType {
  @Field(() => Int, { description: "Maximum number of running tasks." })
  readonly max!: number;
  @Field(() => String, {
    nullable: true,
    description:
      "The part of the input by whose value tasks are counted separately: a path, or `(function)`. Null if all tasks of the definition are counted together.",
  })
  readonly key!: string | null;
}

const OF_STATE = "Retention of tasks that ended in this state. Null for the app's default.";

@ObjectType("ResultsExpire", {
  simpleResolvers: true,
  description: "Retention of finished tasks, by final state.",
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

@ObjectType("TaskDefinition", {
  implements: NodeType,
  simpleResolvers: true,
  description: "Code registered under a name with `defineTask`.",
})
export class DefinitionType {
  @Field(() => ID, { description: "`definition:` and the definition's name." })
  readonly id!: string;
  @Field(() => String, { description: "Unique name, such as `mail.send`." })
  readonly name!: string;
  @Field(() => String, { nullable: true, description: "The author's description of the task." })
  readonly description!: string | null;
  @Field(() => [String], { description: "Tags that every task of the definition gets." })
  readonly tags!: readonly string[];
  @Field(() => String, {
    nullable: true,
    description: "The reason why the definition should no longer be used. Null if it is not deprecated.",
  })
  readonly deprecationReason!: string | null;
  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "JSON Schema 2020-12 of `args`. Null if any JSON is accepted.",
  })
  readonly inputSchema!: JsonObject | null;
  @Field(() => JsonObjectScalar, {
    nullable: true,
    description: "JSON Schema 2020-12 of `result`. Null if the result may be any JSON.",
  })
  readonly outputSchema!: JsonObject | null;
  @Field(() => String, {
    nullable: true,
    description:
      "Name of the typed mutation. Null for a definition without an input schema: use `enqueueTask`.",
  })
  readonly mutationField!: string | null;
  @Field(() => String, {
    description: "Name of the default queue of the tasks. The caller or a routing function can override it.",
  })
  readonly queueName!: string;
  @Field(() => QueueType, { description: "The default queue of the tasks." })
  readonly queue!: QueueType;
  @Field(() => PriorityEnum, {
    description: "Default priority of the tasks. The caller or a routing function can override it.",
  })
  readonly priority!: Priority;
  @Field(() => RetryPolicyType, { description: "The rules for repeating failed attempts." })
  readonly retry!: RetryPolicyType;
  @Field(() => DurationScalar, {
    nullable: true,
    description:
      "Maximum duration of an attempt, with runtime overrides applied. Null if only the worker's own limit, if any, applies.",
  })
  readonly timeLimit!: number | null;
  @Field(() => [String], {
    description:
      "Paths into `args` whose values are hidden from readers, such as `card.number` or `items.*.secret`.",
  })
  readonly sensitive!: readonly string[];
  @Field(() => UniqueConflictEnum, {
    description: "Default handling of a call whose unique key is taken. The caller can override it.",
  })
  readonly onConflict!: UniqueConflict;
  @Field(() => DurationScalar, {
    nullable: true,
    description:
      "Tasks with a unique key start this long after the latest call. Null if they do not wait for further calls.",
  })
  readonly debounce!: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Maximum time that a task waits for further calls. Null if unlimited.",
  })
  readonly maxWait!: number | null;
  @Field(() => ResultsExpireType, {
    nullable: true,
    description: "Retention of finished tasks. Null if the definition does not set it.",
  })
  readonly resultsExpire!: ResultsExpireType | null;
  @Field(() => ResultBackendEnum, {
    nullable: true,
    description: "Storage of the outputs. Null for the app's default.",
  })
  readonly resultBackend!: keyof typeof ResultBackendEnum | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description:
      "Duration after which an attempt is asked to stop, with runtime overrides applied. Null as for `timeLimit`.",
  })
  readonly softTimeLimit!: number | null;
  @Field(() => String, {
    nullable: true,
    description: "Maximum rate at which tasks start, with runtime overrides applied. Null if unlimited.",
  })
  readonly rateLimit!: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      "The part of the input by whose value the rate is counted separately. Null without a rate limit, or if all tasks of the definition are counted together.",
  })
  readonly rateLimitKey!: string | null;
  @Field(() => [ConcurrencyLimitType], {
    description: "Limits on the number of running tasks over all workers. Empty if unlimited.",
  })
  readonly concurrencyLimits!: readonly ConcurrencyLimitType[];
  @Field(() => [TaskSettingKeyEnum], {
    description: "Settings that operators overrode at run time. All others come from the definition.",
  })
  readonly overridden!: readonly TaskSettingKey[];
  @Field(() => PoolKindEnum, {
    nullable: true,
    description: "The pool in which attempts run. Null if each worker decides by its `pool.kind`.",
  })
  readonly pool!: keyof typeof PoolKindEnum | null;
  @Field(() => [WorkerType], { description: "Live workers that can run the definition's tasks." })
  readonly workers!: readonly WorkerType[];
}
