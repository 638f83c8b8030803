import { WINDOW_SHAPES, type StatsWindow } from "../../task/records/stats.ts";
import type { WeightName } from "./weights.ts";

/** The values of a field's arguments, as the caller wrote them: nothing is coerced yet. */
export type Arguments = Readonly<Record<string, unknown>>;

/** What a field costs besides being resolved. Fields without a rule cost one `field`. */
export interface FieldRule {
  /** What each resolution of the field costs, as weights and how often each counts. */
  readonly charges?: (args: Arguments) => readonly (readonly [WeightName, number])[];
  /**
   * How many objects it gives: the field itself where it is a list, else the fields below it whose own rule is `fromAbove`.
   * Default of a list: ASSUMED_LIST_SIZE.
   */
  readonly size?: (args: Arguments, known: KnownSizes) => number;
  /** A list that has as many objects as the nearest field above says. */
  readonly fromAbove?: true;
}

/** Sizes of lists that the server knows before it reads them. */
export interface KnownSizes {
  readonly taskDefinitions: number;
}

/** Of a list that has no `first`, such as `workers` and `queues`. */
export const ASSUMED_LIST_SIZE = 10;

/** How many tasks a bulk mutation returns at most. */
const NAMED_TASKS = 200;
/** A run of the sun compared with one of the calendar. */
const SOLAR = 5;
const NO_ARGUMENTS: Arguments = {};

const reads: FieldRule = { charges: () => [["read", 1]] };
const fromAbove: FieldRule = { fromAbove: true };

/** Fields of which the name, or the arguments, say more than their type does. `Type.field`. */
const RULES: Readonly<Record<string, FieldRule>> = {
  "Query.tasks": pages(50, 200),
  "TaskDefinition.runs": pages(50, 200),
  "Schedule.runs": pages(50, 200),
  "Query.schedules": pages(50, 200),
  "Query.controlLog": pages(50, 200),
  "Task.logs": pages(100, 1_000),
  "TaskConnection.nodes": fromAbove,
  "TaskConnection.edges": fromAbove,
  "ScheduleConnection.nodes": fromAbove,
  "ControlLogConnection.nodes": fromAbove,
  "LogConnection.nodes": fromAbove,
  "TaskConnection.totalCount": { charges: () => [["count", 1]] },
  "TaskConnection.totalCountIsExact": { charges: () => [["count", 1]] },
  "TaskConnection.facets": { charges: () => [["facets", 1]] },
  "ScheduleConnection.totalCount": { charges: () => [["count", 1]] },

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
  "Schedule.lastRun": row(),
  "FailureGroup.sample": row(),
  "TaskExplanation.duplicateOf": row(),
  "TaskUpdate.task": row(),
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

  "Mutation.enqueueTasks": manyOf("inputs"),
  "EnqueueTasksPayload.tasks": fromAbove,
  "Mutation.broadcastTask": manyOf("workers"),
  "BroadcastPayload.tasks": fromAbove,
  "Mutation.revokeTasks": bulk(),
  "Mutation.retryTasks": bulk(),
  "Mutation.runTasksNow": bulk(),
  "Mutation.deleteTasks": bulk(),
  "Mutation.runSchedulesNow": manyOf("ids"),
  "TasksPayload.tasks": fromAbove,
  "Mutation.setSchedulesEnabled": manyOf("ids"),
  "SchedulesPayload.schedules": fromAbove,
  "Mutation.deleteSchedules": manyOf("ids"),

  // Of introspection: as large as a schema of middle size, whatever this one has.
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

/** The rule of a field; every mutation has one. */
export function ruleOf(typeName: string, fieldName: string): FieldRule {
  return RULES[`${typeName}.${fieldName}`] ?? (typeName === "Mutation" ? WRITES : PLAIN);
}

/** The fields that have a rule, as `Type.field`. */
export const RULED_FIELDS: readonly string[] = Object.keys(RULES);

/** A connection: it reads a row for each of its nodes. */
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

function row(): FieldRule {
  return { charges: () => [["row", 1]] };
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

/** A mutation with a list of things to do, which its payload may list. */
function manyOf(argument: string): FieldRule {
  const count = ({ [argument]: given }: Arguments): number =>
    Array.isArray(given) ? given.length : ASSUMED_LIST_SIZE;
  return {
    size: count,
    charges: (args) => [
      ["mutation", 1],
      ["item", count(args)],
    ],
  };
}

/** A mutation of selected tasks. */
function bulk(): FieldRule {
  const selected = (args: Arguments): number => {
    const { ids } = asRecord(args.select);
    return Array.isArray(ids) ? ids.length : NAMED_TASKS;
  };
  return {
    size: (args) => Math.min(selected(args), NAMED_TASKS),
    charges: (args) => [
      ["mutation", 1],
      ["item", selected(args)],
      ["search", isSearched(asRecord(args.select).filter) ? 1 : 0],
    ],
  };
}

/** `first`, else `last`, within its bounds: a value out of them is refused by the resolver. */
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
