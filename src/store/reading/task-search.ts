import { type PageRequest, SEARCHED_CHARACTERS } from "./task-reader.ts";
import type { TaskPosition } from "./task-cursor.ts";
import { directionOf, expressionOf, type PositionCondition, type Query } from "./task-queries.ts";

/**
 * Rows and bytes that one statement of a search reads: few, so that it ends soon whatever the rows
 * contain.
 */
const STEP_ROWS = 2_000;
const STEP_BYTES = 2 * 1024 * 1024;

const SEARCHED = ["t.input", "t.output", "t.error"];

/** Rows that a search found, in the order of reading. */
export interface Found {
  readonly ids: readonly string[];
  /** The last row read, if the search ran out of time; else null. */
  readonly until: TaskPosition | null;
}

export interface SearchParts {
  /** Returns the query for the rows after a position. */
  readonly rows: (from: PositionCondition | null, columns: readonly string[], limit: number) => Query;
  readonly run: <Row>(query: Query) => Promise<Row[]>;
  /** Milliseconds from any fixed point. */
  readonly monotonic: () => number;
}

interface LookedAt {
  readonly id: string;
  readonly value: string | number | null;
  readonly hit: boolean;
}

/**
 * Reads rows in steps until `limit` rows match, none is left, or the time is up; at least one step.
 * Each step reads a bounded number of rows and bytes, and a bounded part of each value. So every
 * statement is short, and a row of many megabytes costs one step.
 *
 * @param budgetMs time for the search; null for no limit
 */
export async function searchTasks(
  request: PageRequest,
  from: PositionCondition | null,
  { limit, budgetMs }: { readonly limit: number; readonly budgetMs: number | null },
  { rows, run, monotonic }: SearchParts,
): Promise<Found> {
  const ids: string[] = [];
  const end = budgetMs === null ? Infinity : monotonic() + budgetMs;
  const side = request.fromEnd === true ? "before" : "after";
  for (let next = from; ;) {
    const step = await run<LookedAt>(stepQuery(request, rows(next, columnsOf(request), STEP_ROWS)));
    for (const { id, hit } of step) if (hit && ids.length < limit) ids.push(id);
    const last = step.at(-1);
    if (ids.length >= limit || !last) return { ids, until: null };
    const position = { id: last.id, value: last.value === null ? null : Number(last.value) };
    if (monotonic() >= end) return { ids, until: position };
    next = { position, side };
  }
}

/**
 * Returns the columns that a step reads before the values, with the stored size of the values in
 * bytes.
 */
function columnsOf(request: PageRequest): string[] {
  const expression = expressionOf(request.order);
  const direction = directionOf(request);
  const order = [...(expression ? [`${expression} ${direction}`] : []), `t.id ${direction}`].join(", ");
  const bytes = SEARCHED.map((column) => `coalesce(pg_column_size(${column}), 0)`).join(" + ");
  return [
    "t.id",
    `${expression ?? "null::bigint"} as value`,
    `${bytes} as bytes`,
    `row_number() over (order by ${order}) as rank`,
  ];
}

function stepQuery({ filter }: PageRequest, { sql, params }: Query): Query {
  const pattern = `%${(filter.search ?? "").replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  const texts = [
    "t.id::text",
    "t.name",
    ...SEARCHED.map((column) => `left(${column}::text, ${SEARCHED_CHARACTERS})`),
  ];
  const hit = texts.map((text) => `coalesce(${text} ilike ?, false)`).join(" or ");
  return {
    sql: `
      select t.id, l.value, ${hit} as hit
        from (select r.*, sum(r.bytes) over (order by r.rank) - r.bytes as before from (${sql}) r) l
             join lovage.task t on t.id = l.id
       where l.before < ${STEP_BYTES}
       order by l.rank`,
    params: [...texts.map(() => pattern), ...params],
  };
}
