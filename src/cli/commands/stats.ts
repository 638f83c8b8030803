import { show } from "../../lib/quote.ts";
import {
  ListFailuresDocument,
  ReadQueueStatsDocument,
  ReadStatsDocument,
  ReadTaskStatsDocument,
  type StatsFieldsFragment,
  type StatsWindow,
} from "../client/generated/graphql.ts";
import type { GraphqlClient } from "../../client/graphql-client.ts";
import { parseDuration } from "../../lib/duration.ts";
import { MAX_FAILURE_GROUPS, STATS_WINDOWS, WINDOW_SHAPES } from "../../task/records/stats.ts";
import { connect } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { CommandError, EXIT, type ExitCode } from "../failure.ts";
import { printList } from "../output.ts";
import { plain } from "../output.ts";
import { showIsoDuration } from "../times.ts";

interface NamedStats extends StatsFieldsFragment {
  /** A task definition or a queue; null for all tasks. */
  readonly name: string | null;
}

/**
 * `lovage stats`: counts and durations of the tasks that ended in a window: all of them and each
 * definition, or one definition or queue.
 */
export async function stats(context: CommandContext): Promise<ExitCode> {
  const window = readWindow(context, "LAST_HOUR");
  const [task, queue] = [context.text("task"), context.text("queue")];
  if (task !== null && queue !== null)
    throw usage("--task: expected without --queue. Name a definition or a queue.");
  await using client = await connect(context);
  return printList(context.output, await read(context, client, { task, queue, window }), {
    empty: "There are no statistics.",
    titles: [
      "NAME",
      "SUCCESS",
      "FAILURE",
      "RATE",
      "RETRIED",
      "REVOKED",
      "EXPIRED",
      "P50",
      "P95",
      "P99",
      "WAIT P95",
    ],
    row: ({ name, counts, retried, failureRate, ...times }) => [
      name ?? "(all tasks)",
      String(counts.success),
      String(counts.failure),
      `${Number((failureRate * 100).toPrecision(3))} %`,
      String(retried),
      String(counts.revoked),
      String(counts.expired),
      ...[times.runTimeP50, times.runTimeP95, times.runTimeP99, times.waitTimeP95].map((time) =>
        time === null ? "-" : showIsoDuration(time),
      ),
    ],
  });
}

/** `lovage failures`: lists failed tasks by equal errors. */
export async function failures(context: CommandContext): Promise<ExitCode> {
  const window = readWindow(context, "LAST_DAY");
  const first = readFirst(context);
  await using client = await connect(context);
  const { failureGroups } = await client.query(ListFailuresDocument, { window, first });
  return printList(context.output, failureGroups, {
    empty: "No task failed in this window.",
    titles: ["COUNT", "TASK", "ERROR", "FIRST SEEN", "LAST SEEN", "NEWEST TASK", "FINGERPRINT"],
    row: (group) => [
      String(group.count),
      group.name,
      shorten(`${group.type}: ${group.message}`),
      group.firstSeenAt,
      group.lastSeenAt,
      group.sample?.id ?? "(deleted)",
      group.fingerprint,
    ],
  });
}

interface Wanted {
  readonly task: string | null;
  readonly queue: string | null;
  readonly window: StatsWindow;
}

async function read(
  context: CommandContext,
  client: GraphqlClient,
  { task, queue, window }: Wanted,
): Promise<readonly NamedStats[]> {
  if (task !== null)
    return named(
      "task",
      task,
      (await client.query(ReadTaskStatsDocument, { name: task, window })).taskDefinition,
    );
  if (queue !== null)
    return named("queue", queue, (await client.query(ReadQueueStatsDocument, { name: queue, window })).queue);
  const { overview, taskDefinitions } = await client.query(ReadStatsDocument, { window });
  const { pending, scheduled, queued, started, retry } = overview.stats.counts;
  context.output.note(
    `Workers: ${overview.workersOnline} online, ${overview.workersLost} lost. Now: ${queued} queued, ${started} started, ` +
      `${scheduled} scheduled, ${retry} waiting for a retry, ${pending} pending. Since ${overview.stats.since}:`,
  );
  return [
    { name: null, ...overview.stats },
    ...taskDefinitions.map((definition) => ({ name: definition.name, ...definition.stats })),
  ];
}

function named(
  kind: "task" | "queue",
  name: string,
  found: { readonly name: string; readonly stats: StatsFieldsFragment } | null | undefined,
): readonly NamedStats[] {
  if (found) return [{ name: found.name, ...found.stats }];
  throw new CommandError(
    EXIT.notFound,
    "NOT_FOUND",
    `the server has no ${kind} named ${show(plain(name))}.`,
    kind === "task"
      ? "See the task definitions with `lovage definitions`."
      : "See the queues with `lovage queues`.",
  );
}

/**
 * `--window`: the length of a window, or its name.
 *
 * @throws CommandError (2)
 */
function readWindow(context: CommandContext, standard: StatsWindow): StatsWindow {
  const text = context.text("window");
  if (text === null) return standard;
  const wantedMs = parseDuration(text);
  const found = STATS_WINDOWS.find(
    (window) => WINDOW_SHAPES[window].lengthMs === wantedMs || window === text.toUpperCase(),
  );
  if (found) return found;
  throw usage(`--window: expected 5m, 1h, 6h, 1d, 7d or 30d, got ${show(text)}.`);
}

/**
 * `--first`
 *
 * @throws CommandError (2)
 */
function readFirst(context: CommandContext): number {
  const text = context.text("first") ?? "50";
  const first = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (first >= 1 && first <= MAX_FAILURE_GROUPS) return first;
  throw usage(`--first: expected an integer from 1 to ${MAX_FAILURE_GROUPS}, got ${show(text)}.`);
}

function usage(message: string): CommandError {
  return new CommandError(EXIT.usage, "USAGE", message);
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length <= 80 ? line : `${line.slice(0, 79)}…`;
}
