import { GraphQLError } from "graphql";
import type { OperationScope } from "../../../lib/operation-scope.ts";

/**
 * Runs an operation, or resolves with `otherwise()` after `timeoutMs`. Then, and if `ended` is
 * aborted because the client left, its running statements are cancelled, and no other one starts.
 */
export function runOperation<Result>(
  parts: { readonly scope: OperationScope; readonly ended: AbortController; readonly timeoutMs: number },
  work: () => Promise<Result>,
  otherwise: () => Result,
): Promise<Result> {
  const { scope, ended, timeoutMs } = parts;
  return withDeadline(scope.run(ended.signal, work), timeoutMs, () => {
    ended.abort();
    return otherwise();
  });
}

/**
 * Settles like `work`, or with `otherwise()` after `timeoutMs`. The work itself cannot be stopped.
 */
export async function withDeadline<Result>(
  work: Promise<Result>,
  timeoutMs: number,
  otherwise: () => Result,
): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Result>((resolve, reject) => {
    timer = setTimeout(() => {
      try {
        resolve(otherwise());
      } catch (error) {
        reject(error);
      }
    }, timeoutMs);
    // What waits for the reply keeps the process; a server that has stopped does not wait for this.
    timer.unref();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns the result of an operation that had ended before it started. Nobody waits for it. */
export function operationEnded(): GraphQLError {
  return new GraphQLError("The operation ended before its turn to run.", { extensions: { code: "TIMEOUT" } });
}

/** Returns the message for an operation that exceeded the deadline. */
export function timeoutMessage(timeoutMs: number): string {
  return `The operation took longer than ${timeoutMs / 1000} s, and its reply was given up; what it began may still be done. Ask for less at once.`;
}
