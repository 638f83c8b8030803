import { createUnionType, Field, Float, ID, Int, ObjectType } from "type-graphql";
import type { Pool } from "../../task/definition/pool.ts";
import { WORKER_EVENT_TYPES, type WorkerEventType } from "../../task/records/event.ts";
import { WORKER_STATUSES, type WorkerStatus } from "../../task/records/worker.ts";
import { enumOf } from "../enum-of.ts";
import { MERGED_DESCRIPTION } from "../streams/delivery-input.ts";
import { NodeType } from "../node.ts";
import { BigIntScalar, DateTimeScalar } from "../scalars.ts";
import {
  resolveType,
  StreamHeartbeatType,
  StreamLagType,
  StreamMessageType,
  StreamResetType,
} from "../streams/stream-types.ts";

export const WorkerStatusEnum = enumOf(WORKER_STATUSES, {
  name: "WorkerStatus",
  description: "The status of a worker, as far as is known.",
  values: {
    ONLINE: "The worker fetches tasks.",
    DRAINING: "The worker finishes its running tasks and then leaves.",
    PAUSED: "The worker is alive and fetches no tasks.",
    LOST: "The worker sent no heartbeat for too long. Its tasks were rescued.",
    OFFLINE: "The worker shut down.",
  },
});

export const PoolKindEnum = enumOf(["ASYNC", "THREADS", "PROCESSES"], {
  name: "PoolKind",
  description: "The way in which a worker runs several tasks at the same time.",
  values: {
    ASYNC: "Attempts run as promises in one thread.",
    THREADS:
      "Each attempt runs in its own thread, which the worker can end unless it crashes the whole process.",
    PROCESSES: "Each attempt runs in a child process, which the worker can end whatever the code does.",
  },
});

/** The API's name of each pool. */
export const POOL_KINDS = {
  async: "ASYNC",
  threads: "THREADS",
  processes: "PROCESSES",
} as const satisfies Readonly<Record<Pool, keyof typeof PoolKindEnum>>;

@ObjectType("WorkerPool", { simpleResolvers: true, description: "A worker's capacity to run tasks." })
export class WorkerPoolType {
  @Field(() => PoolKindEnum, { description: "The pool for tasks whose definition does not choose one." })
  readonly kind!: keyof typeof PoolKindEnum;
  @Field(() => Int, { description: "Maximum number of tasks at the same time." })
  readonly concurrency!: number;
  @Field(() => Int, { description: "Number of running tasks." })
  readonly busy!: number;
  @Field(() => Int, {
    nullable: true,
    description: "Lower bound of the concurrency with autoscaling. Null without autoscaling.",
  })
  readonly min!: number | null;
  @Field(() => Int, {
    nullable: true,
    description: "Upper bound of the concurrency with autoscaling. Null without autoscaling.",
  })
  readonly max!: number | null;
}

@ObjectType("WorkerLoad", {
  simpleResolvers: true,
  description: "Load of a worker's process and machine.",
})
export class WorkerLoadType {
  @Field(() => Float, {
    description: "CPU use of the process, in percent of one core. Above 100 with several threads.",
  })
  readonly cpuPercent!: number;
  @Field(() => BigIntScalar, { description: "Resident memory of the process, in bytes." })
  readonly memoryBytes!: number;
  @Field(() => Float, {
    description: "Delay of timers in milliseconds. High if a task blocks the thread.",
  })
  readonly eventLoopLagMs!: number;
  @Field(() => [Float], { description: "Load average of the machine over 1, 5 and 15 minutes." })
  readonly loadAverage!: readonly number[];
}

@ObjectType("Worker", {
  implements: NodeType,
  simpleResolvers: true,
  description: "One incarnation of a worker, from its start to its end.",
})
export class WorkerType {
  @Field(() => ID, { description: "ID of the incarnation, new with every start." })
  readonly id!: string;
  @Field(() => String, { description: "Name for people, such as `worker@host`." })
  readonly name!: string;
  @Field(() => String, { description: "Name of the machine." })
  readonly hostname!: string;
  @Field(() => Int, { description: "Process ID on the machine." })
  readonly pid!: number;
  @Field(() => String, { description: "Version of Lovage." })
  readonly version!: string;
  @Field(() => WorkerStatusEnum, { description: "The worker's status, as far as is known." })
  readonly status!: WorkerStatus;
  @Field(() => DateTimeScalar, { description: "Time at which the worker came online." })
  readonly startedAt!: Date;
  @Field(() => DateTimeScalar, { description: "Time of the last heartbeat." })
  readonly lastHeartbeatAt!: Date;
  @Field(() => [String], { description: "Names of the queues that the worker fetches tasks from." })
  readonly queueNames!: readonly string[];
  @Field(() => [String], { description: "Names of the task definitions that the worker can run." })
  readonly definitionNames!: readonly string[];
  @Field(() => WorkerPoolType, { description: "The worker's capacity." })
  readonly pool!: WorkerPoolType;
  @Field(() => WorkerLoadType, { description: "The load of the process and the machine." })
  readonly load!: WorkerLoadType;
  @Field(() => BigIntScalar, { description: "Number of attempts that ended since the start." })
  readonly processed!: number;
  @Field(() => BigIntScalar, { description: "Number of attempts that succeeded since the start." })
  readonly succeeded!: number;
  @Field(() => BigIntScalar, { description: "Number of attempts since the start that failed for good." })
  readonly failed!: number;
  @Field(() => BigIntScalar, {
    description: "Number of attempts since the start that were followed by a retry.",
  })
  readonly retried!: number;
}

const WorkerEventTypeEnum = enumOf(WORKER_EVENT_TYPES, {
  name: "WorkerEventType",
  description: "The kind of a worker's event.",
  values: {
    ONLINE: "The worker started to fetch tasks.",
    HEARTBEAT: "The worker sent a heartbeat with new figures.",
    DRAINING: "The worker finishes its running tasks and then leaves.",
    PAUSED: "The worker stopped fetching tasks for now.",
    LOST: "The worker sent no heartbeat for too long.",
    OFFLINE: "The worker shut down.",
  },
});

@ObjectType("WorkerUpdate", {
  implements: StreamMessageType,
  simpleResolvers: true,
  description: "An event of a worker.",
})
class WorkerUpdateType extends StreamMessageType {
  @Field(() => WorkerEventTypeEnum, {
    description: "The kind of event. For the first message of a worker, its status.",
  })
  readonly type!: WorkerEventType;
  @Field(() => WorkerType, { description: "The worker after the event." })
  readonly worker!: WorkerType;
  @Field(() => Int, { description: MERGED_DESCRIPTION })
  readonly merged!: number;
}

export const WorkerStream = createUnionType({
  name: "WorkerStream",
  description: "A message of the `workers` subscription.",
  types: () => [WorkerUpdateType, StreamLagType, StreamResetType, StreamHeartbeatType] as const,
  resolveType,
});
