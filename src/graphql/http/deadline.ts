/** Resolves as `work` does, or with `otherwise()` when that takes longer than `timeoutMs`. The work itself can't be stopped. */
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
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What the client is told when its operation ran into the deadline. */
export function timeoutMessage(timeoutMs: number): string {
  return `The operation took longer than ${timeoutMs / 1000} s, and its reply was given up; what it began may still be done. Ask for less at once.`;
}
