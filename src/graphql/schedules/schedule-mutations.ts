import { show } from "../../lib/quote.ts";
import { Arg, Ctx, ID, Mutation, Resolver } from "type-graphql";
import type { ScheduleRecord } from "../../task/schedule/schedule.ts";
import { isUuid } from "../../lib/uuid.ts";
import type { GraphqlContext } from "../context.ts";
import { answering, refusal, type UserErrorRecord } from "../errors.ts";
import { CreateScheduleInput, toChanges, toScheduleInput, UpdateScheduleInput } from "./schedule-input.ts";
import { DeletePayloadType, TasksPayloadType } from "../tasks/bulk-payload-types.ts";
import { SchedulePayloadType, SchedulesPayloadType } from "./schedule-type.ts";

interface SchedulePayload {
  readonly schedule: ScheduleRecord | null;
  readonly errors: readonly UserErrorRecord[];
}
interface SchedulesPayload {
  readonly schedules: readonly ScheduleRecord[];
  readonly errors: readonly UserErrorRecord[];
}
interface TasksPayload {
  readonly affectedCount: number;
  readonly skippedCount: number;
  readonly taskIds: readonly string[];
  readonly errors: readonly UserErrorRecord[];
}

const IDS = "IDs of the schedules: 1 to 1,000.";
const MAX_IDS = 1_000;
const inInput = (path: readonly string[]): string[] => ["input", ...path];

/** The mutations of schedules. */
@Resolver()
export class ScheduleMutations {
  @Mutation(() => SchedulePayloadType, {
    description: "Creates a schedule. Its input is checked against the task definition's schema.",
  })
  createSchedule(
    @Arg("input", () => CreateScheduleInput, { description: "The schedule to create." })
    input: CreateScheduleInput,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<SchedulePayload> {
    return one(() => services.schedules.create(toScheduleInput(input), { createdBy: actor }));
  }

  @Mutation(() => SchedulePayloadType, {
    description:
      "Changes a schedule. A new timing, time zone or start applies to slots after the change. CODE schedules can only be enabled and disabled.",
  })
  updateSchedule(
    @Arg("input", () => UpdateScheduleInput, { description: "The changes." })
    input: UpdateScheduleInput,
    @Ctx() { services }: GraphqlContext,
  ): Promise<SchedulePayload> {
    return one(() => {
      if (!isUuid(input.id)) throw refusal(["id"], `expected a UUID, got ${show(input.id)}.`);
      return services.schedules.update(input.id, input.version, toChanges(input));
    });
  }

  @Mutation(() => SchedulesPayloadType, {
    description: "Enables or disables schedules. If one of them does not exist, none is changed.",
  })
  setSchedulesEnabled(
    @Arg("ids", () => [ID], { description: IDS }) ids: readonly string[],
    @Arg("enabled", () => Boolean, { description: "Whether the schedules create tasks." }) enabled: boolean,
    @Ctx() { services }: GraphqlContext,
  ): Promise<SchedulesPayload> {
    return answering<SchedulesPayload>(
      async () => ({ schedules: await services.schedules.setEnabled(checkIds(ids), enabled), errors: [] }),
      (errors) => ({ schedules: [], errors }),
      toIds,
    );
  }

  @Mutation(() => TasksPayloadType, {
    description: "Creates a task of each schedule now. The schedules' slots do not change.",
  })
  runSchedulesNow(
    @Arg("ids", () => [ID], { description: IDS }) ids: readonly string[],
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<TasksPayload> {
    return answering<TasksPayload>(
      async () => {
        const { taskIds, skippedCount } = await services.schedules.runNow(checkIds(ids), actor);
        return { affectedCount: taskIds.length, skippedCount, taskIds, errors: [] };
      },
      (errors) => ({ affectedCount: 0, skippedCount: 0, taskIds: [], errors }),
      toIds,
    );
  }

  @Mutation(() => DeletePayloadType, { description: "Deletes schedules. Their tasks are kept." })
  deleteSchedules(
    @Arg("ids", () => [ID], { description: IDS }) ids: readonly string[],
    @Ctx() { services }: GraphqlContext,
  ): Promise<DeletePayloadType> {
    return answering<DeletePayloadType>(
      async () => {
        const deletedCount = await services.schedules.delete(checkIds(ids));
        return { deletedCount, skippedCount: new Set(ids).size - deletedCount, errors: [] };
      },
      (errors) => ({ deletedCount: 0, skippedCount: 0, errors }),
      toIds,
    );
  }
}

function one(work: () => Promise<ScheduleRecord>): Promise<SchedulePayload> {
  return answering<SchedulePayload>(
    async () => ({ schedule: await work(), errors: [] }),
    (errors) => ({ schedule: null, errors }),
    inInput,
  );
}

function checkIds(ids: readonly string[]): readonly string[] {
  if (ids.length < 1 || ids.length > MAX_IDS)
    throw refusal(["ids"], `expected 1 to ${MAX_IDS} IDs, got ${ids.length}.`);
  const odd = ids.findIndex((id) => !isUuid(id));
  if (odd >= 0) throw refusal(["ids", String(odd)], `expected a UUID, got ${show(ids[odd])}.`);
  return [...new Set(ids)];
}

/** The path of an error: an error of one schedule belongs to the whole array of IDs. */
function toIds(path: readonly string[]): readonly string[] {
  return path[0] === "id" ? ["ids"] : path;
}
