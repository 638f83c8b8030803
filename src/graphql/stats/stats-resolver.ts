import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from "type-graphql";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import {
  type FailureGroup,
  MAX_FAILURE_GROUPS,
  type Overview,
  type StateCounts,
  type StatsWindow,
} from "../../task/records/stats.ts";
import type { TaskOutline } from "../../task/records/task.ts";
import type { GraphqlContext } from "../context.ts";
import { requireRange } from "../arguments.ts";
import { DefinitionType } from "../definitions/definition-type.ts";
import { atMostInt, type StatsSource, statsOf } from "./stats-loaders.ts";
import {
  FailureGroupType,
  OverviewType,
  StateCountsType,
  StatsWindowEnum,
  TaskStatsType,
} from "./stats-type.ts";

const DEFAULT_GROUPS = 50;

@Resolver(() => OverviewType)
export class OverviewResolver {
  @Query(() => OverviewType, { description: "Returns an overview of all tasks and workers." })
  overview(@Ctx() { services }: GraphqlContext): Promise<Overview> {
    return services.statistics.overview();
  }

  @FieldResolver(() => TaskStatsType, { description: "Statistics of all tasks that ended in a window." })
  stats(
    @Root() _overview: Overview,
    @Arg("window", () => StatsWindowEnum, {
      defaultValue: "LAST_HOUR",
      description: "The window to look back over.",
    })
    window: StatsWindow,
    @Ctx() context: GraphqlContext,
  ): Promise<StatsSource> {
    return statsOf(context, { by: "all", key: "" }, window);
  }
}

@Resolver(() => StateCountsType)
export class StateCountsResolver {
  @FieldResolver()
  success(@Root() counts: StateCounts): number {
    return atMostInt(counts.success);
  }

  @FieldResolver()
  failure(@Root() counts: StateCounts): number {
    return atMostInt(counts.failure);
  }

  @FieldResolver()
  revoked(@Root() counts: StateCounts): number {
    return atMostInt(counts.revoked);
  }

  @FieldResolver()
  expired(@Root() counts: StateCounts): number {
    return atMostInt(counts.expired);
  }
}

@Resolver(() => TaskStatsType)
export class TaskStatsResolver {
  @FieldResolver()
  counts(@Root() stats: StatsSource): Promise<StateCounts> {
    return stats.counts();
  }

  @FieldResolver()
  retried(@Root() { retried }: StatsSource): number {
    return atMostInt(retried);
  }
}

@Resolver(() => FailureGroupType)
export class FailureGroupResolver {
  @Query(() => [FailureGroupType], {
    description:
      "Lists groups of FAILURE tasks of one definition that have equal errors, largest group first. If a task fails in very many ways, the rarest are not distinguished.",
  })
  failureGroups(
    @Arg("window", () => StatsWindowEnum, {
      defaultValue: "LAST_DAY",
      description: "The window to look back over.",
    })
    window: StatsWindow,
    @Arg("first", () => Int, {
      nullable: true,
      description: `Number of groups to return: 1 to ${MAX_FAILURE_GROUPS}, ${DEFAULT_GROUPS} by default.`,
    })
    first: number | null | undefined,
    @Ctx() { services }: GraphqlContext,
  ): Promise<FailureGroup[]> {
    const limit = first ?? DEFAULT_GROUPS;
    requireRange("first", limit, MAX_FAILURE_GROUPS);
    return services.statistics.failureGroups(window, limit);
  }

  @FieldResolver(() => DefinitionType, {
    nullable: true,
    description: "The task definition. Null if this server does not know it.",
  })
  definition(@Root() { name }: FailureGroup, @Ctx() { services }: GraphqlContext): AnyTaskDefinition | null {
    return services.registry.get(name) ?? null;
  }

  @FieldResolver()
  count(@Root() { count }: FailureGroup): number {
    return atMostInt(count);
  }

  @FieldResolver()
  sample(
    @Root() { sampleId }: FailureGroup,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<TaskOutline | null> {
    return loaders.task.load(sampleId);
  }
}
