import type { EntityManager, MikroORM } from "@mikro-orm/postgresql";
import { TurnQueue } from "../../lib/async/event-loop.ts";
import {
  TASK_VALUES,
  type TaskOutline,
  type TaskRecord,
  type TaskSummary,
  type TaskValueName,
  type TaskValues,
} from "../../task/records/task.ts";
import {
  OUTLINE_COLUMNS,
  type OutlineRow,
  toOutline,
  toValues,
  valueColumns,
  type ValueTexts,
} from "../tasks/rows.ts";
import { databaseFailure } from "../connection/failures.ts";
import { openSql, type Sql } from "../connection/sql.ts";
import { compareTasks, encodeCursor, encodePosition } from "./task-cursor.ts";
import {
  newestQuery,
  pageQuery,
  type PositionCondition,
  positionOf,
  type Query,
  together,
} from "./task-queries.ts";
import {
  type PageRequest,
  SEARCH_MS,
  type TaskCount,
  type TaskFacets,
  type TaskFilter,
  type TaskOrder,
  type TaskPage,
  type TaskReader,
  VALUES_BYTES,
} from "./task-reader.ts";
import { type Found, searchTasks } from "./task-search.ts";

const NEWEST_FIRST = { field: "CREATED_AT", direction: "DESC" } as const satisfies TaskOrder;

/** Facets in the order of the columns that they count. */
const FACETS = { states: "state", names: "name", queues: "queue", workers: "worker_name" } as const;

/** Rows of the first part of values, and the maximum of later parts. */
const FIRST_VALUES = 16;
const MOST_VALUES = 1_000;

const OUTLINES = `select ${OUTLINE_COLUMNS} from lovage.task t where t.id = any($1::uuid[])`;
const RECORDS = `select ${OUTLINE_COLUMNS}, ${valueColumns(TASK_VALUES)} from lovage.task t where t.id = any($1::uuid[])`;
const ACTIVE = `select ${OUTLINE_COLUMNS} from lovage.task t where t.state = 'STARTED' and t.worker_id = any($1::uuid[]) order by t.id`;

/**
 * Reads tasks on the connections for reads. The ORM makes the queries of pages; no row becomes an
 * entity, which would be copied twice.
 */
export class PgTaskReader implements TaskReader {
  readonly #sql: Sql;
  /**
   * A megabyte of JSON takes milliseconds: of all parts that arrive together, one is parsed in each
   * turn of the event loop.
   */
  readonly #parsing = new TurnQueue();

  constructor(
    private readonly orm: MikroORM,
    private readonly options: {
      /** Time limit of one search. @default SEARCH_MS */
      readonly searchMs?: number;
      readonly monotonic?: () => number;
    } = {},
  ) {
    this.#sql = openSql(orm, "read");
  }

  async byIds(ids: readonly string[]): Promise<(TaskRecord | null)[]> {
    const rows = await this.#sql.run<OutlineRow & ValueTexts>(RECORDS, [ids]);
    return forIds(rows.map(toRecord), ids);
  }

  async outlines(ids: readonly string[]): Promise<(TaskOutline | null)[]> {
    const rows = await this.#sql.run<OutlineRow>(OUTLINES, [ids]);
    return forIds(rows.map(toOutline), ids);
  }

