import {
  DeleteSchedulesDocument,
  RunSchedulesNowDocument,
  SetSchedulesEnabledDocument,
} from "../../client/generated/graphql.ts";
import { connect } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT, type ExitCode } from "../../failure.ts";
import { plain } from "../../output.ts";
import { findAll } from "./find.ts";
import { refuseAnswer } from "../../refusal.ts";

/** `lovage schedule enable <name…>`: enables all of them, or none if a name is unknown. */
export function enable(context: CommandContext, ...names: string[]): Promise<ExitCode> {
  return setEnabled(context, names, true);
}

/** `lovage schedule disable <name…>` */
export function disable(context: CommandContext, ...names: string[]): Promise<ExitCode> {
  return setEnabled(context, names, false);
}

/** `lovage schedule run <name…>`: enqueues a task of each now. */
export async function run(context: CommandContext, ...names: string[]): Promise<ExitCode> {
  const { output } = context;
  await using client = await connect(context);
  const ids = (await findAll(client, names)).map(({ id }) => id);
  const { runSchedulesNow: payload } = await client.mutate(RunSchedulesNowDocument, {
    input: { select: { ids } },
  });
  refuseAnswer(payload.errors);
  if (output.json) output.value(payload.tasks);
  else for (const task of payload.tasks) done(context, `${task.name} ${task.id} ${task.state}`);
  if (payload.skippedCount > 0)
    output.note(`! ${payload.skippedCount} enqueued no task: one with the same unique key is unfinished.`);
  return EXIT.ok;
}

/** `lovage schedule delete <name…>`: deletes schedules and keeps their tasks. */
export async function remove(context: CommandContext, ...names: string[]): Promise<ExitCode> {
  await using client = await connect(context);
  const found = await findAll(client, names);
  const ids = found.map(({ id }) => id);
  const { deleteSchedules: payload } = await client.mutate(DeleteSchedulesDocument, {
    input: { select: { ids } },
  });
  refuseAnswer(payload.errors);
  if (context.output.json)
    context.output.value({ deletedCount: payload.deletedCount, deletedIds: payload.deletedIds });
  else for (const { name } of found) done(context, `${name} deleted`);
  return EXIT.ok;
}

async function setEnabled(
  context: CommandContext,
  names: readonly string[],
  enabled: boolean,
): Promise<ExitCode> {
  await using client = await connect(context);
  const ids = (await findAll(client, names)).map(({ id }) => id);
  const { setSchedulesEnabled: payload } = await client.mutate(SetSchedulesEnabledDocument, {
    input: { select: { ids }, enabled },
  });
  refuseAnswer(payload.errors);
  if (context.output.json) context.output.value(payload.schedules);
  else for (const { name } of payload.schedules) done(context, `${name} ${enabled ? "enabled" : "disabled"}`);
  return EXIT.ok;
}

function done({ output }: CommandContext, text: string): void {
  output.data(`${output.paint("green", "✔")} ${plain(text)}`);
}
