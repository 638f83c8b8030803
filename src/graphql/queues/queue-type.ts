import { Field, Int, ObjectType } from "type-graphql";
import { DurationScalar } from "../scalars.ts";

@ObjectType("Queue", { simpleResolvers: true, description: "Where tasks wait for workers." })
export class QueueType {
  @Field(() => String, { description: "Its name." })
  readonly name!: string;
  @Field(() => Boolean, { description: "A paused queue hands out no tasks; enqueueing goes on." })
  readonly paused!: boolean;
  @Field(() => Int, { description: "QUEUED tasks." })
  readonly waiting!: number;
  @Field(() => Int, { description: "SCHEDULED and RETRY tasks." })
  readonly scheduled!: number;
  @Field(() => Int, { description: "STARTED tasks." })
  readonly active!: number;
  @Field(() => Int, {
    nullable: true,
    description: "How many of its tasks may run at once, over all workers; null for no limit.",
  })
  readonly concurrencyLimit!: number | null;
  @Field(() => String, {
    nullable: true,
    description: "How often its tasks may start, over all workers, such as `100/s`; null for no limit.",
  })
  readonly rateLimit!: string | null;
  @Field(() => DurationScalar, { description: "Age of the oldest waiting task: the number to alert on." })
  readonly latency!: number;
}
