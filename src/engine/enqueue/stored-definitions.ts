import type { EnqueueOptions } from "../../task/call/enqueue-options.ts";
import type { NewTask } from "../../store/tasks/task-store.ts";
import type { StoredDefinition } from "../../store/definitions/definition-store.ts";
import type { AnyTaskDefinition } from "../../task/definition/definition.ts";
import { priorityRank } from "../../task/definition/priority.ts";
import { NO_KEYS } from "../../task/limits/limits.ts";
import { type EnqueueSettings, makeRow } from "./make-row.ts";
import type { Destination, Router } from "./router.ts";

/**
 * Returns a definition as the database stores it. Its template is a row of the enqueuer itself,
 * so defaults are resolved in one place; the function puts the options of its call over it.
 */
export function storedDefinitionOf(
  definition: AnyTaskDefinition,
  router: Router,
  settings: EnqueueSettings,
): StoredDefinition {
  const { name, limits, retry, inputJsonSchema, outputJsonSchema } = definition;
  const destination = router.fixedDestination(definition);
  const row = templateRow(definition, destination, settings, {});
  const template = {
    queue: row.queue,
    queues: router.allowedQueues,
    priority: priorityRank(row.priority),
    maxAttempts: row.maxAttempts,
    timeLimitMs: row.timeLimitMs,
    limitKey: limits === null ? null : NO_KEYS,
    tags: row.tags,
    options: { ...row.options },
    /** With the option `ignoreResult: false`. */
    keptOptions: { ...templateRow(definition, destination, settings, { ignoreResult: false }).options },
    /** Whether `retry.for` counts from when the task is due. */
    countsFromDue: retry.forMs !== null,
  };
  // oxlint-disable-next-line unicorn/prefer-structured-clone -- the copy is what JSON holds of it
  const json = JSON.parse(JSON.stringify(template)) as StoredDefinition["template"];
  return {
    name,
    template: json,
    refusal: findRefusal(definition, destination),
    inputSchema: inputJsonSchema,
    outputSchema: outputJsonSchema,
  };
}

/** Returns why only the enqueuer can make tasks of a definition: all of it depends on the input. */
function findRefusal(
  { unique, limits, sensitive }: AnyTaskDefinition,
  destination: Destination | null,
): string | null {
  if (sensitive.length > 0) return "its sensitive fields are hidden before they reach the database";
  if (unique.uniqueKey !== null) return "its uniqueKey is a function of the input";
  if (limits !== null && limits.keys.length > 0) return "its limits count by a key of the input";
  if (destination === null) return "a function of the setting routes chooses its queue";
  return null;
}

const NO_DESTINATION: Destination = { queue: "default", priority: "NORMAL", route: null };

function templateRow(
  definition: AnyTaskDefinition,
  destination: Destination | null,
  settings: EnqueueSettings,
  options: EnqueueOptions,
): NewTask {
  const plain = {
    ...definition,
    limits: null,
    sensitive: [],
    unique: { ...definition.unique, uniqueKey: null },
  };
  const input = { input: {}, parsed: {}, split: null, isSound: true };
  return makeRow(plain, { options }, input, {
    ...{ path: [], issues: [], settings, createdBy: null },
    now: new Date(),
    newId: () => "",
    router: { destinationOf: () => destination ?? NO_DESTINATION, findQueueProblem: () => null },
  });
}
