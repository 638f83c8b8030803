import { show } from "../../../lib/quote.ts";
import type { TaskFilter, TaskSelection, TaskState } from "../../client/generated/graphql.ts";
import type { JsonObject } from "../../../lib/json/json.ts";
import { parseTimestamp, TIMESTAMP_HINT, TIMESTAMP_RULE } from "../../../lib/timestamp.ts";
import { DURATION_FORMS, parseDuration } from "../../../lib/duration.ts";
import { isUuid } from "../../../lib/uuid.ts";
import { TASK_STATES } from "../../../task/records/state.ts";
import type { CommandContext } from "../../context.ts";
import { CommandError, EXIT } from "../../failure.ts";
import { jsonShape } from "../../json-input.ts";

/**
 * The tasks that a command acts on: ids, or a filter that is not empty.
 *
 * @throws CommandError (2) naming every problem
 */
export function readSelection(context: CommandContext, ids: readonly string[]): TaskSelection {
  const reader = new FilterReader(context);
  const filter = reader.filter();
  for (const id of ids) if (!isUuid(id)) reader.problems.push(`ids: expected UUIDs, got ${show(id)}.`);
  const hasFilter = Object.keys(filter).length > 0;
  if (ids.length > 0 && hasFilter)
    reader.problems.push("expected ids or options that select tasks, got both.");
  if (ids.length === 0 && !hasFilter && reader.problems.length === 0)
    reader.problems.push("expected ids, or an option that selects tasks such as --state.");
  if (reader.problems.length > 0) throw new CommandError(EXIT.usage, "USAGE", reader.problems.join("\n"));
  return ids.length > 0 ? { ids: [...ids] } : { filter };
}

/**
 * The filter in a command's options; empty without any.
 *
 * @throws CommandError (2) naming every problem
 */
export function readFilter(context: CommandContext): TaskFilter {
  const reader = new FilterReader(context);
  const filter = reader.filter();
  if (reader.problems.length > 0) throw new CommandError(EXIT.usage, "USAGE", reader.problems.join("\n"));
  return filter;
}

class FilterReader {
  readonly problems: string[] = [];

  constructor(private readonly context: CommandContext) {}

  filter(): TaskFilter {
    const states = this.#list("state")?.map((state) => state.toUpperCase());
    const unknown = states?.find((state) => !(TASK_STATES as readonly string[]).includes(state));
    if (unknown !== undefined)
      this.problems.push(`--state: expected one of ${TASK_STATES.join(", ")}, got ${show(unknown)}.`);
    const filter: TaskFilter = {
      ids: this.#ids(),
      states: states as TaskState[] | undefined,
      names: this.#list("task"),
      queues: this.#list("queue"),
      workers: this.#list("worker"),
      tags: this.#list("tag"),
      createdAt: this.#range("created"),
      finishedAt: this.#range("finished"),
      runTime: this.#runTime(),
      scheduleId: this.context.text("schedule") ?? undefined,
      fingerprint: this.context.text("fingerprint") ?? undefined,
      uniqueKey: this.context.text("uniqueKey") ?? undefined,
      search: this.context.text("search") ?? undefined,
      argsContain: this.#json("argsContain", "--args-contain"),
    };
    return Object.fromEntries(
      Object.entries(filter).filter(([, value]) => value !== undefined),
    ) as TaskFilter;
  }

  #list(name: string): string[] | undefined {
    const value = this.context.options[name];
    return Array.isArray(value) ? (value as string[]).flatMap((item) => item.split(",")) : undefined;
  }

  #ids(): string[] | undefined {
    const ids = this.#list("id");
    for (const id of ids ?? []) if (!isUuid(id)) this.problems.push(`--id: expected UUIDs, got ${show(id)}.`);
    return ids;
  }

  #runTime(): TaskFilter["runTime"] {
    const [min, max] = [
      this.#duration("minRunTime", "--min-run-time"),
      this.#duration("maxRunTime", "--max-run-time"),
    ];
    if (min === undefined && max === undefined) return undefined;
    return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
  }

  #duration(name: string, flag: string): number | undefined {
    const text = this.context.text(name);
    if (text === null) return undefined;
    const milliseconds = parseDuration(text);
    if (milliseconds === null) this.problems.push(`${flag}: expected ${DURATION_FORMS}, got ${show(text)}.`);
    return milliseconds ?? undefined;
  }

  #range(what: "created" | "finished"): TaskFilter["createdAt"] {
    const [from, to] = [this.#time(`${what}After`), this.#time(`${what}Before`)];
    if (from === undefined && to === undefined) return undefined;
    return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  }

  #time(name: string): string | undefined {
    const text = this.context.text(name);
    if (text === null) return undefined;
    const time = parseTimestamp(text);
    if (time) return time.toISOString();
    const flag = `--${name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)}`;
    this.problems.push(`${flag}: expected ${TIMESTAMP_RULE}, got ${show(text)}. ${TIMESTAMP_HINT}`);
    return undefined;
  }

  #json(name: string, flag: string): JsonObject | undefined {
    const text = this.context.text(name);
    if (text === null) return undefined;
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
    } catch {
      // Reported below, like JSON of another type.
    }
    this.problems.push(
      `${flag}: expected a JSON object such as '{"to":"ada@example.org"}', got ${jsonShape(text)}.`,
    );
    return undefined;
  }
}
