import {
  ListLiveWorkersDocument,
  ReadTaskDocument,
  type TaskFieldsFragment,
} from "../../client/generated/graphql.ts";
import type { GraphqlClient } from "../../client/graphql-client.ts";
import { isUuid } from "../../../lib/uuid.ts";
import { connect } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";
import { CommandError, EXIT, type ExitCode } from "../../failure.ts";
import { isFinal } from "../../../task/records/state.ts";
import { type Output, plain } from "../../output.ts";
import { readDuration } from "../../times.ts";

/** `lovage task <id>`: all that a server tells of one task. */
export async function task(context: CommandContext, id: string): Promise<ExitCode> {
  requireTaskId(id);
  await using client = await connect(context);
  const { task: found } = await client.query(ReadTaskDocument, { id });
  if (!found) throw noSuchTask(id);
  if (!isFinal(found.state)) await noteUnknownName(client, found.name, context.output);
  if (context.output.json) context.output.value(found);
  else context.output.data(describe(found));
  return EXIT.ok;
}

/** A task waits, without any error, where no live worker has its definition. */
async function noteUnknownName(client: GraphqlClient, name: string, output: Output): Promise<void> {
  const { workers } = await client.query(ListLiveWorkersDocument, {});
  if (workers.some(({ definitions }) => definitions.includes(name))) return;
  output.note(
    `! No live worker knows ${plain(name)}: it waits until one does. Start one with the file that defines it.`,
  );
}

/** @throws CommandError for what is no task id */
export function requireTaskId(id: string): void {
  if (isUuid(id)) return;
  throw new CommandError(
    EXIT.data,
    "INVALID_INPUT",
    `"${plain(id)}" is no task id.`,
    "An id looks like 01980000-0000-7000-8000-000000000000.",
  );
}

export function noSuchTask(id: string): CommandError {
  return new CommandError(EXIT.notFound, "NOT_FOUND", `there is no task ${id}, or you may not see it.`);
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
    ["waited", found.waitTime && readDuration(found.waitTime)],
    ["ran", found.runTime && readDuration(found.runTime)],
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

/** `TypeError: x is not a function (caused by RangeError: too far)`: what went wrong is often told by a cause alone. */
export function showError({ type, message, causes }: NonNullable<TaskFieldsFragment["error"]>): string {
  const reasons = causes.map((cause) => ` (caused by ${cause.type}: ${cause.message})`);
  return `${type}: ${message}${reasons.join("")}`;
}

/** `by ada: wrong file`; null where neither is known. */
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
