import { show } from "../../../lib/quote.ts";
import { changesOf } from "../../../engine/schedules/schedule-changes.ts";
import type { ScheduleSpec } from "../../../task/schedule/schedule.ts";
import { plain } from "../../output.ts";
import type { ListedSchedule } from "./find.ts";
import { toFields, specOf, toCreateInput, toUpdateInput } from "./record.ts";
import {
  CreateScheduleDocument,
  DeleteSchedulesDocument,
  UpdateScheduleDocument,
} from "../../client/generated/graphql.ts";
import { ClientError } from "../../../client/answer.ts";
import type { GraphqlClient } from "../../../client/graphql-client.ts";
import { CommandError, exitCodeOf } from "../../failure.ts";
import { describeRefusal, type ServerIssue } from "../../refusal.ts";

interface Update {
  readonly schedule: ListedSchedule;
  readonly changes: Partial<ScheduleSpec>;
}

/** The changes that make the schedules of a server equal to the wanted ones. */
export interface Plan {
  readonly creates: readonly ScheduleSpec[];
  readonly updates: readonly Update[];
  readonly deletes: readonly ListedSchedule[];
  /** Names of schedules that need no change. */
  readonly unchanged: readonly string[];
}

/** @param prune whether to delete unwanted schedules that were created by the API */
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
export function describePlan({ creates, updates, deletes, unchanged }: Plan): string[] {
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

/** The changed fields of an update, in the types of the API. */
function fieldChanges({ schedule, changes }: Update): FieldChange[] {
  const before = toFields(specOf(schedule)) as Readonly<Record<string, unknown>>;
  return Object.entries(toFields(changes)).map(([field, to]) => ({ field, from: before[field], to }));
}

/** A plan as a JSON value. */
export function planToJson({ creates, updates, deletes, unchanged }: Plan) {
  return {
    created: creates.map(({ name }) => name),
    updated: updates.map((update) => ({ name: update.schedule.name, changes: fieldChanges(update) })),
    deleted: deletes.map(({ name }) => name),
    unchanged,
  };
}

/** The API accepts 1,000 ids at once. */
const MAX_IDS = 1_000;

/**
 * Applies a plan, one schedule after the other. The server may refuse a checked change, when
 * somebody changed the schedule meanwhile. The other changes are applied even so, and the same
 * import finds the rest when it runs again.
 *
 * @throws CommandError naming the refused changes, after all others were applied
 */
export async function applyPlan(client: GraphqlClient, plan: Plan): Promise<void> {
  const refused: Refused[] = [];
  try {
    await applyAll(client, plan, refused);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const hint = "Some changes may have been applied. Run the command again: it applies the rest.";
    throw new CommandError(exitCodeOf(error.code), error.code, error.message, hint, { cause: error });
  }
  const [first] = refused;
  if (!first) return;
  const lines = refused.map(({ name, error }) => `${name}: ${plain(describeRefusal(error, toFilePath))}`);
  const hint = "All other changes were applied. Correct this and run the command again.";
  throw new CommandError(exitCodeOf(first.error.code), first.error.code, lines.join("\n"), hint);
}

interface Refused {
  readonly name: string;
  readonly error: ServerIssue;
}

async function applyAll(client: GraphqlClient, plan: Plan, refused: Refused[]): Promise<void> {
  const note = (name: string, errors: readonly ServerIssue[]): void => {
    refused.push(...errors.map((error) => ({ name, error })));
  };
  for (const spec of plan.creates) {
    const answer = await client.mutate(CreateScheduleDocument, { input: toCreateInput(spec) });
    note(spec.name, answer.createSchedule.errors);
  }
  for (const { schedule, changes } of plan.updates) {
    const answer = await client.mutate(UpdateScheduleDocument, { input: toUpdateInput(schedule, changes) });
    note(schedule.name, answer.updateSchedule.errors);
  }
  for (let start = 0; start < plan.deletes.length; start += MAX_IDS) {
    const ids = plan.deletes.slice(start, start + MAX_IDS).map(({ id }) => id);
    note(
      "--prune",
      (await client.mutate(DeleteSchedulesDocument, { input: { select: { ids } } })).deleteSchedules.errors,
    );
  }
}

/** The path inside the schedule, which is how a file has it. */
function toFilePath(path: readonly string[]): readonly string[] {
  return path[0] === "input" ? path.slice(1) : path;
}
