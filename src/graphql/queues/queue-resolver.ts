import { show } from "../../lib/quote.ts";
import { Arg, Ctx, FieldResolver, Int, Mutation, Query, Resolver, Root } from "type-graphql";
import { refuseIssues, type Issue } from "../../errors.ts";
import type { QueueLimits, QueueRecord } from "../../store/queues/queue-store.ts";
import { QUEUE_NAME, QUEUE_NAME_RULE } from "../../task/definition/names.ts";
import { formatRate, parseRate, RATE_FORMS } from "../../task/limits/rate.ts";
import type { Point, StatsWindow } from "../../task/records/stats.ts";
import type { GraphqlContext, ApiServices } from "../context.ts";
import { answering, refusal, type UserErrorRecord } from "../errors.ts";
import { type StatsSource, statsOf } from "../stats/stats-loaders.ts";
import { QueuePayloadType, QueueType } from "./queue-type.ts";
import { PointType, StatsWindowEnum, TaskStatsType } from "../stats/stats-type.ts";

interface QueuePayload {
  readonly queue: QueueRecord | null;
  readonly affectedCount: number | null;
  readonly errors: readonly UserErrorRecord[];
}

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

@Resolver()
export class QueueMutations {
  @Mutation(() => QueuePayloadType, {
    description:
      "Pauses a queue until `resumeQueue`: workers start none of its tasks. Enqueueing and running tasks continue.",
  })
  pauseQueue(
    @Arg("name", () => String, { description: "The queue's name. The queue need not exist yet." })
    name: string,
    @Ctx() { services }: GraphqlContext,
  ): Promise<QueuePayload> {
    return change(services, name, () => services.queueControl.pause(name));
  }

  @Mutation(() => QueuePayloadType, { description: "Resumes a paused queue." })
  resumeQueue(
    @Arg("name", () => String, { description: "The queue's name." }) name: string,
    @Ctx() { services }: GraphqlContext,
  ): Promise<QueuePayload> {
    return change(services, name, () => services.queueControl.resume(name));
  }

  @Mutation(() => QueuePayloadType, {
    description:
      "Limits a queue's tasks over all workers. Running tasks continue. Both limits are replaced: an omitted limit is removed.",
  })
  setQueueLimits(
    @Arg("name", () => String, { description: "The queue's name. The queue need not exist yet." })
    name: string,
    @Arg("concurrency", () => Int, {
      nullable: true,
      description: "Maximum number of running tasks, at least 1. Unlimited if null or omitted.",
    })
    concurrency: number | null | undefined,
    @Arg("rateLimit", () => String, {
      nullable: true,
      description:
        "Maximum rate at which tasks start: `100/s`, `10/m`, `5/h`, `1000/d`. Unlimited if null or omitted.",
    })
    rateLimit: string | null | undefined,
    @Ctx() { services }: GraphqlContext,
  ): Promise<QueuePayload> {
    return change(services, name, () =>
      services.queueControl.setLimits(name, readLimits(concurrency ?? null, rateLimit ?? null)),
    );
  }

  @Mutation(() => QueuePayloadType, {
    description: "Revokes all QUEUED tasks of a queue. `confirm` must repeat the queue's name.",
  })
  purgeQueue(
    @Arg("name", () => String, { description: "The queue's name." }) name: string,
    @Arg("confirm", () => String, { description: "The queue's name, repeated." }) confirm: string,
    @Ctx() { services }: GraphqlContext,
  ): Promise<QueuePayload> {
    return change(services, name, () => {
      if (confirm === name) return services.queueControl.purge(name);
      throw refusal(
        ["confirm"],
        `expected the queue's name ${show(name)}, got ${show(confirm)}.`,
        "Nothing was purged.",
      );
    });
  }
}

/** Reads both limits. @throws RefusedError with every error */
function readLimits(concurrencyLimit: number | null, rateLimit: string | null): QueueLimits {
  const issues: Issue[] = [];
  if (concurrencyLimit !== null && concurrencyLimit < 1) {
    const message = `expected at least 1, got ${concurrencyLimit}.`;
    const hint = "Pause the queue to run no tasks, or omit the limit to remove it.";
    issues.push({ code: "INVALID_INPUT", path: ["concurrency"], message, hint });
  }
  const rate = rateLimit === null ? null : parseRate(rateLimit);
  if (rateLimit !== null && rate === null) {
    const message = `expected ${RATE_FORMS}, got ${show(rateLimit)}.`;
    issues.push({ code: "INVALID_INPUT", path: ["rateLimit"], message });
  }
  refuseIssues(issues);
  return { concurrencyLimit, rateLimit: rate && formatRate(rate) };
}

function change(
  services: ApiServices,
  name: string,
  act: () => Promise<number | void>,
): Promise<QueuePayload> {
  return answering<QueuePayload>(
    async () => {
      if (!QUEUE_NAME.test(name)) throw refusal(["name"], `expected ${QUEUE_NAME_RULE}, got ${show(name)}.`);
      const affectedCount = (await act()) ?? null;
      return { queue: await findQueue(services, name, [name]), affectedCount, errors: [] };
    },
    (errors) => ({ queue: null, affectedCount: null, errors }),
  );
}

async function findQueue(
  services: ApiServices,
  name: string,
  known: readonly string[],
): Promise<QueueRecord | null> {
  if (!QUEUE_NAME.test(name)) return null;
  return (await services.queues.list(known)).find((queue) => queue.name === name) ?? null;
}
