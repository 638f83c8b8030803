import { DeciderEnum, DuplicateKeyEnum } from "./explain-enums.ts";
import { PriorityEnum } from "../enums.ts";
import { Field, Int, ObjectType } from "type-graphql";
import type { Decider, DuplicateKey } from "../../engine/enqueue/explainer.ts";
import type { Priority } from "../../task/definition/priority.ts";
import { DateTimeScalar, DurationScalar } from "../scalars.ts";

import { UserErrorType } from "./payload-types.ts";
import { TaskType } from "../tasks/task-type.ts";
import { WorkerType } from "../workers/worker-type.ts";

@ObjectType("TaskExplanation", {
  simpleResolvers: true,
  description: "What an enqueue would do. Nothing was enqueued.",
})
export class ExplanationType {
  @Field(() => Boolean, { description: "Whether it would be accepted." })
  readonly accepted!: boolean;
  @Field(() => [UserErrorType], { description: "Why it would be refused; empty when it would be accepted." })
  readonly errors!: readonly UserErrorType[];
  @Field(() => String, { nullable: true, description: "Where it would wait; null when it would be refused." })
  readonly queue!: string | null;
  @Field(() => DeciderEnum, {
    nullable: true,
    description: "Who decided about the queue; null when it would be refused.",
  })
  readonly queueDecidedBy!: Decider | null;
  @Field(() => PriorityEnum, {
    nullable: true,
    description: "Its place within the queue; null when it would be refused.",
  })
  readonly priority!: Priority | null;
  @Field(() => DeciderEnum, {
    nullable: true,
    description: "Who decided about the priority; null when it would be refused.",
  })
  readonly priorityDecidedBy!: Decider | null;
  @Field(() => Int, {
    nullable: true,
    description: "The route that matched, counted from 0; null when none did, or none was asked.",
  })
  readonly route!: number | null;
  @Field(() => Int, { nullable: true, description: "Attempts in all; null when it would be refused." })
  readonly maxAttempts!: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "Longest run of one attempt; null for no limit.",
  })
  readonly timeLimit!: number | null;
  @Field(() => DurationScalar, {
    nullable: true,
    description: "After so long an attempt is asked to come to an end; null for never.",
  })
  readonly softTimeLimit!: number | null;
  @Field(() => DateTimeScalar, { nullable: true, description: "Not before this time; null for at once." })
  readonly runAt!: Date | null;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When it would give up if it has not started; null for never.",
  })
  readonly expiresAt!: Date | null;
  @Field(() => TaskType, {
    nullable: true,
    description: "The task that would be returned in its place; null when it would be a new one.",
  })
  readonly duplicateOf!: TaskType | null;
  @Field(() => DuplicateKeyEnum, {
    nullable: true,
    description: "By which key it would be that one; null when it would be a new one.",
  })
  readonly duplicateKey!: DuplicateKey | null;
  @Field(() => Boolean, { description: "Whether its queue is paused now." })
  readonly queuePaused!: boolean;
  @Field(() => Int, {
    description: "Tasks that wait in its queue now and come first. Counted no further than 10,000.",
  })
  readonly waitingBefore!: number;
  @Field(() => [WorkerType], {
    description: "Workers that could run it: they live, know its name and take tasks from its queue.",
  })
  readonly workers!: readonly WorkerType[];
  @Field(() => String, {
    nullable: true,
    description: "Why it would not be run for now, in plain words; null when it would.",
  })
  readonly problem!: string | null;
}
