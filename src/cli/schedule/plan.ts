import { changesOf } from "../../engine/schedules/schedule-changes.ts";
import { show } from "../../task/call/enqueue-options.ts";
import type { ScheduleSpec } from "../../task/schedule/schedule.ts";
import { plain } from "../output.ts";
import type { ListedSchedule } from "./find.ts";
import { sayFields, specOf } from "./record.ts";

interface Update {
  readonly schedule: ListedSchedule;
  readonly changes: Partial<ScheduleSpec>;
}

/** What has to be done so that the schedules of a server are those that are wanted. */
export interface Plan {
  readonly creates: readonly ScheduleSpec[];
  readonly updates: readonly Update[];
  readonly deletes: readonly ListedSchedule[];
  /** Names of those that are as they shall be. */
  readonly unchanged: readonly string[];
}

/** @param prune Whether those go which came by the API and are not wanted. */
export function makePlan(
  wanted: readonly ScheduleSpec[],
  present: readonly ListedSchedule[],
  prune: boolean,
): Plan {
  const byName = new Map(present.map((schedule) => [schedule.name, schedule]));
  const creates = wanted.filter(({ name }) => !byName.has(name));
  const both = wanted.flatMap((spec) => {
    const schedule = byName.get(spec.name);
    return schedule ? [{ schedule, changes: changesOf(specOf(schedule), spec) }] : [];
  });
  const updates = both.filter(({ changes }) => Object.keys(changes).length > 0);
  const unchanged = both
    .filter(({ changes }) => Object.keys(changes).length === 0)
    .map(({ schedule }) => schedule.name);
  const names = new Set(wanted.map(({ name }) => name));
  const surplus = present.filter(({ name, source }) => source === "API" && !names.has(name));
  return { creates, updates, deletes: prune ? surplus : [], unchanged };
}

/** A plan as lines: `+ name`, `~ name: field old -> new`, `- name`, `= 3 unchanged`. */
export function tellPlan({ creates, updates, deletes, unchanged }: Plan): string[] {
  return [
    ...creates.map(({ name }) => `+ ${name}`),
    ...updates.flatMap((update) =>
      fieldChanges(update).map(
        ({ field, from, to }) => `~ ${update.schedule.name}: ${field} ${show(from)} -> ${show(to)}`,
      ),
    ),
    ...deletes.map(({ name }) => `- ${name}`),
    `= ${unchanged.length} unchanged`,
  ].map(plain);
}

interface FieldChange {
  readonly field: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** What an update changes, field by field, as the API has them. */
function fieldChanges({ schedule, changes }: Update): FieldChange[] {
  const before = sayFields(specOf(schedule)) as Readonly<Record<string, unknown>>;
  return Object.entries(sayFields(changes)).map(([field, to]) => ({ field, from: before[field], to }));
}

/** A plan as one value of JSON. */
export function planAsJson({ creates, updates, deletes, unchanged }: Plan) {
  return {
    created: creates.map(({ name }) => name),
    updated: updates.map((update) => ({ name: update.schedule.name, changes: fieldChanges(update) })),
    deleted: deletes.map(({ name }) => name),
    unchanged,
  };
}
