import {
  DeleteTasksDocument,
  RetryTasksDocument,
  RevokeTasksDocument,
  RunTasksNowDocument,
} from "../../client/generated/graphql.ts";
import type { GraphqlClient } from "../../client/graphql-client.ts";
import type { Json } from "../../../lib/json.ts";
import { connect } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";
import { CommandError, EXIT, type ExitCode, exitCodeOf } from "../../failure.ts";
import { describeRefusal, type ServerIssue } from "../../refusal.ts";
import { readSelection } from "./filter.ts";
import { shapeOf } from "../../json-input.ts";

type Selection = ReturnType<typeof readSelection>;

interface Outcome {
  readonly affectedCount: number;
  readonly skippedCount: number;
  /** The first of them; absent for those that are gone. */
  readonly tasks?: readonly { readonly id: string; readonly state: string }[];
  readonly errors: readonly ServerIssue[];
}

/** `lovage tasks revoke` */
export function revoke(context: CommandContext, ...ids: string[]): Promise<ExitCode> {
  const terminate = context.options["terminate"] === true;
  const reason = context.text("reason");
  const verb = terminate ? "revoked, or asked to stop" : "revoked";
  const send = async (client: GraphqlClient, select: Selection): Promise<Outcome> =>
    (await client.mutate(RevokeTasksDocument, { select, terminate, reason })).revokeTasks;
  return act(
    context,
    ids,
    verb,
    send,
    terminate ? null : "Tasks that run are stopped with --terminate only.",
  );
}

/** `lovage tasks retry` */
export function retry(context: CommandContext, ...ids: string[]): Promise<ExitCode> {
  const args = readArgs(context.text("args"));
  const queue = context.text("toQueue");
  return act(context, ids, "enqueued again", async (client, select) => {
    const variables = { select, queue, ...(args === undefined ? {} : { args }) };
    return (await client.mutate(RetryTasksDocument, variables)).retryTasks;
  });
}

/** `lovage tasks run-now` */
export function runNow(context: CommandContext, ...ids: string[]): Promise<ExitCode> {
  return act(context, ids, "queued", async (client, select) => {
    return (await client.mutate(RunTasksNowDocument, { select })).runTasksNow;
  });
}

/** `lovage tasks delete` */
export function remove(context: CommandContext, ...ids: string[]): Promise<ExitCode> {
  return act(context, ids, "deleted", async (client, select) => {
    const { deletedCount, skippedCount, errors } = (await client.mutate(DeleteTasksDocument, { select }))
      .deleteTasks;
    return { affectedCount: deletedCount, skippedCount, errors };
  });
}

/** Does it, and tells what was done. Ids of which none could be used are an error: nothing of what was asked for was done. */
async function act(
  context: CommandContext,
  ids: readonly string[],
  verb: string,
  send: (client: GraphqlClient, select: Selection) => Promise<Outcome>,
  /** What may help where some were left alone. */
  hint: string | null = null,
): Promise<ExitCode> {
  const { output } = context;
  const select = readSelection(context, ids);
  await using client = await connect(context);
  const outcome = await send(client, select);
  tell(output, verb, outcome);
  const { affectedCount, skippedCount, errors } = outcome;
  if (skippedCount > 0 && hint !== null) output.note(hint);
  const [first] = errors;
  if (first) return exitCodeOf(first.code);
  return ids.length > 0 && affectedCount === 0 ? EXIT.notFound : EXIT.ok;
}

function tell(
  output: CommandContext["output"],
  verb: string,
  { affectedCount, skippedCount, tasks, errors }: Outcome,
): void {
  if (output.json) return output.value({ affectedCount, skippedCount, ...(tasks ? { tasks } : {}), errors });
  for (const issue of errors) output.error(describeRefusal(issue));
  if (errors.length === 0 || affectedCount > 0)
    output.data(`${count(affectedCount)} ${verb}; ${skippedCount} left alone.`);
}

function count(tasks: number): string {
  return tasks === 1 ? "1 task" : `${tasks} tasks`;
}

function readArgs(text: string | null): Json | undefined {
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new CommandError(EXIT.usage, "USAGE", `--args: must be JSON; got ${shapeOf(text)}.`);
  }
}
