import {
  DeleteTasksDocument,
  RetryTasksDocument,
  RevokeTasksDocument,
  RunTasksNowDocument,
} from "../../client/generated/graphql.ts";
import type { GraphqlClient } from "../../../client/graphql-client.ts";
import { connect } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT, type ExitCode, exitCodeOf } from "../../failure.ts";
import { describeRefusal, type ServerIssue } from "../../refusal.ts";
import { readSelection } from "./filter.ts";
import { parseJsonInput } from "../../json-input.ts";

type Selection = ReturnType<typeof readSelection>;

interface Outcome {
  readonly affectedCount: number;
  readonly skippedCount: number;
  /** The first of the affected tasks; absent after a deletion. */
  readonly tasks?: readonly { readonly id: string; readonly state: string }[];
  readonly errors: readonly ServerIssue[];
}

/** `lovage tasks revoke` */
export function revoke(context: CommandContext, ...ids: string[]): Promise<ExitCode> {
  const terminate = context.options["terminate"] === true;
  const reason = context.text("reason");
  const verb = terminate ? "revoked or asked to stop" : "revoked";
  const send = async (client: GraphqlClient, select: Selection): Promise<Outcome> =>
    (await client.mutate(RevokeTasksDocument, { input: { select, terminate, reason } })).revokeTasks;
  return act(context, ids, verb, send, terminate ? null : "Add --terminate to stop running tasks too.");
}

/** `lovage tasks retry` */
export function retry(context: CommandContext, ...ids: string[]): Promise<ExitCode> {
  const text = context.text("args");
  const args = text === null ? undefined : parseJsonInput("--args", text, EXIT.usage);
  const queue = context.text("toQueue");
  return act(context, ids, "enqueued again", async (client, select) => {
    const input = { select, queue, ...(args === undefined ? {} : { args }) };
    return (await client.mutate(RetryTasksDocument, { input })).retryTasks;
  });
}

/** `lovage tasks run-now` */
export function runNow(context: CommandContext, ...ids: string[]): Promise<ExitCode> {
  return act(context, ids, "queued", async (client, select) => {
    return (await client.mutate(RunTasksNowDocument, { input: { select } })).runTasksNow;
  });
}

/** `lovage tasks delete` */
export function remove(context: CommandContext, ...ids: string[]): Promise<ExitCode> {
  return act(context, ids, "deleted", async (client, select) => {
    const { deletedCount, skippedCount, errors } = (
      await client.mutate(DeleteTasksDocument, { input: { select } })
    ).deleteTasks;
    return { affectedCount: deletedCount, skippedCount, errors };
  });
}

/**
 * Sends the request and prints its outcome. It is an error when ids were given and no task was
 * affected.
 */
async function act(
  context: CommandContext,
  ids: readonly string[],
  verb: string,
  send: (client: GraphqlClient, select: Selection) => Promise<Outcome>,
  /** Printed when some tasks were skipped. */
  hint: string | null = null,
): Promise<ExitCode> {
  const { output } = context;
  const select = readSelection(context, ids);
  await using client = await connect(context);
  const outcome = await send(client, select);
  printOutcome(output, verb, outcome);
  const { affectedCount, skippedCount, errors } = outcome;
  if (skippedCount > 0 && hint !== null) output.note(hint);
  const [first] = errors;
  if (first) return exitCodeOf(first.code);
  return ids.length > 0 && affectedCount === 0 ? EXIT.notFound : EXIT.ok;
}

function printOutcome(
  output: CommandContext["output"],
  verb: string,
  { affectedCount, skippedCount, tasks, errors }: Outcome,
): void {
  if (output.json) return output.value({ affectedCount, skippedCount, ...(tasks ? { tasks } : {}), errors });
  for (const issue of errors) output.error(describeRefusal(issue));
  if (errors.length === 0 || affectedCount > 0)
    output.data(`${count(affectedCount)} ${verb}; ${skippedCount} skipped.`);
}

function count(tasks: number): string {
  return tasks === 1 ? "1 task" : `${tasks} tasks`;
}
