import { Field, Int, ObjectType } from "type-graphql";
import { ERRORS, UserErrorType } from "../user-error.ts";
import { DurationScalar } from "../scalars.ts";

@ObjectType("Queue", { simpleResolvers: true, description: "A queue, in which tasks wait for workers." })
export class QueueType {
  @Field(() => String, { description: "The queue's name." })
  readonly name!: string;
  @Field(() => Boolean, {
    description:
      "Whether the queue is paused. Workers start no tasks of a paused queue, but enqueueing continues.",
  })
  readonly paused!: boolean;
  @Field(() => Int, { description: "Number of QUEUED tasks." })
  readonly waiting!: number;
  @Field(() => Int, { description: "Number of SCHEDULED and RETRY tasks." })
  readonly scheduled!: number;
  @Field(() => Int, { description: "Number of STARTED tasks." })
  readonly active!: number;
  @Field(() => Int, {
    nullable: true,
    description: "Maximum number of running tasks over all workers. Null if unlimited.",
  })
  readonly concurrencyLimit!: number | null;
  @Field(() => String, {
    nullable: true,
    description: "Maximum rate at which tasks start over all workers, such as `100/s`. Null if unlimited.",
  })
  readonly rateLimit!: string | null;
  @Field(() => DurationScalar, { description: "Age of the oldest waiting task: the number to alert on." })
  readonly latency!: number;
}

@ObjectType("QueuePayload", { simpleResolvers: true, description: "The result of an action on a queue." })
export class QueuePayloadType {
  @Field(() => QueueType, {
    nullable: true,
    description: "The queue after the action. Null if the request was refused.",
  })
  readonly queue!: QueueType | null;
  @Field(() => Int, {
    nullable: true,
    description: "Number of tasks that a purge revoked. Null for other actions.",
  })
  readonly affectedCount!: number | null;
  @Field(() => [UserErrorType], { description: ERRORS })
  readonly errors!: readonly UserErrorType[];
}