  async *values(
    ids: readonly string[],
    names: readonly TaskValueName[],
  ): AsyncGenerator<readonly TaskValues[]> {
    const statement = `select t.id, t.version, t.state, t.options, ${valueColumns(names)} from lovage.task t where t.id = any($1::uuid[])`;
    for (let start = 0, count = FIRST_VALUES; start < ids.length;) {
      const part = ids.slice(start, start + count);
      const rows = await this.#sql.run<ValuesRow>(statement, [part]);
      yield await this.#parsing.run(() =>
        forIds(rows, part).flatMap((row) => (row === null ? [] : [toTaskValues(row, names)])),
      );
      start += count;
      count = rowsOfNextPart(part.length, lengthOf(rows, names));
    }
  }

  async pages(requests: readonly PageRequest[]): Promise<TaskPage[]> {
    const positions = requests.map(positionOf);
    const plain = await this.#plainPages(requests, positions);
    const pages: TaskPage[] = [];
    for (const [index, request] of requests.entries()) {
      pages.push(plain.get(index) ?? (await this.#searchedPage(request, positions[index]!, requests)));
    }
    return pages;
  }

  cursorOf(task: TaskSummary, order: TaskOrder): string {
    return encodeCursor(task, order);
  }

  async counts(filters: readonly TaskFilter[], limit: number): Promise<TaskCount[]> {
    const plain = filters.filter(isPlain);
    const rows = await this.#all<{ n: number; count: number }>(plain, (em, filter) => ({
      ...newestQuery(em, filter, { columns: ["1"], limit }),
      select: (sql, n) => `select ${n} as n, count(*)::int as count from ${sql} x`,
    }));
    const counts: TaskCount[] = [];
    for (const filter of filters) {
      const count = rows.find(({ n }) => n === plain.indexOf(filter))?.count;
      counts.push(
        count === undefined
          ? toCount(await this.#search(filter, limit, filters))
          : { count, isComplete: true },
      );
    }
    return counts;
  }

  async facets(filters: readonly TaskFilter[], limit: number): Promise<TaskFacets[]> {
    const narrowed = await Promise.all(
      filters.map(async (filter) =>
        isPlain(filter) ? filter : { ids: (await this.#search(filter, limit, filters)).ids },
      ),
    );
    const columns = Object.values(FACETS);
    const sets = columns.map((column) => `(${column})`).join(", ");
    const rows = await this.#all<FacetRow>(narrowed, (em, filter) => ({
      ...newestQuery(em, filter, { columns: columns.map((column) => `t.${column}`), limit }),
      select: (sql, n) =>
        `select ${n} as n, coalesce(${columns.join(", ")}) as value, grouping(${columns.join(", ")}) as absent, count(*)::int as count
           from ${sql} x group by grouping sets (${sets})`,
    }));
    return filters.map((_, index) => toFacets(rows.filter(({ n }) => n === index)));
  }

  async ids(filter: TaskFilter, limit: number, afterId?: string): Promise<string[]> {
    const from: PositionCondition | null =
      afterId === undefined ? null : { position: { id: afterId, value: null }, side: "after" };
    const request = { filter, order: NEWEST_FIRST, limit };
    if (!isPlain(filter)) return [...(await this.#find(request, from, { limit, budgetMs: null })).ids];
    const rows = await this.#run<{ id: string }>((em) =>
      pageQuery(em, request, from, { columns: ["t.id"], limit }),
    );
    return rows.map(({ id }) => id);
  }

  async activeOf(workerIds: readonly string[]): Promise<TaskOutline[]> {
    return (await this.#sql.run<OutlineRow>(ACTIVE, [workerIds])).map(toOutline);
  }

  /** The pages of requests without a search, by index. */
  async #plainPages(
    requests: readonly PageRequest[],
    positions: readonly (PositionCondition | null)[],
  ): Promise<ReadonlyMap<number, TaskPage>> {
    const plain = [...requests.entries()].filter(([, { filter }]) => isPlain(filter));
    if (plain.length === 0) return new Map();
    const outlines = plain.map((): TaskOutline[] => []);
    const rows = await this.#run<OutlineRow & { readonly page_number: number }>((em) => {
      const queries = plain.map(([index, request]) =>
        pageQuery(em, request, positions[index]!, { columns: [OUTLINE_COLUMNS], limit: request.limit + 1 }),
      );
      return together(queries, (sql, n) => `select ${n} as page_number, x.* from ${sql} x`);
    });
    for (const row of rows) outlines[row.page_number]!.push(toOutline(row));
    return new Map(plain.map(([index, request], n) => [index, toPage(outlines[n]!, request)]));
  }

  async #searchedPage(
    request: PageRequest,
    from: PositionCondition | null,
    { length: sharers }: { readonly length: number },
  ): Promise<TaskPage> {
    const { limit, order } = request;
    const { ids, until } = await this.#find(request, from, {
      limit: limit + 1,
      budgetMs: this.#ms / sharers,
    });
    const found = (await this.outlines(ids)).filter((task) => task !== null);
    const page = toPage(found, request);
    return until === null ? page : { ...page, hasMore: true, searchedUntil: encodePosition(until, order) };
  }

  #search(
    filter: TaskFilter,
    limit: number,
    { length: sharers }: { readonly length: number },
  ): Promise<Found> {
    return this.#find({ filter, order: NEWEST_FIRST, limit }, null, { limit, budgetMs: this.#ms / sharers });
  }

  #find(
    request: PageRequest,
    from: PositionCondition | null,
    bounds: { readonly limit: number; readonly budgetMs: number | null },
  ): Promise<Found> {
    return this.#read((em) =>
      searchTasks(request, from, bounds, {
        rows: (next, columns, limit) => pageQuery(em, request, next, { columns, limit }),
        run: (query) => execute(em, query),
        monotonic: this.options.monotonic ?? (() => performance.now()),
      }),
    );
  }

  get #ms(): number {
    return this.options.searchMs ?? SEARCH_MS;
  }

  /** One statement for all filters; none without filters. */
  async #all<Row>(
    filters: readonly TaskFilter[],
    part: (em: EntityManager, filter: TaskFilter) => Query & { select: (sql: string, n: number) => string },
  ): Promise<Row[]> {
    if (filters.length === 0) return [];
    return this.#run((em) => {
      const parts = filters.map((filter) => part(em, filter));
      return together(parts, (sql, n) => parts[n]!.select(sql, n));
    });
  }

  #run<Row>(make: (em: EntityManager) => Query): Promise<Row[]> {
    return this.#read((em) => execute<Row>(em, make(em)));
  }

  async #read<Result>(work: (em: EntityManager) => Promise<Result>): Promise<Result> {
    try {
      return await work(this.orm.em.fork());
    } catch (error) {
      throw databaseFailure(error);
    }
  }
}

