import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { ScheduleRecord } from "../../task/schedule/schedule.ts";
import type { ApiServices, GraphqlContext } from "../context.ts";
import { answering, type PathMap, type UserErrorRecord } from "../errors.ts";
import { payloadOf } from "../payload.ts";
import { TasksPayloadType } from "../tasks/bulk-types.ts";
import {
  CreateScheduleInput,
  DeleteSchedulesInput,
  RunSchedulesNowInput,
  type ScheduleSelectionInput,
  SetSchedulesEnabledInput,
  toChanges,
  toScheduleInput,
  UpdateScheduleInput,
} from "./schedule-input.ts";
import { findIds, readBy, readSelection } from "./schedule-keys.ts";
import {
  DeleteSchedulesPayloadType,
  SchedulePayloadType,
  SetSchedulesEnabledPayloadType,
} from "./schedule-type.ts";

interface SchedulePayload {
  readonly schedule: ScheduleRecord | null;
  readonly errors: readonly UserErrorRecord[];
}
interface SetSchedulesEnabledPayload {
  readonly schedules: readonly ScheduleRecord[];
  readonly errors: readonly UserErrorRecord[];
}
interface TasksPayload {
  readonly affectedCount: number;
  readonly skippedCount: number;
  readonly taskIds: readonly string[];
  readonly errors: readonly UserErrorRecord[];
}
interface DeleteSchedulesPayload {
  readonly deletedIds: readonly string[];
  readonly deletedCount: number;
  readonly skippedCount: number;
  readonly errors: readonly UserErrorRecord[];
}

/** The mutations of schedules. */
@Resolver()
export class ScheduleMutations {
  @Mutation(payloadOf("CreateSchedule", SchedulePayloadType), {
    description: "Creates a schedule. Its input is checked against the task definition's schema.",
  })
  createSchedule(
    @Arg("input", () => CreateScheduleInput, { description: "The schedule to create." })
    input: CreateScheduleInput,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<SchedulePayload> {
    return one(() => services.schedules.create(toScheduleInput(input), { createdBy: actor }));
  }

  @Mutation(payloadOf("UpdateSchedule", SchedulePayloadType), {
    description:
      "Changes a schedule. A new timing, time zone or start applies to slots after the change. CODE schedules can only be enabled and disabled.",
  })
  updateSchedule(
    @Arg("input", () => UpdateScheduleInput, { description: "The changes." })
    input: UpdateScheduleInput,
    @Ctx() { services }: GraphqlContext,
  ): Promise<SchedulePayload> {
    return one(
      async () => {
        const id = await readBy(input.by, services.scheduleStore);
        return services.schedules.update(id, input.version, toChanges(input));
      },
      (path) => ["input", ...(path[0] === "id" ? ["by"] : path)],
    );
  }

  @Mutation(() => SetSchedulesEnabledPayloadType, {
    description: "Enables or disables schedules. If one of them does not exist, none is changed.",
  })
  setSchedulesEnabled(
    @Arg("input", () => SetSchedulesEnabledInput, { description: "The schedules." })
    { select, enabled }: SetSchedulesEnabledInput,
    @Ctx() { services }: GraphqlContext,
  ): Promise<SetSchedulesEnabledPayload> {
    return answering<SetSchedulesEnabledPayload>(
      async () => {
        const ids = await everyId(select, services);
        return { schedules: await services.schedules.setEnabled(ids, enabled), errors: [] };
      },
      (errors) => ({ schedules: [], errors }),
      inSelection,
    );
  }

  @Mutation(payloadOf("RunSchedulesNow", TasksPayloadType), {
    description: "Creates a task of each schedule now. The schedules' slots do not change.",
  })
  runSchedulesNow(
    @Arg("input", () => RunSchedulesNowInput, { description: "The schedules." })
    { select }: RunSchedulesNowInput,
    @Ctx() { services, actor }: GraphqlContext,
  ): Promise<TasksPayload> {
    return answering<TasksPayload>(
      async () => {
        const ids = await everyId(select, services);
        const { taskIds, skippedCount } = await services.schedules.runNow(ids, actor);
        return { affectedCount: taskIds.length, skippedCount, taskIds, errors: [] };
      },
      (errors) => ({ affectedCount: 0, skippedCount: 0, taskIds: [], errors }),
      inSelection,
    );
  }

  @Mutation(() => DeleteSchedulesPayloadType, { description: "Deletes schedules. Their tasks are kept." })
  deleteSchedules(
    @Arg("input", () => DeleteSchedulesInput, { description: "The schedules." })
    { select }: DeleteSchedulesInput,
    @Ctx() { services }: GraphqlContext,
  ): Promise<DeleteSchedulesPayload> {
    return answering<DeleteSchedulesPayload>(
      async () => {
        const { ids, selected } = await findIds(readSelection(select), services.scheduleStore);
        const deletedIds = await services.schedules.delete(ids);
        const deletedCount = deletedIds.length;
        return { deletedIds, deletedCount, skippedCount: selected - deletedCount, errors: [] };
      },
      (errors) => ({ deletedIds: [], deletedCount: 0, skippedCount: 0, errors }),
      inSelection,
    );
  }
}

function one(
  work: () => Promise<ScheduleRecord>,
  mapPath: PathMap = (path) => ["input", ...path],
): Promise<SchedulePayload> {
  return answering<SchedulePayload>(
    async () => ({ schedule: await work(), errors: [] }),
    (errors) => ({ schedule: null, errors }),
    mapPath,
  );
}

/**
 * Returns the IDs of selected schedules.
 *
 * @throws RefusedError if a name does not exist
 */
async function everyId(
  select: ScheduleSelectionInput,
  { scheduleStore }: ApiServices,
): Promise<readonly string[]> {
  const { ids, missing } = await findIds(readSelection(select), scheduleStore);
  if (missing) throw missing;
  return ids;
}

/** The path of an error: an error of one schedule belongs to the whole selection. */
function inSelection(path: readonly string[]): readonly string[] {
  return ["input", "select", ...(path[0] === "id" ? [] : path)];
}
