import { WINDOW_SHAPES, type StatsWindow } from "../../task/records/stats.ts";
import type { WeightName } from "../../task/limits/cost-weights.ts";

/** The values of a field's arguments, not coerced yet. */
export type Arguments = Readonly<Record<string, unknown>>;

/** The cost of a field besides its resolution. Fields without a rule cost one `field`. */
export interface FieldRule {
  /** The charges of each resolution: weights, and how often each counts. */
  readonly charges?: (args: Arguments) => readonly (readonly [WeightName, number])[];
  /**
   * The number of objects of the field if it is a list, else of the fields below whose rule is
   * `fromAbove`. The default of a list is ASSUMED_LIST_SIZE.
   */
  readonly size?: (args: Arguments, known: KnownSizes) => number;
  /** A list whose size comes from the nearest field above. */
  readonly fromAbove?: true;
}

/** Sizes of lists that are known before they are read. */
export interface KnownSizes {
  readonly taskDefinitions: number;
}

/** The assumed size of a list without `first`, such as `workers` and `queues`. */
export const ASSUMED_LIST_SIZE = 10;

/** Maximum number of tasks that a bulk mutation returns. */
const NAMED_TASKS = 200;
/** The cost of a solar run, relative to a run by the calendar. */
const SOLAR = 5;
const NO_ARGUMENTS: Arguments = {};

const reads: FieldRule = { charges: () => [["read", 1]] };
const fromAbove: FieldRule = { fromAbove: true };

/** Rules by `Type.field`, for fields whose cost does not follow from their type. */
const RULES: Readonly<Record<string, FieldRule>> = {
  "Query.tasks": pages(50, 200),
  "TaskDefinition.runs": pages(50, 200),
  "Schedule.runs": pages(50, 200),
  "Query.schedules": pages(50, 200),
  "Subscription.taskList": withoutSearch(pages(50, 100)),
  "Query.controlLog": pages(50, 200),
  "Task.logs": pages(100, 1_000),
  "TaskConnection.nodes": fromAbove,
  "TaskConnection.edges": fromAbove,
  "TaskListSnapshot.tasks": fromAbove,
  "ScheduleConnection.nodes": fromAbove,
  "ScheduleConnection.edges": fromAbove,
  "ControlLogConnection.nodes": fromAbove,
  "ControlLogConnection.edges": fromAbove,
  "LogConnection.nodes": fromAbove,
  "LogConnection.edges": fromAbove,
  "SkippedSlotsConnection.nodes": fromAbove,
  "SkippedSlotsConnection.edges": fromAbove,
  "SkippedSlotsConnection.totalCount": { charges: () => [["count", 1]] },
  "TaskConnection.totalCount": { charges: () => [["count", 1]] },
  "TaskConnection.totalCountIsExact": { charges: () => [["count", 1]] },
  "TaskConnection.facets": { charges: () => [["facets", 1]] },
  "ControlLogConnection.totalCount": { charges: () => [["count", 1]] },
  "ScheduleConnection.totalCount": { charges: () => [["count", 1]] },

  "Query.node": nodes(() => 1),
  "Query.nodes": nodes(({ ids }) => (Array.isArray(ids) ? ids.length : ASSUMED_LIST_SIZE)),
  "Query.task": reads,
  "Query.schedule": reads,
  "Query.explainTask": reads,
  "Query.queue": reads,
  "Query.queues": reads,
  "Query.worker": reads,
  "Query.workers": reads,
  "Query.taskDefinitions": { size: (_args, { taskDefinitions }) => taskDefinitions },
  "TaskDefinition.workers": reads,
  "Worker.active": {
    charges: () => [
      ["read", 1],
      ["row", ASSUMED_LIST_SIZE],
    ],
  },
  "Task.parent": row(),
  "Task.retryOf": row(),
  "Task.schedule": row(),
  "Task.worker": row(),
  "Task.queue": row(),
  "TaskDefinition.queue": row(),
  "TaskExplanation.queue": row(),
  "Worker.queues": reads,
  "Schedule.lastRun": row(),
  "FailureGroup.sample": row(),
  "TaskExplanation.duplicateOf": row(),
  "TaskUpdate.task": row(),
  "TaskListUpdate.task": row(),
  "Schedule.skippedSlots": pages(50, 200),
  "Schedule.nextRuns": previews(),
  "Query.previewTiming": previews(),

  "Query.failureGroups": {
    size: (args) => sliceOf(args, 50, 200),
    charges: (args) => [
      ["statistics", 1],
      ["row", sliceOf(args, 50, 200)],
    ],
  },
  "Query.overview": { charges: () => [["statistics", 1]] },
  "Overview.stats": statistics(),
  "TaskDefinition.stats": statistics(),
  "Queue.stats": statistics(),
  "Queue.throughput": statistics(),
  "TaskStats.succeeded": fromAbove,
  "TaskStats.failed": fromAbove,

  "Mutation.enqueueTasks": manyOf(({ tasks }) => tasks),
  "EnqueueTasksPayload.tasks": fromAbove,
  "Mutation.broadcastTask": manyOf(({ workers }) => workers),
  "BroadcastTaskPayload.tasks": fromAbove,
  "Mutation.revokeTasks": bulk(),
  "RevokeTasksPayload.tasks": fromAbove,
  "Mutation.retryTasks": bulk(),
  "RetryTasksPayload.tasks": fromAbove,
  "Mutation.runTasksNow": bulk(),
  "RunTasksNowPayload.tasks": fromAbove,
  "Mutation.deleteTasks": bulk(),
  "Mutation.runSchedulesNow": manyOf(selectedSchedules),
  "RunSchedulesNowPayload.tasks": fromAbove,
  "Mutation.setSchedulesEnabled": manyOf(selectedSchedules),
  "SetSchedulesEnabledPayload.schedules": fromAbove,
  "Mutation.deleteSchedules": manyOf(selectedSchedules),

  // Introspection: the sizes of a schema of medium size, whatever this one has.
  "__Schema.types": { size: () => 100 },
  "__Type.fields": { size: () => 8 },
  "__Type.inputFields": { size: () => 8 },
  "__Type.enumValues": { size: () => 6 },
  "__Type.possibleTypes": { size: () => 4 },
  "__Type.interfaces": { size: () => 1 },
  "__Field.args": { size: () => 2 },
  "__Schema.directives": { size: () => 6 },
  "__Directive.args": { size: () => 2 },
};

