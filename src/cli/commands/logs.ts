import { show } from "../../lib/quote.ts";
import {
  type LogLevel,
  ReadLogsDocument,
  type ReadLogsQuery,
  WatchLogsDocument,
} from "../client/generated/graphql.ts";
import type { GraphqlClient } from "../../client/graphql-client.ts";
import { LOG_START, readLogCursor, TASK_LOG_LEVELS } from "../../task/records/log-line.ts";
import { connect } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { CommandError, EXIT, type ExitCode } from "../failure.ts";
import { type Output, plain } from "../output.ts";
import { noSuchTask, requireTaskId } from "./tasks/task.ts";

type Line = NonNullable<ReadLogsQuery["task"]>["logs"]["nodes"][number];

const COLOURS = {
  TRACE: "gray",
  DEBUG: "gray",
  INFO: "green",
  WARN: "yellow",
  ERROR: "red",
  FATAL: "red",
} as const satisfies Record<LogLevel, string>;

/** `lovage logs <id>`: prints the log of a task to stdout, one line or one JSON object each. */
export async function logs(context: CommandContext, id: string): Promise<ExitCode> {
  requireTaskId(id);
  const { output, options } = context;
  const level = readLevel(context.text("level"));
  await using client = await connect(context);
  const print = (line: Line): void =>
    output.json ? output.value(line) : output.data(describe(line, output));
  const last = await printStored({ client, id, level, print });
  if (options["follow"] === true) await follow({ client, id, level, print }, last, output);
  return EXIT.ok;
}

interface Reading {
  readonly client: GraphqlClient;
  readonly id: string;
  readonly level: LogLevel | null;
  readonly print: (line: Line) => void;
}

/** Prints the stored lines, and returns the cursor of the last one. */
async function printStored({ client, id, level, print }: Reading): Promise<string> {
  for (let after = LOG_START; ;) {
    const { task } = await client.query(ReadLogsDocument, { id, after, level });
    if (!task) throw noSuchTask(id);
    const { nodes, pageInfo } = task.logs;
    for (const line of nodes) print(line);
    after = pageInfo.endCursor ?? after;
    if (!pageInfo.hasNextPage) return after;
  }
}

async function follow({ client, id, level, print }: Reading, after: string, output: Output): Promise<void> {
  let last = sequenceOf(after);
  for await (const { taskLogs: message } of client.subscribe(WatchLogsDocument, { id, after, level })) {
    if (message.__typename === "StreamReset") output.note(`! ${message.reason}`);
    if (message.__typename !== "LogUpdate") continue;
    for (const line of message.lines) {
      // After a lost connection the client subscribes again with its first cursor.
      if (sequenceOf(line.cursor) <= last) continue;
      last = sequenceOf(line.cursor);
      print(line);
    }
  }
}

function sequenceOf(cursor: string): number {
  return readLogCursor(cursor) ?? 0;
}

function readLevel(text: string | null): LogLevel | null {
  if (text === null) return null;
  const level = TASK_LOG_LEVELS.find((one) => one === text.toUpperCase());
  if (level) return level;
  const names = TASK_LOG_LEVELS.map((one) => one.toLowerCase()).join(", ");
  throw new CommandError(EXIT.usage, "USAGE", `--level: expected one of ${names}, got ${show(text)}.`);
}

function describe({ at, level, message, fields, attempt }: Line, output: Output): string {
  const facts = fields === null ? "" : ` ${plain(JSON.stringify(fields))}`;
  const again = attempt > 1 ? ` #${attempt}` : "";
  const head = `${at}${again} ${output.paint(COLOURS[level], level.padEnd(5))}`;
  return `${head} ${plain(message).replaceAll("\n", "\n  ")}${output.paint("gray", facts)}`;
}
