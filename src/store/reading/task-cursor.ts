import { z } from "zod";
import { RefusedError } from "../../errors.ts";
import { isUuid } from "../../lib/uuid.ts";
import type { TaskSummary } from "../../task/records/task.ts";
import { TASK_ORDER_FIELDS, type TaskOrder } from "./task-reader.ts";

/**
 * A row's position in an order: the ordered value in milliseconds (null if the id is the order) and
 * the id.
 */
export interface TaskPosition {
  readonly value: number | null;
  readonly id: string;
}

const Encoded = z.tuple([z.enum(TASK_ORDER_FIELDS), z.int().nullable(), z.string().refine(isUuid)]);

export function encodeCursor(task: TaskSummary, order: TaskOrder): string {
  return encodePosition({ value: valueOf(task, order.field), id: task.id }, order);
}

export function encodePosition({ value, id }: TaskPosition, { field }: TaskOrder): string {
  const parts: z.infer<typeof Encoded> = [field, value, id];
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** @throws RefusedError when the cursor cannot be read or belongs to another order */
export function decodeCursor(cursor: string, order: TaskOrder, argument: "after" | "before"): TaskPosition {
  const parts = Encoded.safeParse(parse(cursor));
  if (!parts.success) throw refusal(argument, "cannot be read.");
  const [field, value, id] = parts.data;
  if (field !== order.field || (value === null) !== (field === "CREATED_AT")) {
    throw refusal(argument, `belongs to a list ordered by ${field}, not by ${order.field}.`);
  }
  return { value, id };
}

/** Sorts records in an order. */
export function compareTasks({ field, direction }: TaskOrder): (a: TaskSummary, b: TaskSummary) => number {
  const sign = direction === "ASC" ? 1 : -1;
  return (a, b) => {
    const byValue = (valueOf(a, field) ?? 0) - (valueOf(b, field) ?? 0);
    if (byValue !== 0) return sign * byValue;
    return a.id < b.id ? -sign : sign;
  };
}

function valueOf(task: TaskSummary, field: TaskOrder["field"]): number | null {
  const [queued, started, finished] = [task.queuedAt, task.startedAt, task.finishedAt].map(
    (time) => time?.getTime() ?? 0,
  );
  switch (field) {
    case "CREATED_AT":
      return null;
    case "FINISHED_AT":
      return finished!;
    case "RUN_TIME":
      return finished! - started!;
    case "WAIT_TIME":
      return started! - queued!;
  }
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return undefined;
  }
}

function refusal(argument: string, message: string): RefusedError {
  const hint = `Start without "${argument}".`;
  return new RefusedError([{ code: "INVALID_INPUT", path: [argument], message: `Cursor ${message}`, hint }]);
}
