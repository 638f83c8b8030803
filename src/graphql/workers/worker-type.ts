import { Field, Float, ID, Int, ObjectType } from "type-graphql";
import type { WorkerStatus } from "../../task/records/worker.ts";
import { BigIntScalar, DateTimeScalar } from "../scalars.ts";
import { PoolKindEnum, WorkerStatusEnum } from "../enums.ts";

@ObjectType("WorkerPool", { simpleResolvers: true, description: "How much a worker can run at once." })
export class WorkerPoolType {
  @Field(() => PoolKindEnum, { description: "Where it runs the tasks of definitions that do not say." })
  readonly kind!: keyof typeof PoolKindEnum;
  @Field(() => Int, { description: "Tasks that it runs at once at most." })
  readonly concurrency!: number;
  @Field(() => Int, { description: "Tasks that it runs now." })
  readonly busy!: number;
  @Field(() => Int, {
    nullable: true,
    description: "Down to how many that may move by itself; null when it does not.",
  })
  readonly min!: number | null;
  @Field(() => Int, { nullable: true, description: "Up to how many; null when it does not." })
  readonly max!: number | null;
}

@ObjectType("WorkerLoad", {
  simpleResolvers: true,
  description: "How hard a worker's process and machine work.",
})
export class WorkerLoadType {
  @Field(() => Float, { description: "Of one core; above 100 with several threads." })
  readonly cpuPercent!: number;
  @Field(() => BigIntScalar, { description: "Resident memory of the process." })
  readonly memoryBytes!: number;
  @Field(() => Float, {
    description: "How late timers fire, in milliseconds: high when a task blocks the thread.",
  })
  readonly eventLoopLagMs!: number;
  @Field(() => [Float], { description: "Of the machine, over 1, 5 and 15 minutes." })
  readonly loadAverage!: readonly number[];
}

@ObjectType("Worker", { simpleResolvers: true, description: "One life of a worker process." })
export class WorkerType {
  @Field(() => ID, { description: "The incarnation: new with every start." })
  readonly id!: string;
  @Field(() => String, { description: "For people, such as `worker@host`." })
  readonly name!: string;
  @Field(() => String, { description: "The machine it runs on." })
  readonly hostname!: string;
  @Field(() => Int, { description: "Its process id there." })
  readonly pid!: number;
  @Field(() => String, { description: "Its version of Lovage." })
  readonly version!: string;
  @Field(() => WorkerStatusEnum, { description: "What it is doing, as far as is known." })
  readonly status!: WorkerStatus;
  @Field(() => DateTimeScalar, { description: "When it came online." })
  readonly startedAt!: Date;
  @Field(() => DateTimeScalar, { description: "When it was last heard of." })
  readonly lastHeartbeatAt!: Date;
  @Field(() => [String], { description: "Queues that it takes tasks from." })
  readonly queues!: readonly string[];
  @Field(() => [String], { description: "Names of the task definitions that it can run." })
  readonly definitions!: readonly string[];
  @Field(() => WorkerPoolType, { description: "How much it can run at once." })
  readonly pool!: WorkerPoolType;
  @Field(() => WorkerLoadType, { description: "How hard it works." })
  readonly load!: WorkerLoadType;
  @Field(() => BigIntScalar, { description: "Attempts that it ended since its start." })
  readonly processed!: number;
  @Field(() => BigIntScalar, { description: "Of these, how many succeeded." })
  readonly succeeded!: number;
  @Field(() => BigIntScalar, { description: "Of these, how many failed for good." })
  readonly failed!: number;
  @Field(() => BigIntScalar, { description: "Of these, how many are tried again." })
  readonly retried!: number;
}
