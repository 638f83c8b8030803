import { Arg, Ctx, FieldResolver, Int, Query, Resolver, Root } from "type-graphql";
import { nextRunsOf } from "../../engine/schedules/slot-decider.ts";
import type { Json, JsonObject } from "../../lib/json/json.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import { redact } from "../../task/sensitive/sensitive.ts";
import type { ScheduleRecord, ScheduleSummary } from "../../task/schedule/schedule.ts";
import type { TaskOutline } from "../../task/records/task.ts";
import type { IntervalTiming } from "../../task/timing/timing.ts";
import { describeTiming, type Language } from "../../task/timing/words.ts";
import type { GraphqlContext } from "../context.ts";
import { DefinitionType } from "../definitions/definition-type.ts";
import { requireRange, readUuid } from "../arguments.ts";
import { ScheduleByInput, ScheduleFilterInput } from "./schedule-input.ts";
import { mayBeName } from "./schedule-keys.ts";
import type { Loaders } from "../loading/loaders.ts";
import { DEFAULT_SIZE, readSchedulePage, type ScheduleConnection } from "./schedule-page.ts";
import { DateTimeScalar } from "../scalars.ts";
import { readTaskPage, type TaskConnection } from "../tasks/task-page.ts";
import { ScheduleConnectionType, ScheduleType } from "./schedule-type.ts";
import { IntervalTimingType, LanguageEnum } from "./timing-type.ts";
import { TaskConnectionType } from "../tasks/task-connection-type.ts";
import { TaskType } from "../tasks/task-type.ts";

/** A whole row, or the columns that an event carries. */
type ScheduleSource = ScheduleRecord | ScheduleSummary;

function loadRecord(
  schedule: ScheduleSource,
  loaders: Loaders,
): Promise<ScheduleRecord | null> | ScheduleRecord {
  return "args" in schedule ? schedule : loaders.schedule.load(schedule.id);
}

const MOST_RUNS = 100;

@Resolver(() => ScheduleType)
export class ScheduleResolver {
  @Query(() => ScheduleConnectionType, {
    description: "Lists schedules in the order of their names, with keyset pagination.",
  })
  schedules(
    @Arg("first", () => Int, {
      nullable: true,
      defaultValue: DEFAULT_SIZE,
      description: "Number of schedules to return: 1 to 200.",
    })
    first: number | null | undefined,
    @Arg("after", () => String, { nullable: true, description: "Returns only schedules after this cursor." })
    after: string | null | undefined,
    @Arg("filter", () => ScheduleFilterInput, {
      nullable: true,
      description: "Conditions that the schedules must meet. Defaults to all schedules.",
    })
    filter: ScheduleFilterInput | null | undefined,
    @Ctx() { services }: GraphqlContext,
  ): Promise<ScheduleConnection> {
    return readSchedulePage(services.scheduleStore, { first, after, filter });
  }

  @Query(() => ScheduleType, {
    nullable: true,
    description: "Returns a schedule by ID or by name, or null if there is no such schedule.",
  })
  async schedule(
    @Arg("by", () => ScheduleByInput, { description: "The schedule's key." }) { id, name }: ScheduleByInput,
    @Ctx() { services: { scheduleStore: store }, loaders }: GraphqlContext,
  ): Promise<ScheduleRecord | null> {
    if (typeof id === "string") return loaders.schedule.load(readUuid("by.id", id));
    return mayBeName(name ?? "") ? ((await store.byNames([name ?? ""]))[0] ?? null) : null;
  }

  @FieldResolver(() => DefinitionType, {
    nullable: true,
    description: "The task definition. Null if this server does not know it.",
  })
  definition(
    @Root() { taskName }: ScheduleSource,
    @Ctx() { services }: GraphqlContext,
  ): AnyTaskDefinition | null {
    return services.registry.get(taskName) ?? null;
  }

  @FieldResolver()
  async args(@Root() schedule: ScheduleSource, @Ctx() { loaders, services }: GraphqlContext): Promise<Json> {
    const args = (await loadRecord(schedule, loaders))?.args ?? null;
    return redact(args, services.registry.get(schedule.taskName)?.sensitive ?? []);
  }

  @FieldResolver()
  async options(
    @Root() schedule: ScheduleSource,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<JsonObject | null> {
    return (await loadRecord(schedule, loaders))?.options ?? null;
  }

  @FieldResolver()
  async description(
    @Root() schedule: ScheduleSource,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<string | null> {
    return (await loadRecord(schedule, loaders))?.description ?? null;
  }

  @FieldResolver()
  jitter(@Root() { jitterMs }: ScheduleSource): number | null {
    return jitterMs;
  }

  @FieldResolver()
  summary(
    @Root() { timing, timeZone, problem }: ScheduleSource,
    @Arg("language", () => LanguageEnum, { defaultValue: "EN", description: "The language of the summary." })
    language: Language,
  ): string {
    try {
      return describeTiming(timing, timeZone, language);
    } catch (error) {
      // The row was edited by hand: the problem is the best summary.
      return problem ?? (error as Error).message;
    }
  }

  @FieldResolver()
  async problem(
    @Root() { taskName, problem }: ScheduleSource,
    @Ctx() { services, loaders }: GraphqlContext,
  ): Promise<string | null> {
    if (problem !== null || services.registry.get(taskName)) return problem;
    const workers = await loaders.workersFor.load(taskName);
    return workers.length > 0 ? null : `No running process knows the task "${taskName}": its tasks wait.`;
  }

  @FieldResolver(() => [DateTimeScalar], {
    description: "The next slots. Empty if the schedule is disabled or has ended.",
  })
  async nextRuns(
    @Root() schedule: ScheduleSource,
    @Arg("count", () => Int, {
      defaultValue: 5,
      description: `Number of slots to return: 1 to ${MOST_RUNS}.`,
    })
    count: number,
    @Ctx() { services, turns }: GraphqlContext,
  ): Promise<Date[]> {
    requireRange("count", count, MOST_RUNS);
    try {
      return await turns.run(() => nextRunsOf(schedule, count, services.clock.now()));
    } catch {
      return []; // The row was edited by hand to something invalid, and beat has not checked it yet.
    }
  }

  @FieldResolver(() => TaskType, {
    nullable: true,
    description: "The schedule's newest task. Null before the first task, and if the task was deleted.",
  })
  lastRun(
    @Root() { lastTaskId }: ScheduleSource,
    @Ctx() { loaders }: GraphqlContext,
  ): Promise<TaskOutline | null> | null {
    return lastTaskId === null ? null : loaders.task.load(lastTaskId);
  }

  @FieldResolver(() => TaskConnectionType, { description: "The schedule's tasks, newest first." })
  runs(
    @Root() { id }: ScheduleSource,
    @Arg("first", () => Int, {
      nullable: true,
      description: "Number of tasks to return: 1 to 200, 50 by default.",
    })
    first: number | null | undefined,
    @Arg("after", () => String, { nullable: true, description: "Returns only tasks after this cursor." })
    after: string | null | undefined,
    @Ctx() context: GraphqlContext,
  ): Promise<TaskConnection> {
    return readTaskPage(context, { first, after, filter: { scheduleId: id } });
  }
}

@Resolver(() => IntervalTimingType)
export class IntervalTimingResolver {
  @FieldResolver()
  every(@Root() { everyMs }: IntervalTiming): number {
    return everyMs;
  }
}
