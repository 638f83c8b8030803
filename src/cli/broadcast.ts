import type { EnqueueTaskInput, TaskFieldsFragment } from "../client/generated/graphql.ts";
import type { GraphqlClient } from "../client/graphql-client.ts";
import { broadcastTask } from "../client/routing-operations.ts";
import type { CommandContext } from "./context.ts";
import { EXIT, type ExitCode } from "./failure.ts";
import { columns, plain } from "./output.ts";
import { refusalOf } from "./refusal.ts";
import { showError } from "./task.ts";
import { waitForEnd } from "./wait.ts";

/** `lovage call --broadcast`: a task for each worker. With `timeoutMs` it waits for all of them; null does not wait. */
export async function broadcast(
  { output }: CommandContext,
  client: GraphqlClient,
  input: EnqueueTaskInput,
  timeoutMs: number | null,
): Promise<ExitCode> {
  const { broadcastTask: payload } = await client.mutate(broadcastTask, { input });
  const refusal = refusalOf(payload.errors);
  if (refusal) throw refusal;
  const ends: TaskFieldsFragment[] = [];
  for (const task of payload.tasks)
    ends.push(timeoutMs === null ? task : await waitForEnd({ client, task, timeoutMs, output }));
  const told = ends.map((task, index) => ({ worker: payload.workers[index]!, ...task }));
  if (output.json) output.value(told);
  else {
    const rows = told.map((task) => [task.worker, task.id, task.state, endOf(task)]);
    output.data(columns(["WORKER", "TASK", "STATE", timeoutMs === null ? "" : "RESULT"], rows));
  }
  const failed = timeoutMs !== null && ends.some(({ state }) => state !== "SUCCESS");
  return failed ? EXIT.taskFailed : EXIT.ok;
}

function endOf({ state, result, error }: TaskFieldsFragment): string {
  if (error) return plain(showError(error));
  return state === "SUCCESS" ? plain(JSON.stringify(result)) : "";
}
