import type { GraphQLField } from "graphql";

const MARK = "enqueues";

/** Marks a subscription that enqueues a task, which no request by GET may do. */
export function markEnqueuing(field: GraphQLField<unknown, unknown>): void {
  field.extensions = { ...field.extensions, [MARK]: true };
}

/** Whether a subscription enqueues a task. */
export function isEnqueuing(field: GraphQLField<unknown, unknown> | null | undefined): boolean {
  return field?.extensions[MARK] === true;
}
