import { z } from "zod";
import { Beat } from "../../src/engine/schedules/beat.ts";
import { Enqueuer } from "../../src/engine/enqueue/enqueuer.ts";
import { ScheduleControl } from "../../src/engine/schedules/schedule-control.ts";
import { ScheduledTasks } from "../../src/engine/schedules/scheduled-tasks.ts";
import { SlotDecider } from "../../src/engine/schedules/slot-decider.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger, type Logger } from "../../src/lib/log/log.ts";
import { defineTask } from "../../src/task/definition/define-task.ts";
import type { AnyTaskDefinition } from "../../src/task/definition/definition.ts";
import { Registry } from "../../src/task/definition/registry.ts";
import type { ScheduleInput } from "../../src/task/schedule/schedule-input.ts";
import type { ScheduleRecord, SkippedSlots } from "../../src/task/schedule/schedule.ts";
import type { TaskRecord } from "../../src/task/records/task.ts";
import type { DATABASES } from "./databases.ts";
import { type EngineParts, KEEP_MS, openEngineParts } from "./engine-parts.ts";

/** A task whose definition says as much as may be. */
export const tick = defineTask({
  name: "clock.tick",
  input: z.object({ text: z.string().default("tick") }),
  queue: "clock",
  tags: ["ticking"],
  retry: { maxAttempts: 7 },
  run: () => undefined,
});

export function after(time: Date, ms: number): Date {
  return new Date(time.getTime() + ms);
}

export interface ScheduleParts extends EngineParts {
  readonly control: ScheduleControl;
  readonly beat: Beat;
  /** Another beat over the same database. */
  makeBeat(log?: Logger): Beat;
  create(part?: Partial<ScheduleInput>): Promise<ScheduleRecord>;
  /** A schedule as it is now. */
  schedule(name: string): Promise<ScheduleRecord>;
  /** Its tasks, in order of their slots. */
  tasksOf(schedule: Pick<ScheduleRecord, "id">): Promise<TaskRecord[]>;
  /** The slots that gave tasks, in their order. */
  slotsOf(schedule: Pick<ScheduleRecord, "id">): Promise<(Date | null)[]>;
  /** The slots that gave none, newest first. */
  skipsOf(schedule: Pick<ScheduleRecord, "id">): Promise<SkippedSlots[]>;
  /** Takes away all schedules and tasks, and what was told of them. */
  clear(): Promise<void>;
  /**
   * Moves all times of a schedule into the past, as if it had been made, and looked at last, so
   * much earlier.
   */
  age(schedule: Pick<ScheduleRecord, "id">, ms: number): Promise<void>;
}

/** The parts of the engine that schedules need. */
export async function openScheduleParts(
  definitions: readonly AnyTaskDefinition[],
  place?: (typeof DATABASES)[number],
): Promise<ScheduleParts> {
  const parts = await openEngineParts(place);
  const { stores, hints, publisher, signals, sql } = parts;
  const registry = new Registry(definitions.map((definition) => ({ definition, file: null })));
  const clock = systemClock;
  const enqueuer = new Enqueuer({
    ...{ registry, hints, publisher, clock },
    store: stores.tasks,
    onDelayed: () => undefined,
  });
  const scheduled = new ScheduledTasks(registry, clock);
  const control = new ScheduleControl({
    ...{ registry, scheduled, enqueuer, publisher, signals, clock },
    store: stores.schedules,
    tasks: stores.tasks,
    timeZone: "UTC",
  });
  const makeBeat = (log = silentLogger): Beat =>
    new Beat(
      { store: stores.beat, decider: new SlotDecider(scheduled), enqueuer, hints, publisher, signals, log },
      { keepMs: KEEP_MS },
      (error) => {
        throw error;
      },
    );
  const tasksOf: ScheduleParts["tasksOf"] = async ({ id }) => {
    const ids = await stores.reader.ids({ scheduleId: id }, 1_000);
    const tasks = (await stores.reader.byIds(ids)).filter((task) => task !== null);
    return tasks.toSorted((a, b) => Number(a.slot) - Number(b.slot));
  };
  return {
    ...parts,
    control,
    makeBeat,
    beat: makeBeat(),
    create: (part = {}) =>
      control.create({
        name: "every minute",
        taskName: definitions[0]!.name,
        timing: { interval: { every: "1m" } },
        ...part,
      }),
    schedule: async (name) => (await stores.schedules.byNames([name]))[0]!,
    tasksOf,
    slotsOf: async (schedule) => (await tasksOf(schedule)).map(({ slot }) => slot),
    skipsOf: async ({ id }) => (await stores.schedules.skipped([{ scheduleId: id, limit: 100 }]))[0]!,
    clear: async () => {
      await sql.run("delete from lovage.task");
      await sql.run("delete from lovage.schedule");
      await parts.events();
      await parts.takeHints("clock");
    },
    age: async ({ id }, ms) => {
      const moved = ["created_at", "decided_until", "next_slot", "next_run_at"]
        .map((column) => `${column} = ${column} - $2::bigint * interval '1 millisecond'`)
        .join(", ");
      await sql.run(`update lovage.schedule set ${moved} where id = $1`, [id, ms]);
    },
  };
}
