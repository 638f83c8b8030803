import { show } from "../../../lib/quote.ts";
import {
  BroadcastTaskDocument,
  EnqueueTaskDocument,
  type EnqueueTaskInput,
  ListNamesDocument,
  ReadDefinitionDocument,
  type ReadDefinitionQuery,
  type TaskFieldsFragment,
} from "../../client/generated/graphql.ts";
import { text as readAll } from "node:stream/consumers";
import { ClientError } from "../../client/answer.ts";
import type { GraphqlClient } from "../../client/graphql-client.ts";
import { closest } from "../../../lib/suggestion.ts";
import { describeIssues } from "../../../errors.ts";
import type { Json, JsonObject } from "../../../lib/json.ts";
import { checkArgs } from "../../check-args.ts";
import { connect } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";
import { readEnqueueOptions, readTimeout } from "./options.ts";
import { explain } from "./explain.ts";
import { CommandError, EXIT, type ExitCode, exitCodeOf } from "../../failure.ts";
import { columns, plain } from "../../output.ts";
import { refuseAnswer } from "../../refusal.ts";
import { shapeOf, whyNotJson } from "../../json-input.ts";
import { readDuration } from "../../times.ts";
import { showError } from "../tasks/task.ts";
import { waitForEnd } from "../tasks/wait.ts";

/** `lovage call <name> [json]`: everything is checked before it is sent; with `--wait` the exit code is the task's. */
export async function call(context: CommandContext, name: string, json: string): Promise<ExitCode> {
  const { output, options: flags } = context;
  refuseTakenArgs(flags["tag"], json);
  const options = readEnqueueOptions(context);
  const timeoutMs = readTimeout(context);
  const args = parseArgs(json === "-" ? await readAll(process.stdin) : json);
  await using client = await connect(context);
  refuseWrongArgs(context, await findDefinition(client, name), args);
  const input = { name, args, options };
  const wait = flags["wait"] === true;
  if (flags["explain"] === true) return explain(context, client, input);
  if (flags["broadcast"] === true) return broadcast(context, client, input, wait ? timeoutMs : null);
  const { task, deduplicated } = await enqueue(client, input);
  if (deduplicated) output.note("An equal task was there already; this is it.");
  const end = wait ? await waitForEnd({ client, task, timeoutMs, output }) : task;
  return tell(context, end, deduplicated, wait);
}

/** `--tag a b` takes every word up to the next flag: args after it would become a tag, and the task would get none. */
function refuseTakenArgs(tags: unknown, json: string): void {
  const last: unknown = Array.isArray(tags) ? tags.at(-1) : undefined;
  if (json !== "{}" || typeof last !== "string" || !/^\{.*\}$|^-$/s.test(last)) return;
  const message = `--tag: takes all that follows it, so also ${shapeOf(last)}.`;
  throw new CommandError(EXIT.usage, "USAGE", plain(message), "Put the args before it.");
}

function parseArgs(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    const message = `args are not valid JSON: ${whyNotJson(error)}; got ${shapeOf(text)}.`;
    throw new CommandError(
      EXIT.data,
      "INVALID_INPUT",
      plain(message),
      `Quote them for the shell: '{"x": 2}'.`,
    );
  }
}

type Definition = NonNullable<ReadDefinitionQuery["taskDefinition"]>;

async function findDefinition(client: GraphqlClient, name: string): Promise<Definition> {
  const { taskDefinition } = await client.query(ReadDefinitionDocument, { name });
  if (taskDefinition) return taskDefinition;
  const { taskDefinitions } = await client.query(ListNamesDocument, {});
  const near = closest(
    name,
    taskDefinitions.map((definition) => definition.name),
  );
  const list = `lovage definitions lists ${taskDefinitions.length}.`;
  const message = `the server knows no task named ${show(name)}.`;
  throw new CommandError(
    EXIT.notFound,
    "NOT_REGISTERED",
    message,
    near ? `Did you mean ${near}? ${list}` : list,
  );
}

/** Without an input schema the task takes any JSON. */
function refuseWrongArgs(
  { output }: CommandContext,
  { inputSchema, sensitive }: Definition,
  args: Json,
): void {
  const { issues, unchecked } = checkArgs(inputSchema as JsonObject | null, args, sensitive);
  if (unchecked !== null) output.note(`! The input is checked by the server only: ${unchecked}`);
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
        ? asUnsure(error)
        : error;
    });
  refuseAnswer(payload.errors);
  if (!payload.task)
    throw new CommandError(EXIT.bug, "BUG", "the server accepted the task and does not name it.");
  return { task: payload.task, deduplicated: payload.deduplicated };
}

function asUnsure(error: ClientError): CommandError {
  const hint =
    "The task may have been accepted: look with `lovage queues`, or send it again with the same --idempotency-key.";
  return new CommandError(exitCodeOf(error.code), error.code, error.message, hint, { cause: error });
}

/** The task as it is now, or at its end: on stdout, unless it failed. */
function tell(
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
  const time = ended && task.runTime !== null ? ` in ${readDuration(task.runTime)}` : "";
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

/** `lovage call --broadcast`: a task for each worker. With `timeoutMs` it waits for all of them; null does not wait. */
export async function broadcast(
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
