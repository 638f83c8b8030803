import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import type { QueueRecord } from "../../store/queues/queue-store.ts";
import { QUEUE_NAME } from "../../task/definition/names.ts";
import type { Point, StatsWindow } from "../../task/records/stats.ts";
import { queueId } from "../node.ts";
import type { GraphqlContext, ApiServices } from "../context.ts";
import { type StatsSource, statsOf } from "../stats/stats-loaders.ts";
import { QueueType } from "./queue-type.ts";
import { PointType, StatsWindowEnum, TaskStatsType } from "../stats/stats-type.ts";

@Resolver(() => QueueType)
export class QueueResolver {
  @Query(() => [QueueType], {
    description:
      "Lists queues, sorted by name: queues that definitions, routes or settings name, that have unfinished tasks, or that are paused.",
  })
  queues(@Ctx() { services }: GraphqlContext): Promise<QueueRecord[]> {
    return services.queues.list(services.router.knownQueues);
  }

  @Query(() => QueueType, {
    nullable: true,
    description: "Returns a queue by name, or null if there is no such queue.",
  })
  async queue(
    @Arg("name", () => String, { description: "The queue's exact name." }) name: string,
    @Ctx() { services }: GraphqlContext,
  ): Promise<QueueRecord | null> {
    return findQueue(services, name, services.router.knownQueues);
  }

  @FieldResolver()
  id(@Root() { name }: QueueRecord): string {
    return queueId(name);
  }

  @FieldResolver()
  latency(@Root() queue: QueueRecord): number {
    return queue.latencyMs;
  }

  @FieldResolver(() => TaskStatsType, {
    description: "Statistics of the queue's tasks that ended in a window.",
  })
  stats(
    @Root() { name }: QueueRecord,
    @Arg("window", () => StatsWindowEnum, {
      defaultValue: "LAST_HOUR",
      description: "The window to look back over.",
    })
    window: StatsWindow,
    @Ctx() context: GraphqlContext,
  ): Promise<StatsSource> {
    return statsOf(context, { by: "queue", key: name }, window);
  }

  @FieldResolver(() => [PointType], {
    description:
      "Number of tasks that succeeded or failed in each step of a window. The last step is incomplete.",
  })
  async throughput(
    @Root() { name }: QueueRecord,
    @Arg("window", () => StatsWindowEnum, {
      defaultValue: "LAST_HOUR",
      description: "The window to look back over.",
    })
    window: StatsWindow,
    @Ctx() context: GraphqlContext,
  ): Promise<readonly Point[]> {
    return (await statsOf(context, { by: "queue", key: name }, window)).throughput;
  }
}

/** Returns null for an unknown queue, and for a name that no queue can have. */
export async function findQueue(
  services: ApiServices,
  name: string,
  known: readonly string[],
): Promise<QueueRecord | null> {
  if (!QUEUE_NAME.test(name)) return null;
  return (await services.queues.list(known)).find((queue) => queue.name === name) ?? null;
}
