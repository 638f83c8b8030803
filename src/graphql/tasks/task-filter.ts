import { show } from "../../lib/quote.ts";
import { refuseIssues, type Issue } from "../../errors.ts";
import { findJsonProblem, INPUT_LIMITS } from "../../lib/json/json.ts";
import { isUuid } from "../../lib/uuid.ts";
import type { Selection } from "../../engine/control/task-control.ts";
import type { TaskFilter, TimeRange } from "../../store/reading/task-reader.ts";
import { refusal } from "../errors.ts";
import type {
  DurationRangeInput,
  TaskFilterInput,
  TaskSelectionInput,
  TimeRangeInput,
} from "./filter-input.ts";

const MAX_VALUES = 1_000;
const MAX_SEARCH_LENGTH = 200;
const MAX_KEY_LENGTH = 255;
const LISTS = ["ids", "states", "names", "queues", "workers", "tags"] as const;

/**
 * Reads a caller's filter. Empty conditions, such as an empty search, are left out: a filter
 * without keys is empty.
 *
 * @throws RefusedError with every error. Paths begin with `path`.
 */
export function readFilter(input: TaskFilterInput | null | undefined, path: readonly string[]): TaskFilter {
  if (!input) return {};
  const issues: Issue[] = [];
  const refuse = (key: string, message: string): void => {
    issues.push({ code: "INVALID_INPUT", path: [...path, ...key.split(".")], message });
  };
  const filter = Object.fromEntries(
    [
      ...LISTS.map((key) => [key, readList(key, input[key], refuse)]),
      ["createdAt", readTimes("createdAt", input.createdAt, refuse)],
      ["finishedAt", readTimes("finishedAt", input.finishedAt, refuse)],
      ["runTime", readSpan(input.runTime, refuse)],
      ["fingerprint", readText("fingerprint", input.fingerprint, MAX_KEY_LENGTH, refuse)],
      ["uniqueKey", readText("uniqueKey", input.uniqueKey, MAX_KEY_LENGTH, refuse)],
      ["scheduleId", readId("scheduleId", input.scheduleId, refuse)],
      ["search", readText("search", input.search?.trim(), MAX_SEARCH_LENGTH, refuse)],
      ["argsContain", readContained(input.argsContain, refuse)],
    ].filter(([, value]) => value !== undefined),
  ) as TaskFilter;
  refuseIssues(issues);
  return filter;
}

/**
 * Reads the selection of a bulk action.
 * @throws RefusedError, also for a filter that would select all tasks
 */
export function readSelection(input: TaskSelectionInput, path: readonly string[]): Selection {
  if (input.ids) return { ids: readFilter({ ids: input.ids }, path).ids ?? [] };
  const filterPath = [...path, "filter"];
  const filter = readFilter(input.filter, filterPath);
  if (Object.keys(filter).length > 0) return { filter };
  throw refusal(
    filterPath,
    "expected at least one condition, got none.",
    "Add a condition, or select by ids.",
  );
}

type Refuse = (key: string, message: string) => void;

function readList(
  key: (typeof LISTS)[number],
  values: readonly string[] | null | undefined,
  refuse: Refuse,
): readonly string[] | undefined {
  if (!values) return undefined;
  if (values.length < 1 || values.length > MAX_VALUES) {
    refuse(key, `expected 1 to ${MAX_VALUES} values, got ${values.length}.`);
    return values;
  }
  const odd = key === "ids" ? values.findIndex((id) => !isUuid(id)) : -1;
  if (odd >= 0) refuse(`ids.${odd}`, `expected a UUID, got ${show(values[odd])}.`);
  refuseUnstorable(key, values, refuse);
  // Filters of subscriptions compare strings.
  return key === "ids" ? values.map((id) => id.toLowerCase()) : values;
}

function readTimes(
  key: string,
  range: TimeRangeInput | null | undefined,
  refuse: Refuse,
): TimeRange | undefined {
  const { from, to } = range ?? {};
  if (!from && !to) return undefined;
  if (from && to && from >= to) {
    refuse(key, `expected a start before the end, got ${from.toISOString()} to ${to.toISOString()}.`);
  }
  return { ...(from ? { from } : {}), ...(to ? { to } : {}) };
}

function readSpan(range: DurationRangeInput | null | undefined, refuse: Refuse): TaskFilter["runTime"] {
  const min = range?.min ?? undefined;
  const max = range?.max ?? undefined;
  if (min === undefined && max === undefined) return undefined;
  if (min !== undefined && max !== undefined && min > max) {
    refuse("runTime", `expected min to be at most max, got ${min} ms to ${max} ms.`);
  }
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

function readText(
  key: string,
  text: string | null | undefined,
  maxLength: number,
  refuse: Refuse,
): string | undefined {
  if (!text) return undefined;
  if (text.length > maxLength) refuse(key, `expected at most ${maxLength} characters, got ${text.length}.`);
  refuseUnstorable(key, text, refuse);
  return text;
}

function readId(key: string, id: string | null | undefined, refuse: Refuse): string | undefined {
  if (!id) return undefined;
  if (!isUuid(id)) refuse(key, `expected a UUID, got ${show(id)}.`);
  return id.toLowerCase();
}

function readContained(
  value: TaskFilterInput["argsContain"],
  refuse: Refuse,
): TaskFilterInput["argsContain"] | undefined {
  if (!value || Object.keys(value).length === 0) return undefined;
  refuseUnstorable("argsContain", value, refuse);
  return value;
}

/** Refuses values that PostgreSQL cannot store: it would refuse the whole statement. */
function refuseUnstorable(key: string, value: unknown, refuse: Refuse): void {
  const problem = findJsonProblem(value, INPUT_LIMITS);
  if (problem) refuse([key, ...problem.path].join("."), `${problem.message}. ${problem.hint}`);
}
