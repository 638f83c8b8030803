import { ClientError } from "../../client/answer.ts";
import type { GraphqlClient } from "../../client/graphql-client.ts";
import { createSchedule, deleteSchedules, updateSchedule } from "../../client/schedule-operations.ts";
import { CommandError, exitCodeOf } from "../failure.ts";
import type { Plan } from "./plan.ts";
import { toCreateInput, toUpdateInput } from "./record.ts";
import { type Refusal, tellRefusal } from "./refuse.ts";

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
  const lines = refused.map(({ name, error }) => `${name}: ${tellRefusal(error)}`);
  const hint = "The others are done. Run it again when this is put right.";
  throw new CommandError(exitCodeOf(first.error.code), first.error.code, lines.join("\n"), hint);
}

interface Refused {
  readonly name: string;
  readonly error: Refusal;
}

async function doAll(client: GraphqlClient, plan: Plan, refused: Refused[]): Promise<void> {
  const note = (name: string, errors: readonly Refusal[]): void => {
    refused.push(...errors.map((error) => ({ name, error })));
  };
  for (const spec of plan.creates) {
    const answer = await client.mutate(createSchedule, { input: toCreateInput(spec) });
    note(spec.name, answer.createSchedule.errors);
  }
  for (const { schedule, changes } of plan.updates) {
    const answer = await client.mutate(updateSchedule, { input: toUpdateInput(schedule, changes) });
    note(schedule.name, answer.updateSchedule.errors);
  }
  for (let start = 0; start < plan.deletes.length; start += MOST_IDS) {
    const ids = plan.deletes.slice(start, start + MOST_IDS).map(({ id }) => id);
    note("--prune", (await client.mutate(deleteSchedules, { ids })).deleteSchedules.errors);
  }
}
