import { show } from "../../../lib/quote.ts";
import {
  ListTasksDocument,
  type ListTasksQuery,
  type TaskOrderField,
} from "../../client/generated/graphql.ts";
import { connect } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";
import { CommandError, EXIT, type ExitCode } from "../../failure.ts";
import { printList } from "../../output.ts";
import { readFilter } from "./filter.ts";
import { showIsoDuration } from "../../times.ts";

type Task = ListTasksQuery["tasks"]["nodes"][number];

const MAX_FIRST = 200;
const DEFAULT_FIRST = "50";
const ORDERS: readonly TaskOrderField[] = ["CREATED_AT", "FINISHED_AT", "RUN_TIME", "WAIT_TIME"];
const MAX_DETAIL = 80;

/** `lovage tasks`: prints one page of the stored tasks. */
export async function tasks(context: CommandContext): Promise<ExitCode> {
  const { output, options } = context;
  const variables = {
    filter: readFilter(context),
    first: readFirst(context.text("first") ?? DEFAULT_FIRST),
    after: context.text("after"),
    orderBy: {
      field: readOrder(context.text("orderBy") ?? "created-at"),
      direction: options["oldestFirst"] === true ? ("ASC" as const) : ("DESC" as const),
    },
  };
  await using client = await connect(context);
  const { nodes, pageInfo } = (await client.query(ListTasksDocument, variables)).tasks;
  const { hasNextPage, endCursor } = pageInfo;
  if (output.json) {
    output.value({ tasks: nodes, hasNextPage, endCursor });
    return EXIT.ok;
  }
  printList(context.output, nodes, {
    empty: "There are no such tasks.",
    titles: ["ID", "NAME", "STATE", "QUEUE", "ATTEMPT", "CREATED", "RAN", "DETAILS"],
    row: (task) => [
      task.id,
      task.name,
      task.state,
      task.queue,
      `${task.attempt}/${task.maxAttempts}`,
      task.createdAt,
      task.runTime === null ? "-" : showIsoDuration(task.runTime),
      detailOf(task),
    ],
  });
  if (hasNextPage) output.note(`For the next page add --after ${endCursor}`);
  return EXIT.ok;
}

/** The detail of a task that its state calls for: its error, its worker, or its due time. */
function detailOf({ state, error, workerName, runAt }: Task): string {
  if (error !== null) return shorten(`${error.type}: ${error.message}`);
  if (state === "STARTED" && workerName !== null) return `by ${workerName}`;
  return (state === "SCHEDULED" || state === "RETRY") && runAt !== null ? `due ${runAt}` : "";
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length <= MAX_DETAIL ? line : `${line.slice(0, MAX_DETAIL - 1)}…`;
}

function readFirst(text: string): number {
  const first = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (first >= 1 && first <= MAX_FIRST) return first;
  throw usage(`--first: expected an integer from 1 to ${MAX_FIRST}, got ${show(text)}.`);
}

function readOrder(text: string): TaskOrderField {
  const found = ORDERS.find((order) => order === text.toUpperCase().replaceAll("-", "_"));
  if (found !== undefined) return found;
  const known = ORDERS.map((order) => order.toLowerCase().replaceAll("_", "-")).join(", ");
  throw usage(`--order-by: expected one of ${known}, got ${show(text)}.`);
}

function usage(message: string): CommandError {
  return new CommandError(EXIT.usage, "USAGE", message);
}
