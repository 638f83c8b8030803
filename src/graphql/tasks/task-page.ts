import type {
  PageRequest,
  TaskCount,
  TaskFacets,
  TaskFilter,
  TaskOrder,
  TaskPage,
  TaskReader,
} from "../../store/reading/task-reader.ts";
import { requireRange } from "../arguments.ts";
import type { PageInfo } from "../page.ts";
import type { TaskOutline } from "../../task/records/task.ts";
import { badUserInput } from "../errors.ts";
import { COUNT_LIMIT, type PageLoaders } from "../loading/page-loaders.ts";

const DEFAULT_SIZE = 50;
const MAX_SIZE = 200;
const NEWEST_FIRST: TaskOrder = { field: "CREATED_AT", direction: "DESC" };

/** The arguments of a Relay connection. Null and absent are equal. */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
  readonly filter: TaskFilter;
  readonly orderBy?: TaskOrder | null | undefined;
}

/** The value from which a TaskConnection is resolved. */
export interface TaskConnection {
  readonly nodes: readonly TaskOutline[];
  readonly edges: readonly { readonly cursor: string; readonly node: TaskOutline }[];
  readonly pageInfo: PageInfo;
  /** The cursor at which a search stopped: see TaskPage. */
  readonly searchedUntil: string | null;
  /** Counts the tasks at the first call. */
  count(): Promise<{ readonly total: number; readonly isExact: boolean }>;
  facets(): Promise<TaskFacets>;
}

/**
 * Reads one page.
 * @throws GraphQLError (BAD_USER_INPUT) for arguments that cannot be combined; RefusedError for an
 *   invalid cursor
 */
export async function readTaskPage(
  { services: { reader }, loaders }: PageContext,
  args: PageArguments,
): Promise<TaskConnection> {
  const request = toRequest(args);
  const page = await loaders.pages.load(request);
  const edges = page.rows.map((node) => ({ cursor: reader.cursorOf(node, request.order), node }));
  let counted: Promise<TaskCount> | undefined;
  let facets: Promise<TaskFacets> | undefined;
  return {
    nodes: page.rows,
    edges,
    searchedUntil: page.searchedUntil,
    pageInfo: pageInfoOf(page, request, edges),
    count: async () => {
      const { count, isComplete } = await (counted ??= loaders.counts.load(request.filter));
      return { total: Math.min(count, COUNT_LIMIT), isExact: isComplete && count <= COUNT_LIMIT };
    },
    facets: () => (facets ??= loaders.facets.load(request.filter)),
  };
}

interface PageContext {
  readonly services: { readonly reader: Pick<TaskReader, "cursorOf"> };
  readonly loaders: PageLoaders;
}

/**
 * Returns the page's position. A page of a search that stopped ends there: a client that follows
 * `endCursor` continues from it.
 */
function pageInfoOf(
  { hasMore, searchedUntil }: TaskPage,
  { fromEnd, after, before }: PageRequest,
  edges: TaskConnection["edges"],
): PageInfo {
  const [start, end] = [edges[0]?.cursor ?? null, edges.at(-1)?.cursor ?? null];
  return fromEnd
    ? {
        // The row of the cursor is on the other side.
        hasNextPage: before !== undefined,
        hasPreviousPage: hasMore,
        startCursor: searchedUntil ?? start,
        endCursor: end,
      }
    : {
        hasNextPage: hasMore,
        hasPreviousPage: after !== undefined,
        startCursor: start,
        endCursor: searchedUntil ?? end,
      };
}

function toRequest({ first, after, last, before, filter, orderBy }: PageArguments): PageRequest {
  const forward = given(first) || given(after);
  const backward = given(last) || given(before);
  if (forward && backward) {
    throw badUserInput("first and after cannot be combined with last and before. Give one of the two pairs.");
  }
  const order = orderBy ?? NEWEST_FIRST;
  if (!backward)
    return { filter, order, limit: readSize("first", first), ...(given(after) ? { after } : {}) };
  return {
    filter,
    order,
    limit: readSize("last", last),
    fromEnd: true,
    ...(given(before) ? { before } : {}),
  };
}

function readSize(name: string, size: number | null | undefined): number {
  if (!given(size)) return DEFAULT_SIZE;
  requireRange(name, size, MAX_SIZE);
  return size;
}

function given<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}
