/** Exact match, no traversal: a name is looked up in a Map and nowhere else. */
export const TASK_NAME = /^[a-z][\w.:-]{0,127}$/i;
export const QUEUE_NAME = /^[a-z0-9][\w.:-]{0,127}$/i;

export const TASK_NAME_RULE = 'a letter, then up to 127 letters, digits, "_", ".", ":" or "-"';
export const QUEUE_NAME_RULE = 'a letter or digit, then up to 127 letters, digits, "_", ".", ":" or "-"';

/** What a worker may be called. */
export const WORKER_NAME = /^[^\s\p{C}]{1,128}$/u;
export const WORKER_NAME_RULE = "1 to 128 visible characters without spaces";

/**
 * Begins the name of a queue that only the workers of one name read: no queue that people name can
 * be one.
 */
const WORKER_QUEUE = "@";

/** `worker@host` -> `@worker@host`: where tasks wait that only the worker of this name may run. */
export function workerQueue(workerName: string): string {
  return `${WORKER_QUEUE}${workerName}`;
}

export function isWorkerQueue(queue: string): boolean {
  return queue.startsWith(WORKER_QUEUE);
}

/** The worker whose queue it is; null for any other queue. */
export function workerOfQueue(queue: string): string | null {
  return isWorkerQueue(queue) ? queue.slice(WORKER_QUEUE.length) : null;
}

/**
 * `mail.send` -> `MailSend`: the stem of a definition's GraphQL names. Empty when no letter or
 * digit is left.
 */
export function graphqlStem(taskName: string): string {
  return taskName
    .split(/[^a-zA-Z0-9]+/)
    .filter((word) => word !== "")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

/** `mail.send` -> `enqueueMailSend`. */
export function mutationFieldOf(taskName: string): string {
  return `enqueue${graphqlStem(taskName)}`;
}
