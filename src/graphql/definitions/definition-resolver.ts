import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from "type-graphql";
import type { JsonObject } from "../../lib/json/json.ts";
import type { QueueRecord } from "../../store/queues/queue-store.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import { describeKey } from "../../task/limits/limits.ts";
import { formatRate } from "../../task/limits/rate.ts";
import type { Priority } from "../../task/definition/priority.ts";
import type { ResultBackend } from "../../task/records/results.ts";
import type { UniqueConflict } from "../../task/call/unique.ts";
import {
  type EffectiveTaskSettings,
  effectiveSettings,
  NO_TASK_OVERRIDES,
  type TaskSettingKey,
} from "../../task/records/task-overrides.ts";
import type { StatsWindow } from "../../task/records/stats.ts";
import type { WorkerRecord } from "../../task/records/worker.ts";
import type { GraphqlContext } from "../context.ts";
import { badUserInput } from "../errors.ts";
import { definitionId } from "../node.ts";
import type { Loaders } from "../loading/loaders.ts";
import { TaskFilterInput } from "../tasks/filter-input.ts";
import { type StatsSource, statsOf } from "../stats/stats-loaders.ts";
import { readFilter } from "../tasks/task-filter.ts";
import { readTaskPage, type TaskConnection } from "../tasks/task-page.ts";
import {
  type ConcurrencyLimitType,
  DefinitionType,
  type ResultsExpireType,
  type RetryPolicyType,
} from "./definition-type.ts";
import { StatsWindowEnum, TaskStatsType } from "../stats/stats-type.ts";
import { POOL_KINDS } from "../workers/worker-type.ts";
import { TaskConnectionType } from "../tasks/task-connection-type.ts";

@Resolver(() => DefinitionType)
export class DefinitionResolver {
  @Query(() => [DefinitionType], {
    description: "Lists the task definitions that this server knows, sorted by name.",
  })
  taskDefinitions(
    @Arg("search", () => String, {
      nullable: true,
      description:
        "Returns only definitions whose name, description or tags contain this string. Case does not matter.",
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
    description: "Returns a task definition by name, or null if this server does not know it.",
  })
  taskDefinition(
    @Arg("name", () => String, { description: "The definition's exact name." }) name: string,
    @Ctx() { services }: GraphqlContext,
  ): AnyTaskDefinition | null {
    return services.registry.get(name) ?? null;
  }

  @FieldResolver()
  id(@Root() { name }: AnyTaskDefinition): string {
    return definitionId(name);
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
  queueName(@Root() definition: AnyTaskDefinition, @Ctx() { services }: GraphqlContext): string {
    return services.router.defaults(definition).queue;
  }

  @FieldResolver()
  queue(
    @Root() definition: AnyTaskDefinition,
    @Ctx() { services, loaders }: GraphqlContext,
  ): Promise<QueueRecord> {
    return loaders.queue.load(services.router.defaults(definition).queue);
  }

  @FieldResolver()
  priority(@Root() definition: AnyTaskDefinition, @Ctx() { services }: GraphqlContext): Priority {
    return services.router.defaults(definition).priority;
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
  async timeLimit(
    @Root() definition: AnyTaskDefinition,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<number | null> {
    return (await settingsOf(definition, loaders)).timeLimitMs;
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
  sensitive(@Root() { sensitive }: AnyTaskDefinition): readonly string[] {
    return sensitive.map((path) => path.join("."));
  }

  @FieldResolver()
  onConflict(@Root() { unique }: AnyTaskDefinition): UniqueConflict {
    return unique.debounceMs === null ? (unique.onConflict ?? "RETURN") : "REPLACE";
  }

  @FieldResolver()
  debounce(@Root() { unique }: AnyTaskDefinition): number | null {
    return unique.debounceMs;
  }

  @FieldResolver()
  maxWait(@Root() { unique }: AnyTaskDefinition): number | null {
    return unique.maxWaitMs;
  }

  @FieldResolver()
  resultsExpire(@Root() { results }: AnyTaskDefinition): ResultsExpireType | null {
    if (results.keepMs === null) return null;
    const { SUCCESS = null, FAILURE = null, REVOKED = null, EXPIRED = null } = results.keepMs;
    return { success: SUCCESS, failure: FAILURE, revoked: REVOKED, expired: EXPIRED };
  }

  @FieldResolver()
  resultBackend(@Root() { results }: AnyTaskDefinition): DefinitionType["resultBackend"] {
    if (results.ignore) return "NONE";
    return results.backend && (results.backend.toUpperCase() as Uppercase<ResultBackend>);
  }

  @FieldResolver()
  async softTimeLimit(
    @Root() definition: AnyTaskDefinition,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<number | null> {
    return (await settingsOf(definition, loaders)).softTimeLimitMs;
  }

  @FieldResolver()
  async rateLimit(
    @Root() definition: AnyTaskDefinition,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<string | null> {
    const { rateLimit } = await settingsOf(definition, loaders);
    return rateLimit ?? (definition.limits?.rate ? formatRate(definition.limits.rate.rate) : null);
  }

  @FieldResolver()
  async overridden(
    @Root() definition: AnyTaskDefinition,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<readonly TaskSettingKey[]> {
    return (await settingsOf(definition, loaders)).overridden;
  }

  @FieldResolver()
  workers(
    @Root() { name }: AnyTaskDefinition,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<readonly WorkerRecord[]> {
    return loaders.workersFor.load(name);
  }

  @FieldResolver(() => TaskStatsType, {
    description: "Statistics of the definition's tasks that ended in a window.",
  })
  stats(
    @Root() { name }: AnyTaskDefinition,
    @Arg("window", () => StatsWindowEnum, {
      defaultValue: "LAST_HOUR",
      description: "The window to look back over.",
    })
    window: StatsWindow,
    @Ctx() context: GraphqlContext,
  ): Promise<StatsSource> {
    return statsOf(context, { by: "name", key: name }, window);
  }

  @FieldResolver(() => TaskConnectionType, { description: "The definition's tasks, newest first." })
  async runs(
    @Root() { name }: AnyTaskDefinition,
    @Arg("first", () => Int, {
      nullable: true,
      description: "Number of tasks to return: 1 to 200, 50 by default.",
    })
    first: number | null | undefined,
    @Arg("after", () => String, { nullable: true, description: "Returns only tasks after this cursor." })
    after: string | null | undefined,
    @Arg("filter", () => TaskFilterInput, {
      nullable: true,
      description: "Conditions that the tasks must meet. `names` cannot be used here.",
    })
    filter: TaskFilterInput | null | undefined,
    @Ctx() context: GraphqlContext,
  ): Promise<TaskConnection> {
    if (filter?.names)
      throw badUserInput(
        "filter.names: cannot be used here, because runs belong to one task definition. Omit it.",
      );
    return readTaskPage(context, {
      first,
      after,
      filter: { ...readFilter(filter, ["filter"]), names: [name] },
    });
  }
}

async function settingsOf(definition: AnyTaskDefinition, loaders: Loaders): Promise<EffectiveTaskSettings> {
  const overrides = await loaders.overrides.load(definition.name);
  return effectiveSettings(definition, overrides ?? NO_TASK_OVERRIDES);
}
