import { Field, ID, Int, InterfaceType, ObjectType } from "type-graphql";
import { MutationPayloadType } from "../payload.ts";
import { NodeType } from "../node.ts";
import { DurationScalar } from "../scalars.ts";

@ObjectType("Queue", {
  implements: NodeType,
  simpleResolvers: true,
  description: "A queue, in which tasks wait for workers.",
})
export class QueueType {
  @Field(() => ID, { description: "`queue:` and the queue's name." })
  readonly id!: string;
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

@InterfaceType("QueuePayload", {
  implements: MutationPayloadType,
  description: "The result of an action on a queue.",
})
export abstract class QueuePayloadType extends MutationPayloadType {
  @Field(() => QueueType, {
    nullable: true,
    description: "The queue after the action. Null if the request was refused.",
  })
  readonly queue!: QueueType | null;
}

@ObjectType("PurgeQueuePayload", {
  implements: [MutationPayloadType, QueuePayloadType],
  simpleResolvers: true,
  description: "The result of `purgeQueue`.",
})
export class PurgeQueuePayloadType extends QueuePayloadType {
  @Field(() => Int, { description: "Number of tasks that were revoked." })
  readonly affectedCount!: number;
}
