import { Field, Int, ObjectType } from "type-graphql";
import { type Decider, DECIDERS, DUPLICATE_KEYS, type DuplicateKey } from "../../engine/enqueue/explainer.ts";
import { enumOf } from "../enum-of.ts";
import type { Priority } from "../../task/definition/priority.ts";
import { DateTimeScalar, DurationScalar } from "../scalars.ts";
import { UserErrorType } from "../user-error.ts";
import { PriorityEnum } from "./enqueue-input.ts";
import { TaskType } from "../tasks/task-type.ts";
import { WorkerType } from "../workers/worker-type.ts";

const DeciderEnum = enumOf(DECIDERS, {
  name: "Decider",
  description: "The source of a decision about a task.",
  values: {
    CALL: "The caller chose the value.",
    DEFINITION: "The task definition sets the value.",
    ROUTE: "A route of the app sets the value.",
    DEFAULT: "The value is the default.",
  },
});

const DuplicateKeyEnum = enumOf(DUPLICATE_KEYS, {
  name: "DuplicateKey",
  description: "The key by which a call matches an existing task.",
  values: {
    UNIQUE_KEY: "An unfinished task has the same `uniqueKey`.",
    IDEMPOTENCY_KEY: "A task has the same `idempotencyKey`, name and input.",
  },
});

@ObjectType("TaskExplanation", {
  simpleResolvers: true,
  description: "The result of a dry run. Nothing was enqueued.",
})
export class ExplanationType {
  @Field(() => Boolean, { description: "Whether the task would be accepted." })
  readonly accepted!: boolean;
  @Field(() => [UserErrorType], {
    description: "The reasons for refusal. Empty if the task would be accepted.",
  })
  readonly errors!: readonly UserErrorType[];
  @Field(() => String, {
    nullable: true,
    description: "Name of the queue in which the task would wait. Null if it would be refused.",
  })
  readonly queueName!: string | null;
  @Field(() => DeciderEnum, {
    nullable: true,
    description: "The source of the queue. Null if the task would be refused.",
  })
  readonly queueDecidedBy!: Decider | null;
  @Field(() => PriorityEnum, {
    nullable: true,
    description: "The task's priority within its queue. Null if it would be refused.",
  })
  readonly priority!: Priority | null;
  @Field(() => DeciderEnum, {
    nullable: true,
    description: "The source of the priority. Null if the task would be refused.",
  })
  readonly priorityDecidedBy!: Decider | null;
  @Field(() => Int, {
    nullable: true,
    description: "Index of the route that matched, from 0. Null if none matched or none was consulted.",
  })
  readonly route!: number | null;
  @Field(() => Int, {
    nullable: true,
    description: "Maximum number of attempts. Null if the task would be refused.",
  })
  readonly maxAttempts!: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Maximum duration of an attempt. Null if unlimited.",
  })
  readonly timeLimit!: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Duration after which an attempt would be asked to stop. Null if unlimited.",
  })
  readonly softTimeLimit!: number | null;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Earliest start time. Null if the task could start at once.",
  })
  readonly runAt!: Date | null;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "Time at which the task would expire if it has not started. Null if never.",
  })
  readonly expiresAt!: Date | null;
  @Field(() => TaskType, {
    nullable: true,
    description: "The existing task that the call would return. Null if the task would be new.",
  })
  readonly duplicateOf!: TaskType | null;
  @Field(() => DuplicateKeyEnum, {
    nullable: true,
    description: "The key that the existing task and the call have in common. Null if the task would be new.",
  })
  readonly duplicateKey!: DuplicateKey | null;
  @Field(() => Boolean, { description: "Whether the queue is paused now." })
  readonly queuePaused!: boolean;
  @Field(() => Int, {
    description: "Number of tasks that wait in the queue now and come first, counted up to 10,000.",
  })
  readonly waitingBefore!: number;
  @Field(() => [WorkerType], {
    description: "Live workers that know the definition and fetch from the queue.",
  })
  readonly workers!: readonly WorkerType[];
  @Field(() => String, {
    nullable: true,
    description: "The reason why the task would not run for now, in plain words. Null if it would run.",
  })
  readonly problem!: string | null;
}
