import type { PageRequest, TaskFacets, TaskFilter, TaskOrder, TaskReader } from "../store/task-reader.ts";
import type { TaskRecord } from "../task/task.ts";
import { badUserInput } from "./errors.ts";

const DEFAULT_SIZE = 50;
const MAX_SIZE = 200;
const COUNT_LIMIT = 10_000;
const NEWEST_FIRST: TaskOrder = { field: "CREATED_AT", direction: "DESC" };

/** The arguments of a Relay connection. Null and absent are the same. */
export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
  readonly filter: TaskFilter;
  readonly orderBy?: TaskOrder | null | undefined;
}

/** What a TaskConnection is resolved from. */
export interface TaskConnection {
  readonly nodes: readonly TaskRecord[];
  readonly edges: readonly { readonly cursor: string; readonly node: TaskRecord }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** Counted at the first call, and only then. */
  count(): Promise<{ readonly total: number; readonly isExact: boolean }>;
  facets(): Promise<TaskFacets>;
}

/** Reads one page. @throws GraphQLError (BAD_USER_INPUT) for arguments that do not fit together; RefusedError for a broken cursor */
export async function readTaskPage(tasks: TaskReader, args: PageArguments): Promise<TaskConnection> {
  const request = toRequest(args);
  const { rows, hasMore } = await tasks.page(request);
  const edges = rows.map((node) => ({ cursor: tasks.cursorOf(node, request.order), node }));
  let counted: Promise<number> | undefined;
  return {
    nodes: rows,
    edges,
    pageInfo: {
      // The row of a cursor lies on the other side of it.
      hasNextPage: request.fromEnd ? request.before !== undefined : hasMore,
      hasPreviousPage: request.fromEnd ? hasMore : request.after !== undefined,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    count: async () => {
      const count = await (counted ??= tasks.count(request.filter, COUNT_LIMIT + 1));
      return { total: Math.min(count, COUNT_LIMIT), isExact: count <= COUNT_LIMIT };
    },
    facets: () => tasks.facets(request.filter, COUNT_LIMIT),
  };
}

function toRequest({ first, after, last, before, filter, orderBy }: PageArguments): PageRequest {
  const forward = given(first) || given(after);
  const backward = given(last) || given(before);
  if (forward && backward) {
    throw badUserInput(
      "first and after cannot be used together with last and before: give one pair of the two.",
    );
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
  if (size >= 1 && size <= MAX_SIZE) return size;
  throw badUserInput(`${name} must be 1..${MAX_SIZE}, got ${size}.`);
}

function given<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined;
}
