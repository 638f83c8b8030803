import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from "type-graphql";
import type { JsonObject } from "../../lib/json.ts";
import type { AnyTaskDefinition } from "../../task/definition.ts";
import { describeKey } from "../../task/limits.ts";
import { formatRate } from "../../task/rate.ts";
import type { StatsWindow } from "../../task/stats.ts";
import type { WorkerRecord } from "../../task/worker.ts";
import type { GraphqlContext } from "../context.ts";
import { badUserInput } from "../errors.ts";
import { TaskFilterInput } from "../inputs/filter-input.ts";
import { type StatsSource, statsOf } from "../stats.ts";
import { readFilter } from "../task-filter.ts";
import { readTaskPage, type TaskConnection } from "../task-page.ts";
import { POOL_KINDS } from "../types/enums.ts";
import { type ConcurrencyLimitType, DefinitionType, type RetryPolicyType } from "../types/definition-type.ts";
import { StatsWindowEnum } from "../types/enums.ts";
import { TaskStatsType } from "../types/stats-type.ts";
import { TaskConnectionType } from "../types/task-connection-type.ts";

@Resolver(() => DefinitionType)
export class DefinitionResolver {
  @Query(() => [DefinitionType], { description: "Task definitions that this server knows, sorted by name." })
  taskDefinitions(
    @Arg("search", () => String, {
      nullable: true,
      description: "Only those with this text in name, description or tags; upper and lower case are equal.",
    })
    search: string | null | undefined,
    @Ctx() { services }: GraphqlContext,
  ): AnyTaskDefinition[] {
    const wanted = search?.trim().toLowerCase() ?? "";
    return services.registry
      .all()
      .filter(({ name, description, tags }) =>
        [name, description ?? "", ...tags].some((text) => text.toLowerCase().includes(wanted)),
      );
  }

  @Query(() => DefinitionType, {
    nullable: true,
    description: "One task definition; null when this server does not know it.",
  })
  taskDefinition(
    @Arg("name", () => String, { description: "Its exact name." }) name: string,
    @Ctx() { services }: GraphqlContext,
  ): AnyTaskDefinition | null {
    return services.registry.get(name) ?? null;
  }

  @FieldResolver()
  inputSchema(@Root() definition: AnyTaskDefinition): JsonObject | null {
    return definition.inputJsonSchema;
  }

  @FieldResolver()
  outputSchema(@Root() definition: AnyTaskDefinition): JsonObject | null {
    return definition.outputJsonSchema;
  }

  @FieldResolver()
  pool(@Root() { pool }: AnyTaskDefinition): DefinitionType["pool"] {
    return pool && POOL_KINDS[pool];
  }

  @FieldResolver()
  retry(@Root() { retry }: AnyTaskDefinition): RetryPolicyType {
    const { maxAttempts, backoff, jitter } = retry;
    const { initialDelayMs: initialDelay, maxDelayMs: maxDelay, forMs } = retry;
    return { maxAttempts, backoff, jitter, initialDelay, maxDelay, for: forMs };
  }

  @FieldResolver()
  timeLimit(@Root() definition: AnyTaskDefinition): number | null {
    return definition.timeLimitMs;
  }

  @FieldResolver()
  rateLimit(@Root() { limits }: AnyTaskDefinition): string | null {
    return limits?.rate ? formatRate(limits.rate.rate) : null;
  }

  @FieldResolver()
  rateLimitKey(@Root() { limits }: AnyTaskDefinition): string | null {
    return limits?.rate ? describeKey(limits, limits.rate) : null;
  }

  @FieldResolver()
  concurrencyLimits(@Root() { limits }: AnyTaskDefinition): ConcurrencyLimitType[] {
    return limits ? limits.concurrency.map((one) => ({ max: one.max, key: describeKey(limits, one) })) : [];
  }

  @FieldResolver()
  softTimeLimit(@Root() definition: AnyTaskDefinition): number | null {
    return definition.softTimeLimitMs;
  }

  @FieldResolver()
  workers(
    @Root() { name }: AnyTaskDefinition,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<readonly WorkerRecord[]> {
    return loaders.workersFor.load(name);
  }

  @FieldResolver(() => TaskStatsType, { description: "What of its tasks ended in a window." })
  stats(
    @Root() { name }: AnyTaskDefinition,
    @Arg("window", () => StatsWindowEnum, { defaultValue: "LAST_HOUR", description: "How far to look back." })
    window: StatsWindow,
    @Ctx() context: GraphqlContext,
  ): Promise<StatsSource> {
    return statsOf(context, { by: "name", key: name }, window);
  }

  @FieldResolver(() => TaskConnectionType, { description: "Its tasks, newest first." })
  async runs(
    @Root() { name }: AnyTaskDefinition,
    @Arg("first", () => Int, { nullable: true, description: "How many, 1..200; default 50." })
    first: number | null | undefined,
    @Arg("after", () => String, { nullable: true, description: "Only what comes after this cursor." })
    after: string | null | undefined,
    @Arg("filter", () => TaskFilterInput, { nullable: true, description: "Which of them; without `names`." })
    filter: TaskFilterInput | null | undefined,
    @Ctx() { services }: GraphqlContext,
  ): Promise<TaskConnection> {
    if (filter?.names)
      throw badUserInput("filter.names cannot be used here: runs are those of one task definition.");
    return readTaskPage(services.tasks, {
      first,
      after,
      filter: { ...readFilter(filter, ["filter"]), names: [name] },
    });
  }
}
