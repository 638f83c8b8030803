import type { EntityManager, MikroORM } from "@mikro-orm/postgresql";
import { priorityOf } from "../task/priority.ts";
import type { TaskRecord } from "../task/task.ts";
import { TaskEntity } from "./entities.ts";
import { toAttempts, toError, toProgress, toRevocation } from "./rows.ts";
import { databaseFailure } from "./pg-failure.ts";
import { compareTasks, encodeCursor, encodePlace } from "./task-cursor.ts";
import {
  newestQuery,
  pageQuery,
  type PlaceCondition,
  placeOf,
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
} from "./task-reader.ts";
import { type Found, searchTasks } from "./task-search.ts";
import type { TaskRow } from "./task-where.ts";

const NEWEST_FIRST = { field: "CREATED_AT", direction: "DESC" } as const satisfies TaskOrder;

/** Facets in the order of the columns that they count. */
const FACETS = { states: "state", names: "name", queues: "queue", workers: "worker_name" } as const;

/** Reads tasks through the ORM. Rows are returned as plain records, nothing stays in an identity map. */
export class PgTaskReader implements TaskReader {
  constructor(
    private readonly orm: MikroORM,
    private readonly options: {
      /** How long one search looks. @default SEARCH_MS */
      readonly searchMs?: number;
      readonly monotonic?: () => number;
    } = {},
  ) {}

  async byIds(ids: readonly string[]): Promise<(TaskRecord | null)[]> {
    const rows = await this.#read((em) =>
      em.find(TaskEntity, { id: { $in: [...ids] } }, { disableIdentityMap: true }),
    );
    const byId = new Map(rows.map((row) => [row.id, toRecord(row)]));
    return ids.map((id) => byId.get(id) ?? null);
  }

  async pages(requests: readonly PageRequest[]): Promise<TaskPage[]> {
    const places = requests.map(placeOf);
    const plain = await this.#plainPages(requests, places);
    const pages: TaskPage[] = [];
    for (const [index, request] of requests.entries()) {
      pages.push(plain.get(index) ?? (await this.#searchedPage(request, places[index]!, requests)));
    }
    return pages;
  }

  cursorOf(task: TaskRecord, order: TaskOrder): string {
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
    const from: PlaceCondition | null =
      afterId === undefined ? null : { place: { id: afterId, value: null }, side: "after" };
    const request = { filter, order: NEWEST_FIRST, limit };
    if (!isPlain(filter)) return [...(await this.#find(request, from, { limit, budgetMs: null })).ids];
    const rows = await this.#run<{ id: string }>((em) =>
      pageQuery(em, request, from, { columns: ["t.id"], limit }),
    );
    return rows.map(({ id }) => id);
  }

  async activeOf(workerIds: readonly string[]): Promise<TaskRecord[]> {
    const rows = await this.#read((em) =>
      em.find(
        TaskEntity,
        { state: "STARTED", workerId: { $in: [...workerIds] } },
        { orderBy: { id: "asc" }, disableIdentityMap: true },
      ),
    );
    return rows.map(toRecord);
  }

  /** The pages of requests without a search, by index. */
  async #plainPages(
    requests: readonly PageRequest[],
    places: readonly (PlaceCondition | null)[],
  ): Promise<ReadonlyMap<number, TaskPage>> {
    const plain = [...requests.entries()].filter(([, { filter }]) => isPlain(filter));
    if (plain.length === 0) return new Map();
    const records = plain.map((): TaskRecord[] => []);
    await this.#read(async (em) => {
      const queries = plain.map(([index, request]) =>
        pageQuery(em, request, places[index]!, { columns: ["t.*"], limit: request.limit + 1 }),
      );
      const query = together(queries, (sql, n) => `select ${n} as page_number, x.* from ${sql} x`);
      for (const { page_number: n, ...row } of await execute<{ page_number: number }>(em, query)) {
        records[n]!.push(toRecord(em.map(TaskEntity, row as never)));
      }
    });
    return new Map(plain.map(([index, request], n) => [index, toPage(records[n]!, request)]));
  }

  async #searchedPage(
    request: PageRequest,
    from: PlaceCondition | null,
    { length: sharers }: { readonly length: number },
  ): Promise<TaskPage> {
    const { limit, order } = request;
    const { ids, until } = await this.#find(request, from, {
      limit: limit + 1,
      budgetMs: this.#ms / sharers,
    });
    const found = (await this.byIds(ids)).filter((task) => task !== null);
    const page = toPage(found, request);
    return until === null ? page : { ...page, hasMore: true, searchedUntil: encodePlace(until, order) };
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
    from: PlaceCondition | null,
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
  /** A bit for each column that the row does not count, the last column's the lowest. */
  readonly absent: number;
  readonly count: number;
}

function execute<Row>(em: EntityManager, { sql, params }: Query): Promise<Row[]> {
  return em.getConnection("read").execute(sql, [...params], "all") as unknown as Promise<Row[]>;
}

function isPlain({ search }: TaskFilter): boolean {
  return search === undefined || search === "";
}

/** Of the rows that were read for a page, one more than it holds. */
function toPage(read: readonly TaskRecord[], { limit, order, fromEnd = false }: PageRequest): TaskPage {
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
  const counts = (place: number) =>
    rows
      .filter(({ absent, value }) => absent === all - (1 << (names.length - 1 - place)) && value !== null)
      .map(({ value, count }) => ({ value: value!, count }))
      .toSorted((a, b) => b.count - a.count);
  return Object.fromEntries(names.map((name, place) => [name, counts(place)])) as unknown as TaskFacets;
}

function toRecord(row: TaskRow): TaskRecord {
  return {
    ...row,
    input: row.input ?? null,
    output: row.output ?? null,
    error: toError(row.error),
    priority: priorityOf(row.priority),
    tags: row.tags ?? [],
    progress: toProgress(row.progress ?? null),
    attempts: toAttempts(row.attempts),
    scheduleId: row.scheduleId ?? null,
    revocation: toRevocation(row.revocation),
  } as TaskRecord;
}
