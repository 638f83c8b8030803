/** Exact match, no traversal: a name is looked up in a Map and nowhere else. */
export const TASK_NAME = /^[a-z][\w.:-]{0,127}$/i;
export const QUEUE_NAME = /^[a-z0-9][\w.:-]{0,127}$/i;

export const TASK_NAME_RULE = 'a letter, then up to 127 letters, digits, "_", ".", ":" or "-"';
export const QUEUE_NAME_RULE = 'a letter or digit, then up to 127 letters, digits, "_", ".", ":" or "-"';

/** `mail.send` -> `MailSend`: the stem of a definition's GraphQL names. Empty when no letter or digit is left. */
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
