import {
  ListLiveWorkersDocument,
  ReadTaskDocument,
  type TaskFieldsFragment,
} from "../../client/generated/graphql.ts";
import type { GraphqlClient } from "../../../client/graphql-client.ts";
import { isUuid } from "../../../lib/uuid.ts";
import { connect } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";
import { CommandError, EXIT, type ExitCode } from "../../failure.ts";
import { isFinal } from "../../../task/records/state.ts";
import { type Output, plain } from "../../output.ts";
import { showIsoDuration } from "../../times.ts";

/** `lovage task <id>`: prints everything that the server returns of a task. */
export async function task(context: CommandContext, id: string): Promise<ExitCode> {
  requireTaskId(id);
  await using client = await connect(context);
  const { task: found } = await client.query(ReadTaskDocument, { id });
  if (!found) throw noSuchTask(id);
  if (!isFinal(found.state)) await noteUnknownDefinition(client, found.name, context.output);
  if (context.output.json) context.output.value(found);
  else context.output.data(describe(found));
  return EXIT.ok;
}

/** Notes when no live worker has the definition: the task then waits without an error. */
async function noteUnknownDefinition(client: GraphqlClient, name: string, output: Output): Promise<void> {
  const { workers } = await client.query(ListLiveWorkersDocument, {});
  if (workers.some(({ definitions }) => definitions.includes(name))) return;
  output.note(
    `! No live worker has the definition of ${plain(name)}: the task waits. Start a worker with the task file that defines it.`,
  );
}

/** @throws CommandError if the id is not a UUID */
export function requireTaskId(id: string): void {
  if (isUuid(id)) return;
  throw new CommandError(
    EXIT.data,
    "INVALID_INPUT",
    `id: expected a UUID such as 01980000-0000-7000-8000-000000000000, got "${plain(id)}".`,
  );
}

export function noSuchTask(id: string): CommandError {
  return new CommandError(
    EXIT.notFound,
    "NOT_FOUND",
    `there is no task ${id}, or you are not allowed to read it.`,
  );
}

function describe(found: TaskFieldsFragment): string {
  const { progress, error } = found;
  const facts: readonly (readonly [string, string | null])[] = [
    ["id", found.id],
    ["name", found.name],
    ["state", found.state],
    ["queue", `${found.queue} (${found.priority})`],
    ["attempt", `${found.attempt} of ${found.maxAttempts}`],
    ["worker", found.workerName],
    ["tags", found.tags.length > 0 ? found.tags.join(", ") : null],
    ["unique key", found.uniqueKey],
    ["idempotency key", found.idempotencyKey],
    ["created", found.createdAt],
    ["due", found.runAt],
    ["expires", found.expiresAt],
    ["started", found.startedAt],
    ["finished", found.finishedAt],
    ["waited", found.waitTime && showIsoDuration(found.waitTime)],
    ["ran", found.runTime && showIsoDuration(found.runTime)],
    ["progress", progress && showProgress(progress)],
    ["cancelled", showRevocation(found)],
    ["args", JSON.stringify(found.args)],
    [
      "result",
      found.state === "SUCCESS" ? (found.resultGone ? "(gone)" : JSON.stringify(found.result)) : null,
    ],
    ["error", error && showError(error)],
  ];
  return facts
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name.padEnd(16)}${plain(String(value))}`)
    .join("\n");
}

/**
 * `TypeError: x is not a function (caused by RangeError: too far)`: often only a cause explains the
 * error.
 */
export function showError({ type, message, causes }: NonNullable<TaskFieldsFragment["error"]>): string {
  const reasons = causes.map((cause) => ` (caused by ${cause.type}: ${cause.message})`);
  return `${type}: ${message}${reasons.join("")}`;
}

/** `by ada: wrong file`; null without a user and a reason. */
function showRevocation({ revokedBy, revokeReason }: TaskFieldsFragment): string | null {
  const by = revokedBy === null ? null : `by ${revokedBy}`;
  return [by, revokeReason].filter((part) => part !== null).join(": ") || null;
}

/** `3 of 5 (60 %) reading` */
export function showProgress(progress: NonNullable<TaskFieldsFragment["progress"]>): string {
  const { current, total, percent, message } = progress;
  const of = total === null ? "" : ` of ${total}`;
  const share = percent === null ? "" : ` (${Math.round(percent)} %)`;
  return plain(`${current}${of}${share}${message === null ? "" : ` ${message}`}`);
}
