import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import type { QueueRecord } from "../../store/queues/queue-store.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import type { TaskOutline } from "../../task/records/task.ts";
import type { WorkerRecord, WorkerStatus } from "../../task/records/worker.ts";
import type { GraphqlContext } from "../context.ts";
import { DefinitionType } from "../definitions/definition-type.ts";
import { QueueType } from "../queues/queue-type.ts";
import { TaskType } from "../tasks/task-type.ts";
import { POOL_KINDS, type WorkerPoolType, WorkerStatusEnum, WorkerType } from "./worker-type.ts";

@Resolver(() => WorkerType)
export class WorkerResolver {
  @Query(() => [WorkerType], { description: "Lists known workers, newest first." })
  workers(
    @Arg("statuses", () => [WorkerStatusEnum], {
      nullable: true,
      description: "Returns only workers with these statuses. Defaults to all.",
    })
    statuses: readonly WorkerStatus[] | null | undefined,
    @Ctx() { services }: GraphqlContext,
  ): Promise<WorkerRecord[]> {
    return statuses ? services.workers.list(statuses) : services.workers.list();
  }

  @Query(() => WorkerType, {
    nullable: true,
    description: "Returns the newest worker of a name, or null if there is none.",
  })
  async worker(
    @Arg("name", () => String, { description: "The worker's name, such as `worker@host`." }) name: string,
    @Ctx() { services }: GraphqlContext,
  ): Promise<WorkerRecord | null> {
    // PostgreSQL would refuse the statement, and no worker has such a name.
    if (name.includes("\u0000") || !name.isWellFormed()) return null;
    return (await services.workers.byNames([name]))[0] ?? null;
  }

  @FieldResolver()
  pool(@Root() { pool, concurrency, busy, autoscale }: WorkerRecord): WorkerPoolType {
    const { min = null, max = null } = autoscale ?? {};
    return { kind: POOL_KINDS[pool], concurrency, busy, min, max };
  }

  @FieldResolver(() => [QueueType], { description: "Queues that the worker fetches tasks from." })
  queues(
    @Root() { queues }: WorkerRecord,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<readonly QueueRecord[]> {
    return Promise.all(queues.map((name) => loaders.queue.load(name)));
  }

  @FieldResolver(() => [DefinitionType], {
    description: "Task definitions that the worker can run, and that this server knows.",
  })
  definitions(
    @Root() { definitions }: WorkerRecord,
    @Ctx() { services: { registry } }: GraphqlContext,
  ): readonly AnyTaskDefinition[] {
    return definitions.flatMap((name) => registry.get(name) ?? []);
  }

  @FieldResolver(() => [TaskType], { description: "Tasks that the worker runs now." })
  active(@Root() { id }: WorkerRecord, @Ctx() { loaders }: GraphqlContext): Promise<readonly TaskOutline[]> {
    return loaders.activeTasks.load(id);
  }
}
