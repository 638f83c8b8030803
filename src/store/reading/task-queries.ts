import { type EntityManager, type QueryOrderMap, raw } from "@mikro-orm/postgresql";
import { TaskEntity } from "./task-entity.ts";
import { decodeCursor, type TaskPosition } from "./task-cursor.ts";
import type { PageRequest, TaskFilter, TaskOrder } from "./task-reader.ts";
import {
  FINISHED_AT_MS,
  RUN_TIME_MS,
  type TaskRow,
  type TaskWhere,
  WAIT_TIME_MS,
  whereOf,
} from "./task-where.ts";

/** SQL of a statement or a part of one, with `?` for each parameter. */
export interface Query {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/** UUIDv7 keys are in order of creation, so the newest tasks are the end of the primary key. */
const EXPRESSIONS = {
  CREATED_AT: null,
  FINISHED_AT: FINISHED_AT_MS,
  RUN_TIME: RUN_TIME_MS,
  WAIT_TIME: WAIT_TIME_MS,
} as const satisfies Record<TaskOrder["field"], string | null>;

/** Returns the SQL expression of an order; null for the id. */
export function expressionOf(order: TaskOrder): string | null {
  return EXPRESSIONS[order.field];
}

/** Returns the direction in which rows are read: reversed from the end of a list. */
export function directionOf({ order, fromEnd = false }: PageRequest): "asc" | "desc" {
  return (order.direction === "ASC") === fromEnd ? "desc" : "asc";
}

/**
 * Returns the position that a page starts after.
 *
 * @throws RefusedError for an unusable cursor
 */
export function positionOf({ order, after, before }: PageRequest): PositionCondition | null {
  if (after !== undefined) return { position: decodeCursor(after, order, "after"), side: "after" };
  return before === undefined ? null : { position: decodeCursor(before, order, "before"), side: "before" };
}

export interface PositionCondition {
  readonly position: TaskPosition;
  readonly side: "after" | "before";
}

/** Returns the query for the rows of a page in the order of reading; `columns` is SQL on `t`. */
export function pageQuery(
  em: EntityManager,
  request: PageRequest,
  from: PositionCondition | null,
  { columns, limit }: { readonly columns: readonly string[]; readonly limit: number },
): Query {
  const { order, filter } = request;
  const expression = expressionOf(order);
  const conditions = whereOf(filter);
  if (expression) conditions.push({ [raw(expression)]: { $ne: null } } as TaskWhere);
  if (from) conditions.push(beyond(from.position, order, from.side));
  const direction = directionOf(request);
  const orderBy: QueryOrderMap<TaskRow>[] = [
    ...(expression ? [{ [raw(expression)]: direction } as QueryOrderMap<TaskRow>] : []),
    { id: direction },
  ];
  return queryOf(em, conditions, columns, orderBy, limit);
}

/** Returns the query for the newest rows that match a filter. */
export function newestQuery(
  em: EntityManager,
  filter: TaskFilter,
  { columns, limit }: { readonly columns: readonly string[]; readonly limit: number },
): Query {
  return queryOf(em, whereOf(filter), columns, [{ id: "desc" }], limit);
}

/** Joins several statements into one. `n` is the index of a row's statement. */
export function together(queries: readonly Query[], select: (sql: string, n: number) => string): Query {
  return {
    sql: queries.map(({ sql }, n) => select(`(${sql})`, n)).join("\nunion all\n"),
    params: queries.flatMap(({ params }) => params),
  };
}

function queryOf(
  em: EntityManager,
  conditions: readonly TaskWhere[],
  columns: readonly string[],
  orderBy: QueryOrderMap<TaskRow>[],
  limit: number,
): Query {
  const builder = em
    .createQueryBuilder(TaskEntity, "t")
    .select(columns.map((column) => raw(column)) as never);
  return builder
    .where({ $and: conditions } as never)
    .orderBy(orderBy as never)
    .limit(limit)
    .toQuery();
}

/** Returns the condition for rows after (or before) a position in an order. */
function beyond(position: TaskPosition, order: TaskOrder, side: "after" | "before"): TaskWhere {
  const operator = (order.direction === "ASC") === (side === "after") ? "$gt" : "$lt";
  const expression = expressionOf(order);
  if (expression === null) return { id: { [operator]: position.id } } as TaskWhere;
  return {
    $or: [
      { [raw(expression)]: { [operator]: position.value } },
      { [raw(expression)]: position.value, id: { [operator]: position.id } },
    ],
  } as TaskWhere;
}
