import { ReadTaskDocument } from "../../client/generated/graphql.ts";
import { connect } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";
import { CommandError, EXIT, type ExitCode } from "../../failure.ts";
import { plain } from "../../output.ts";
import { isFinal } from "../../../task/records/state.ts";
import { readTimeout } from "../call/options.ts";
import { noSuchTask, requireTaskId, showError } from "./task.ts";
import { waitForEnd } from "./wait.ts";

/**
 * `lovage result <id>`: waits for the end and prints the result as JSON. The exit code is the
 * task's.
 */
export async function result(context: CommandContext, id: string): Promise<ExitCode> {
  const { output } = context;
  requireTaskId(id);
  const timeoutMs = readTimeout(context);
  await using client = await connect(context);
  const { task } = await client.query(ReadTaskDocument, { id });
  if (!task) throw noSuchTask(id);
  const ended = isFinal(task.state) ? task : await waitForEnd({ client, task, timeoutMs, output });
  if (ended.state !== "SUCCESS") {
    const reason = ended.error ? `: ${showError(ended.error)}` : "";
    const message = plain(`${ended.name} ${ended.id} ended as ${ended.state}${reason}`);
    throw new CommandError(EXIT.taskFailed, "TASK_FAILED", message);
  }
  if (ended.resultGone) {
    const message = `${ended.name} ${ended.id} succeeded, but its result is no longer stored.`;
    throw new CommandError(
      EXIT.notFound,
      "RESULT_GONE",
      message,
      "Redis loses stored results with its data.",
    );
  }
  if (output.json) output.value(ended.result);
  else output.data(plain(JSON.stringify(ended.result)));
  return EXIT.ok;
}