const PLAIN: FieldRule = {};
const WRITES: FieldRule = { charges: () => [["mutation", 1]] };

/** Returns the rule of a field. Every mutation has one, and every subscription that runs a task. */
export function ruleOf(typeName: string, fieldName: string): FieldRule {
  const writes = typeName === "Mutation" || (typeName === "Subscription" && RUNS.test(fieldName));
  return RULES[`${typeName}.${fieldName}`] ?? (writes ? WRITES : PLAIN);
}

/** `runTask`, and `runMailSend` of a definition. */
const RUNS = /^run[A-Z0-9_]/;

/** The fields with a rule, as `Type.field`. */
export const RULED_FIELDS: readonly string[] = Object.keys(RULES);

/** The rule of a connection, which reads a row for each of its nodes. */
function pages(standard: number, most: number): FieldRule {
  return {
    size: (args) => sliceOf(args, standard, most),
    charges: (args) => [
      ["read", 1],
      ["row", sliceOf(args, standard, most)],
      ["search", isSearched(args.filter) ? 1 : 0],
    ],
  };
}

/** The rule of a list that refuses a search. */
function withoutSearch({ charges, ...rule }: FieldRule): FieldRule {
  return { ...rule, charges: ({ filter: _filter, ...args }) => charges?.(args) ?? [] };
}

function row(): FieldRule {
  return { charges: () => [["row", 1]] };
}

/** The rule of objects by their IDs: a UUID is looked for in three tables. */
function nodes(countOf: (args: Arguments) => number): FieldRule {
  return {
    size: countOf,
    charges: (args) => [
      ["read", 3],
      ["row", 3 * countOf(args)],
    ],
  };
}

function previews(): FieldRule {
  return {
    charges: ({ count, timing }) => {
      const runs = clamp(count, 5, 100);
      return [["preview", "solar" in asRecord(timing) ? runs * SOLAR : runs]];
    },
  };
}

function statistics(): FieldRule {
  return { charges: () => [["statistics", 1]], size: ({ window }) => pointsOf(window) };
}

/** The rule of a mutation with an array in its input, whose payload may list the results. */
function manyOf(arrayOf: (input: Arguments) => unknown): FieldRule {
  const count = ({ input }: Arguments): number => {
    const given = arrayOf(asRecord(input));
    return Array.isArray(given) ? given.length : ASSUMED_LIST_SIZE;
  };
  return {
    size: count,
    charges: (args) => [
      ["mutation", 1],
      ["item", count(args)],
    ],
  };
}

function selectedSchedules({ select }: Arguments): unknown {
  const { ids, names } = asRecord(select);
  return ids ?? names;
}

/** The rule of a mutation of selected tasks. */
function bulk(): FieldRule {
  const selectionOf = ({ input }: Arguments): Arguments => asRecord(asRecord(input).select);
  const selected = (args: Arguments): number => {
    const { ids } = selectionOf(args);
    return Array.isArray(ids) ? ids.length : NAMED_TASKS;
  };
  return {
    size: (args) => Math.min(selected(args), NAMED_TASKS),
    charges: (args) => [
      ["mutation", 1],
      ["item", selected(args)],
      ["search", isSearched(selectionOf(args).filter) ? 1 : 0],
    ],
  };
}

/** Returns `first`, else `last`, within its bounds. The resolver refuses values outside of them. */
function sliceOf({ first, last }: Arguments, standard: number, most: number): number {
  return clamp(first ?? last, standard, most);
}

function clamp(value: unknown, standard: number, most: number): number {
  if (value === undefined || value === null) return standard;
  return typeof value === "number" && value >= 0 ? Math.min(value, most) : most;
}

function isSearched(filter: unknown): boolean {
  const { search } = asRecord(filter);
  return typeof search === "string" && search.trim() !== "";
}

function pointsOf(window: unknown): number {
  const { lengthMs, stepMs } = WINDOW_SHAPES[window as StatsWindow] ?? WINDOW_SHAPES.LAST_HOUR;
  return Math.ceil(lengthMs / stepMs) + 1;
}

function asRecord(value: unknown): Arguments {
  return typeof value === "object" && value !== null ? (value as Arguments) : NO_ARGUMENTS;
}
