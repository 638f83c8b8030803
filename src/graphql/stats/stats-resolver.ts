import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from "type-graphql";
import type { FailureGroup, Overview, StateCounts, StatsWindow } from "../../task/records/stats.ts";
import type { TaskOutline } from "../../task/records/task.ts";
import type { GraphqlContext } from "../context.ts";
import { badUserInput } from "../errors.ts";
import { atMostInt, type StatsSource, statsOf } from "./stats-loaders.ts";
import { StatsWindowEnum } from "../enums.ts";
import { FailureGroupType, OverviewType, StateCountsType, TaskStatsType } from "./stats-type.ts";

const DEFAULT_GROUPS = 50;
const MAX_GROUPS = 200;

@Resolver(() => OverviewType)
export class OverviewResolver {
  @Query(() => OverviewType, { description: "How things stand." })
  overview(@Ctx() { services }: GraphqlContext): Promise<Overview> {
    return services.statistics.overview();
  }

  @FieldResolver(() => TaskStatsType, { description: "What ended in a window, of all tasks." })
  stats(
    @Root() _overview: Overview,
    @Arg("window", () => StatsWindowEnum, { defaultValue: "LAST_HOUR", description: "How far to look back." })
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
      "Tasks that ended as FAILURE, grouped by equal failures of one name; the largest groups first. Where a task fails in very many ways, the rarest are not told apart.",
  })
  failureGroups(
    @Arg("window", () => StatsWindowEnum, { defaultValue: "LAST_DAY", description: "How far to look back." })
    window: StatsWindow,
    @Arg("first", () => Int, {
      nullable: true,
      description: `How many, 1..${MAX_GROUPS}; default ${DEFAULT_GROUPS}.`,
    })
    first: number | null | undefined,
    @Ctx() { services }: GraphqlContext,
  ): Promise<FailureGroup[]> {
    const limit = first ?? DEFAULT_GROUPS;
    if (limit < 1 || limit > MAX_GROUPS) throw badUserInput(`first must be 1..${MAX_GROUPS}, got ${limit}.`);
    return services.statistics.failureGroups(window, limit);
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
