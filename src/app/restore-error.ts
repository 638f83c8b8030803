import type { TaskError } from "../task/records/task.ts";

/** A part of what was recorded. */
interface Part {
  readonly type: string;
  readonly message: string;
  readonly stack?: string | null | undefined;
}

/**
 * An Error as like the recorded one as it can be: its class is another process's, but name, message, stack and causes are its own. An
 * AggregateError has what was recorded under it as its `errors`; of any other the causes are a chain.
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
