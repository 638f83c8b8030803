import {
  ReadTaskDocument,
  type TaskFieldsFragment,
  WatchTaskDocument,
} from "../../client/generated/graphql.ts";
import type { GraphqlClient } from "../../../client/graphql-client.ts";
import { isFinal } from "../../../task/records/state.ts";
import { CommandError, EXIT } from "../../failure.ts";
import type { Output } from "../../output.ts";
import { showProgress } from "./task.ts";
import { showDuration } from "../../times.ts";

export interface WaitOptions {
  readonly client: GraphqlClient;
  readonly task: TaskFieldsFragment;
  /** Longest wait in milliseconds; 0 disables the limit. */
  readonly timeoutMs: number;
  readonly output: Output;
}

/**
 * Follows a task to its final state and prints its progress.
 *
 * @throws CommandError (75) at the timeout; the task continues
 */
export async function waitForEnd({
  client,
  task,
  timeoutMs,
  output,
}: WaitOptions): Promise<TaskFieldsFragment> {
  let latest = task;
  const follow = async (): Promise<TaskFieldsFragment> => {
    for await (const { task: update } of client.subscribe(WatchTaskDocument, { id: task.id })) {
      if (update.__typename === "TaskUpdate" && update.type === "EMITTED") continue;
      if (update.__typename === "TaskUpdate") latest = update.task;
      else if (update.__typename === "StreamReset") latest = await reread(client, latest);
      else continue;
      if (isFinal(latest.state)) return latest;
      output.progress(describe(latest));
    }
    return reread(client, latest);
  };
  try {
    const end = await Promise.race([follow(), ...(timeoutMs === 0 ? [] : [timeOut(timeoutMs)])]);
    if (end && isFinal(end.state)) return end;
  } finally {
    output.endProgress();
  }
  const message = `${latest.name} ${latest.id} is ${latest.state} after ${showDuration(timeoutMs)}.`;
  throw new CommandError(
    EXIT.tryLater,
    "TIMEOUT",
    message,
    `The task continues. See it with \`lovage task ${latest.id}\`, or wait with a longer --timeout.`,
  );
}

async function reread(client: GraphqlClient, task: TaskFieldsFragment): Promise<TaskFieldsFragment> {
  return (await client.query(ReadTaskDocument, { id: task.id })).task ?? task;
}

function timeOut(timeoutMs: number): Promise<null> {
  return new Promise((resolve) => setTimeout(resolve, timeoutMs, null));
}

function describe(task: TaskFieldsFragment): string {
  const worker = task.state === "STARTED" && task.workerName !== null ? ` by ${task.workerName}` : "";
  const attempt = task.attempt > 1 ? `, attempt ${task.attempt} of ${task.maxAttempts}` : "";
  const progress = task.progress ? `, ${showProgress(task.progress)}` : "";
  return `… ${task.name} ${task.state}${worker}${attempt}${progress}`;
}
