import { show } from "../../../lib/quote.ts";
import { changesOf } from "../../../engine/schedules/schedule-changes.ts";
import type { ScheduleSpec } from "../../../task/schedule/schedule.ts";
import { plain } from "../../output.ts";
import type { ListedSchedule } from "./find.ts";
import { sayFields, specOf, toCreateInput, toUpdateInput } from "./record.ts";
import {
  CreateScheduleDocument,
  DeleteSchedulesDocument,
  UpdateScheduleDocument,
} from "../../client/generated/graphql.ts";
import { ClientError } from "../../client/answer.ts";
import type { GraphqlClient } from "../../client/graphql-client.ts";
import { CommandError, exitCodeOf } from "../../failure.ts";
import { describeRefusal, type ServerIssue } from "../../refusal.ts";

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

/** The API takes 1,000 ids at once. */
const MOST_IDS = 1_000;

/**
 * Does what a plan says, one schedule after the other. What the server refuses although it was checked (somebody changed it meanwhile)
 * does not keep the others from being done: the same import, run again, finds what is left.
 *
 * @throws CommandError naming what was refused, when all the rest is done
 */
export async function applyPlan(client: GraphqlClient, plan: Plan): Promise<void> {
  const refused: Refused[] = [];
  try {
    await doAll(client, plan, refused);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const hint = "Some of it may be done. Run it again: what is done is not done twice.";
    throw new CommandError(exitCodeOf(error.code), error.code, error.message, hint, { cause: error });
  }
  const [first] = refused;
  if (!first) return;
  const lines = refused.map(({ name, error }) => `${name}: ${plain(describeRefusal(error, toFilePath))}`);
  const hint = "The others are done. Run it again when this is put right.";
  throw new CommandError(exitCodeOf(first.error.code), first.error.code, lines.join("\n"), hint);
}

interface Refused {
  readonly name: string;
  readonly error: ServerIssue;
}

async function doAll(client: GraphqlClient, plan: Plan, refused: Refused[]): Promise<void> {
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
  for (let start = 0; start < plan.deletes.length; start += MOST_IDS) {
    const ids = plan.deletes.slice(start, start + MOST_IDS).map(({ id }) => id);
    note("--prune", (await client.mutate(DeleteSchedulesDocument, { ids })).deleteSchedules.errors);
  }
}

/** The path inside the schedule, which is how a file has it. */
function toFilePath(path: readonly string[]): readonly string[] {
  return path[0] === "input" ? path.slice(1) : path;
}
