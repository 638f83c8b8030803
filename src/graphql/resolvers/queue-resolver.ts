import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import type { QueueRecord } from "../../store/queue-store.ts";
import { show } from "../../task/enqueue.ts";
import { QUEUE_NAME, QUEUE_NAME_RULE } from "../../task/names.ts";
import type { Point, StatsWindow } from "../../task/stats.ts";
import type { GraphqlContext, Services } from "../context.ts";
import { answering, refusal, type UserErrorRecord } from "../errors.ts";
import { type StatsSource, statsOf } from "../stats.ts";
import { StatsWindowEnum } from "../types/enums.ts";
import { QueuePayloadType } from "../types/payload-types.ts";
import { QueueType } from "../types/queue-type.ts";
import { PointType, TaskStatsType } from "../types/stats-type.ts";

interface QueuePayload {
  readonly queue: QueueRecord | null;
  readonly affectedCount: number | null;
  readonly errors: readonly UserErrorRecord[];
}

@Resolver(() => QueueType)
export class QueueResolver {
  @Query(() => [QueueType], {
    description:
      "Queues that task definitions, routes and settings name, that hold unfinished tasks or are paused; sorted by name.",
  })
  queues(@Ctx() { services }: GraphqlContext): Promise<QueueRecord[]> {
    return services.queues.list(services.router.knownQueues);
  }

  @Query(() => QueueType, {
    nullable: true,
    description: "One of the queues; null when there is none of this name.",
  })
  async queue(
    @Arg("name", () => String, { description: "Its exact name." }) name: string,
    @Ctx() { services }: GraphqlContext,
  ): Promise<QueueRecord | null> {
    return findQueue(services, name, services.router.knownQueues);
  }

  @FieldResolver()
  latency(@Root() queue: QueueRecord): number {
    return queue.latencyMs;
  }

  @FieldResolver(() => TaskStatsType, { description: "What of its tasks ended in a window." })
  stats(
    @Root() { name }: QueueRecord,
    @Arg("window", () => StatsWindowEnum, { defaultValue: "LAST_HOUR", description: "How far to look back." })
    window: StatsWindow,
    @Ctx() context: GraphqlContext,
  ): Promise<StatsSource> {
    return statsOf(context, { by: "queue", key: name }, window);
  }

  @FieldResolver(() => [PointType], {
    description:
      "Tasks of it that succeeded or failed in a window, step by step. The last step is under way.",
  })
  async throughput(
    @Root() { name }: QueueRecord,
    @Arg("window", () => StatsWindowEnum, { defaultValue: "LAST_HOUR", description: "How far to look back." })
    window: StatsWindow,
    @Ctx() context: GraphqlContext,
  ): Promise<readonly Point[]> {
    return (await statsOf(context, { by: "queue", key: name }, window)).throughput;
  }
}

@Resolver()
export class QueueMutations {
  @Mutation(() => QueuePayloadType, {
    description:
      "Stops handing out the queue's tasks; enqueueing and what runs already go on. Lasts until `resumeQueue`.",
  })
  pauseQueue(
    @Arg("name", () => String, { description: "The queue; it may be one that is still to come." })
    name: string,
    @Ctx() { services }: GraphqlContext,
  ): Promise<QueuePayload> {
    return change(services, name, () => services.queueControl.pause(name));
  }

  @Mutation(() => QueuePayloadType, { description: "Hands out the queue's tasks again." })
  resumeQueue(
    @Arg("name", () => String, { description: "The queue." }) name: string,
    @Ctx() { services }: GraphqlContext,
  ): Promise<QueuePayload> {
    return change(services, name, () => services.queueControl.resume(name));
  }

  @Mutation(() => QueuePayloadType, {
    description: "Revokes all QUEUED tasks of a queue. `confirm` must repeat the queue's name.",
  })
  purgeQueue(
    @Arg("name", () => String, { description: "The queue." }) name: string,
    @Arg("confirm", () => String, { description: "The queue's name once more." }) confirm: string,
    @Ctx() { services }: GraphqlContext,
  ): Promise<QueuePayload> {
    return change(services, name, () => {
      if (confirm === name) return services.queueControl.purge(name);
      throw refusal(
        ["confirm"],
        `must repeat the queue's name ${show(name)}, got ${show(confirm)}.`,
        "Nothing was purged.",
      );
    });
  }
}

function change(services: Services, name: string, act: () => Promise<number | void>): Promise<QueuePayload> {
  return answering<QueuePayload>(
    async () => {
      if (!QUEUE_NAME.test(name)) throw refusal(["name"], `must be ${QUEUE_NAME_RULE}, got ${show(name)}.`);
      const affectedCount = (await act()) ?? null;
      return { queue: await findQueue(services, name, [name]), affectedCount, errors: [] };
    },
    (errors) => ({ queue: null, affectedCount: null, errors }),
  );
}

async function findQueue(
  services: Services,
  name: string,
  known: readonly string[],
): Promise<QueueRecord | null> {
  if (!QUEUE_NAME.test(name)) return null;
  return (await services.queues.list(known)).find((queue) => queue.name === name) ?? null;
}
