import type { TaskError } from "../task/records/task.ts";

/** A part of a recorded error. */
interface Part {
  readonly type: string;
  readonly message: string;
  readonly stack?: string | null | undefined;
}

/**
 * Restores an Error from its record, with name, message, stack and causes. Its class is not restored: that
 * belongs to another process. The causes of an AggregateError become its `errors`; others form a chain.
 */
export function restoreError({ type, message, stack, causes = [] }: TaskError): Error {
  const [own, ...rest] = stack?.split("\nCaused by: ") ?? [];
  const parts: Part[] = causes.map((cause, index) => ({ ...cause, stack: rest[index] }));
  const self = { type, message, stack: own };
  if (type === "AggregateError")
    return described(
      new AggregateError(
        parts.map((part) => described(new Error(part.message), part)),
        message,
      ),
      self,
    );
  return [self, ...parts].reduceRight<Error | undefined>(
    (cause, part) => described(new Error(part.message, cause && { cause }), part),
    undefined,
  )!;
}

function described(error: Error, { type, message, stack }: Part): Error {
  Object.defineProperty(error, "name", { value: type, configurable: true });
  error.stack = stack ?? `${type}: ${message}`;
  return error;
}
