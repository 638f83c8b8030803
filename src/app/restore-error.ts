import type { TaskError } from "../task/task.ts";

/** An Error as like the recorded one as it can be: its class is another process's, but name, message, stack and causes are its own. */
export function restoreError({ type, message, stack, causes = [] }: TaskError): Error {
  const [own, ...rest] = stack?.split("\nCaused by: ") ?? [];
  const parts = [
    { type, message, stack: own },
    ...causes.map((cause, index) => ({ ...cause, stack: rest[index] })),
  ];
  return parts.reduceRight<Error | undefined>((cause, part) => {
    const error = new Error(part.message, cause && { cause });
    Object.defineProperty(error, "name", { value: part.type, configurable: true });
    error.stack = part.stack ?? `${part.type}: ${part.message}`;
    return error;
  }, undefined)!;
}
