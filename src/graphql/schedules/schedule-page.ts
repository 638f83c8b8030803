import { show } from "../../lib/quote.ts";
import type { ScheduleStore } from "../../store/schedules/schedule-store.ts";
import { requireRange } from "../arguments.ts";
import { type Page, pageOf } from "../page.ts";
import type { ScheduleRecord } from "../../task/schedule/schedule.ts";
import { badUserInput } from "../errors.ts";
import { type ScheduleFilterInput, toScheduleFilter } from "./schedule-input.ts";

/** Number of schedules of a page if the caller names none. */
export const DEFAULT_SIZE = 50;
const MAX_SIZE = 200;
const MAX_NAMES = 1_000;
const MAX_SEARCH = 200;

export interface SchedulePageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly filter?: ScheduleFilterInput | null | undefined;
}

/** The value from which a ScheduleConnection is resolved. */
export interface ScheduleConnection extends Page<ScheduleRecord> {
  totalCount(): Promise<number>;
}

/**
 * Reads one page, in the order of the names.
 * @throws GraphQLError (BAD_USER_INPUT) for invalid arguments
 */
export async function readSchedulePage(
  store: Pick<ScheduleStore, "page" | "count">,
  { first, after, filter }: SchedulePageArguments,
): Promise<ScheduleConnection> {
  const size = first ?? DEFAULT_SIZE;
  requireRange("first", size, MAX_SIZE);
  refuseFilter(filter);
  const wanted = toScheduleFilter(filter);
  const afterName = after === null || after === undefined ? undefined : readCursor(after);
  const found = await store.page(wanted, size + 1, afterName);
  return {
    ...pageOf(found, { size, isFirst: afterName === undefined, cursorOf }),
    totalCount: () => store.count(wanted),
  };
}

function refuseFilter(filter: ScheduleFilterInput | null | undefined): void {
  const { taskNames, search } = filter ?? {};
  if (taskNames && (taskNames.length < 1 || taskNames.length > MAX_NAMES))
    throw badUserInput(`filter.taskNames: expected 1 to ${MAX_NAMES} values, got ${taskNames.length}.`);
  if (search && search.length > MAX_SEARCH)
    throw badUserInput(`filter.search: expected at most ${MAX_SEARCH} characters, got ${search.length}.`);
  if ([search ?? "", ...(taskNames ?? [])].some((text) => text.includes("\0") || !text.isWellFormed()))
    throw badUserInput(
      "filter: expected valid Unicode without NUL characters. No schedule has other characters.",
    );
}

function cursorOf({ name }: ScheduleRecord): string {
  return Buffer.from(name).toString("base64url");
}

function readCursor(cursor: string): string {
  const name = Buffer.from(cursor, "base64url").toString();
  if (cursor === "" || Buffer.from(name).toString("base64url") !== cursor || name.includes("\0"))
    throw badUserInput(`after: expected a cursor of this list, got ${show(cursor)}. Take one from pageInfo.`);
  return name;
}
