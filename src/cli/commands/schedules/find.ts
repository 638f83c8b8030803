import { show } from "../../../lib/quote.ts";
import {
  ListSchedulesDocument,
  type ListSchedulesQuery,
  ReadScheduleDocument,
  type ScheduleFilter,
} from "../../client/generated/graphql.ts";
import type { GraphqlClient } from "../../../client/graphql-client.ts";
import { didYouMean } from "../../../lib/suggestion.ts";
import { CommandError, EXIT } from "../../failure.ts";
import { plain } from "../../output.ts";

export type ListedSchedule = ListSchedulesQuery["schedules"]["nodes"][number];

/** All schedules that match a filter, in order of their names. */
export async function listAll(client: GraphqlClient, filter: ScheduleFilter = {}): Promise<ListedSchedule[]> {
  const all: ListedSchedule[] = [];
  let after: string | null = null;
  for (;;) {
    const page: ListSchedulesQuery = await client.query(ListSchedulesDocument, { filter, after });
    all.push(...page.schedules.nodes);
    const { hasNextPage, endCursor } = page.schedules.pageInfo;
    if (!hasNextPage || endCursor === null) return all;
    after = endCursor;
  }
}

/**
 * The schedules with these names, each once.
 *
 * @throws CommandError (3) naming those that do not exist
 */
export async function findAll(client: GraphqlClient, names: readonly string[]): Promise<ListedSchedule[]> {
  const all = await listAll(client);
  const byName = new Map(all.map((schedule) => [schedule.name, schedule]));
  const missing = names.filter((name) => !byName.has(name));
  if (missing.length > 0) throw notFound(missing, [...byName.keys()]);
  return [...new Set(names)].map((name) => byName.get(name)!);
}

/**
 * The schedule with a name, in full.
 *
 * @throws CommandError (3)
 */
export async function findOne(client: GraphqlClient, name: string) {
  const { schedule } = await client.query(ReadScheduleDocument, { name });
  if (schedule) return schedule;
  const all = await listAll(client);
  throw notFound(
    [name],
    all.map((other) => other.name),
  );
}

function notFound(missing: readonly string[], known: readonly string[]): CommandError {
  const lines = missing.map((name) => {
    const hint = didYouMean(name, known, undefined);
    return plain(`there is no schedule named ${show(name)}.${hint === undefined ? "" : ` ${hint}`}`);
  });
  return new CommandError(EXIT.notFound, "NOT_FOUND", lines.join("\n"), "See `lovage schedule list`.");
}
