import { text as readAll } from "node:stream/consumers";
import {
  BroadcastTaskDocument,
  EnqueueTaskDocument,
  type EnqueueTaskInput,
  ReadDefinitionDocument,
  type ReadDefinitionQuery,
  type TaskFieldsFragment,
} from "../../client/generated/graphql.ts";
import { ClientError } from "../../../client/answer.ts";
import type { GraphqlClient } from "../../../client/graphql-client.ts";
import { unknownDefinition } from "../definitions.ts";
import { describeIssues } from "../../../errors.ts";
import type { Json, JsonObject } from "../../../lib/json/json.ts";
import { checkArgs } from "../../check-args.ts";
import { connect } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";
import { readEnqueueOptions, readTimeout } from "./options.ts";
import { explain } from "./explain.ts";
import { CommandError, EXIT, type ExitCode, exitCodeOf } from "../../failure.ts";
import { columns, plain } from "../../output.ts";
import { refuseAnswer } from "../../refusal.ts";
import { jsonShape, parseJsonInput } from "../../json-input.ts";
import { showIsoDuration } from "../../times.ts";
import { showError } from "../tasks/task.ts";
import { waitForEnd } from "../tasks/wait.ts";

/**
 * `lovage call <name> [json]`: checks everything before it sends the call. With `--wait` the exit
 * code is the task's.
 */
export async function call(context: CommandContext, name: string, json: string): Promise<ExitCode> {
  const { output, options: flags } = context;
  refuseTakenArgs(flags["tag"], json);
  const options = readEnqueueOptions(context);
  const timeoutMs = readTimeout(context);
  const args = parseJsonInput("args", json === "-" ? await readAll(process.stdin) : json);
  await using client = await connect(context);
  refuseWrongArgs(context, await findDefinition(client, name), args);
  const input = { name, args, options };
  const wait = flags["wait"] === true;
  if (flags["explain"] === true) return await explain(context, client, input);
  if (flags["broadcast"] === true) return await broadcast(context, client, input, wait ? timeoutMs : null);
  const { task, deduplicated } = await enqueue(client, input);
  if (deduplicated) output.note("The task exists already; it was not enqueued again.");
  const end = wait ? await waitForEnd({ client, task, timeoutMs, output }) : task;
  return printTask(context, end, deduplicated, wait);
}

/**
 * `--tag a b` takes every word up to the next flag. Args after it would become a tag, and the task
 * would receive none.
 */
function refuseTakenArgs(tags: unknown, json: string): void {
  const last: unknown = Array.isArray(tags) ? tags.at(-1) : undefined;
  if (json !== "{}" || typeof last !== "string" || !/^\{.*\}$|^-$/s.test(last)) return;
  const message = `--tag: expected tags, got ${jsonShape(last)}, since it takes every word after it.`;
  throw new CommandError(EXIT.usage, "USAGE", plain(message), "Put the args before --tag.");
}

type Definition = NonNullable<ReadDefinitionQuery["taskDefinition"]>;

async function findDefinition(client: GraphqlClient, name: string): Promise<Definition> {
  const { taskDefinition } = await client.query(ReadDefinitionDocument, { name });
  if (taskDefinition) return taskDefinition;
  throw await unknownDefinition(client, name);
}

/** Without an input schema the task takes any JSON. */
function refuseWrongArgs(
  { output }: CommandContext,
  { inputSchema, sensitive }: Definition,
  args: Json,
): void {
  const { issues, unchecked } = checkArgs(inputSchema as JsonObject | null, args, sensitive);
  if (unchecked !== null) output.note(`! Only the server checks the input: ${unchecked}`);
  if (issues.length === 0) return;
  throw new CommandError(EXIT.data, "INVALID_INPUT", describeIssues(issues), "Nothing was sent.");
}

interface Enqueued {
  readonly task: TaskFieldsFragment;
  readonly deduplicated: boolean;
}

async function enqueue(client: GraphqlClient, input: EnqueueTaskInput): Promise<Enqueued> {
  const { enqueueTask: payload } = await client
    .mutate(EnqueueTaskDocument, { input })
    .catch((error: unknown) => {
      throw error instanceof ClientError && /^(?:TIMEOUT|UNREACHABLE)$/.test(error.code)
        ? asUncertain(error)
        : error;
    });
  refuseAnswer(payload.errors);
  if (!payload.task)
    throw new CommandError(EXIT.bug, "BUG", "the server accepted the task and did not return it.");
  return { task: payload.task, deduplicated: payload.deduplicated };
}

function asUncertain(error: ClientError): CommandError {
  const hint =
    "The task may have been enqueued. Look for it with `lovage tasks`, or send it again with the same --idempotency-key.";
  return new CommandError(exitCodeOf(error.code), error.code, error.message, hint, { cause: error });
}

/** Prints the task as it is now, or at its end: to stdout, unless it failed. */
function printTask(
  { output }: CommandContext,
  task: TaskFieldsFragment,
  deduplicated: boolean,
  ended: boolean,
): ExitCode {
  const failed = ended && task.state !== "SUCCESS";
  const exitCode = failed ? EXIT.taskFailed : EXIT.ok;
  if (output.json) {
    output.value({ ...task, deduplicated });
    return exitCode;
  }
  const time = ended && task.runTime !== null ? ` in ${showIsoDuration(task.runTime)}` : "";
  const head = `${task.name} ${task.id} ${task.state}${time}`;
  if (failed) {
    const reason = task.error ? `: ${showError(task.error)}` : "";
    output.error(`${head}, attempt ${task.attempt} of ${task.maxAttempts}${reason}`);
  } else {
    const result = ended ? ` → ${plain(JSON.stringify(task.result))}` : "";
    output.data(`${output.paint("green", "✔")} ${head}${result}`);
  }
  return exitCode;
}

/**
 * `lovage call --broadcast`: enqueues a task for each worker. A null `timeoutMs` does not wait for
 * them.
 */
async function broadcast(
  { output }: CommandContext,
  client: GraphqlClient,
  input: EnqueueTaskInput,
  timeoutMs: number | null,
): Promise<ExitCode> {
  const { broadcastTask: payload } = await client.mutate(BroadcastTaskDocument, { input });
  refuseAnswer(payload.errors);
  const ends: TaskFieldsFragment[] = [];
  for (const task of payload.tasks)
    ends.push(timeoutMs === null ? task : await waitForEnd({ client, task, timeoutMs, output }));
  const tasks = ends.map((task, index) => ({ worker: payload.workers[index]!, ...task }));
  if (output.json) output.value(tasks);
  else {
    const rows = tasks.map((task) => [task.worker, task.id, task.state, endOf(task)]);
    output.data(columns(["WORKER", "TASK", "STATE", timeoutMs === null ? "" : "RESULT"], rows));
  }
  const failed = timeoutMs !== null && ends.some(({ state }) => state !== "SUCCESS");
  return failed ? EXIT.taskFailed : EXIT.ok;
}

function endOf({ state, result, error }: TaskFieldsFragment): string {
  if (error) return plain(showError(error));
  return state === "SUCCESS" ? plain(JSON.stringify(result)) : "";
}