interface FacetRow {
  readonly n: number;
  readonly value: string | null;
  /** One bit for each column that the row does not count; the lowest bit is the last column. */
  readonly absent: number;
  readonly count: number;
}

function execute<Row>(em: EntityManager, { sql, params }: Query): Promise<Row[]> {
  return em.getConnection("read").execute(sql, [...params], "all") as unknown as Promise<Row[]>;
}

function isPlain({ search }: TaskFilter): boolean {
  return search === undefined || search === "";
}

/**
 * Makes a page of the rows that were read for it: one more than the page contains, if there are
 * more.
 */
function toPage(read: readonly TaskOutline[], { limit, order, fromEnd = false }: PageRequest): TaskPage {
  const inOrder = read.toSorted(compareTasks(order));
  const rows = fromEnd ? inOrder.slice(-limit) : inOrder.slice(0, limit);
  return { rows, hasMore: read.length > limit, searchedUntil: null };
}

function toCount({ ids, until }: Found): TaskCount {
  return { count: ids.length, isComplete: until === null };
}

function toFacets(rows: readonly FacetRow[]): TaskFacets {
  const names = Object.keys(FACETS) as (keyof TaskFacets)[];
  const all = (1 << names.length) - 1;
  const counts = (index: number) =>
    rows
      .filter(({ absent, value }) => absent === all - (1 << (names.length - 1 - index)) && value !== null)
      .map(({ value, count }) => ({ value: value!, count }))
      .toSorted((a, b) => b.count - a.count);
  return Object.fromEntries(names.map((name, index) => [name, counts(index)])) as unknown as TaskFacets;
}

interface ValuesRow extends ValueTexts, Pick<TaskValues, "id" | "version" | "state" | "options"> {}

function toRecord(row: OutlineRow & ValueTexts): TaskRecord {
  return { ...toOutline(row), ...toValues(row, TASK_VALUES) } as TaskRecord;
}

function toTaskValues(row: ValuesRow, names: readonly TaskValueName[]): TaskValues {
  const { id, version, state, options } = row;
  return { id, version, state, options, ...toValues(row, names) };
}

function lengthOf(rows: readonly ValueTexts[], names: readonly TaskValueName[]): number {
  return rows.reduce((sum, row) => sum + names.reduce((of, name) => of + (row[name]?.length ?? 0), 0), 0);
}

/** Returns the number of rows in VALUES_BYTES, if they are as large as the last ones. */
function rowsOfNextPart(rows: number, length: number): number {
  return Math.max(1, Math.min(MOST_VALUES, Math.floor((rows * VALUES_BYTES) / Math.max(1, length))));
}

function forIds<Row extends { readonly id: string }>(
  rows: readonly Row[],
  ids: readonly string[],
): (Row | null)[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}
