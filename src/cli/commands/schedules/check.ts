import { ReadTaskSchemasDocument } from "../../client/generated/graphql.ts";
import type { GraphqlClient } from "../../../client/graphql-client.ts";
import { definitionHint } from "../definitions.ts";
import { prepareSchedule } from "../../../engine/schedules/prepare-schedule.ts";
import type { Issue } from "../../../errors.ts";
import type { JsonObject } from "../../../lib/json/json.ts";
import { defineTask } from "../../../task/definition/define-task.ts";
import { Registry } from "../../../task/definition/registry.ts";
import { fillArgs } from "../../../task/schedule/schedule-args.ts";
import type { ScheduleInput } from "../../../task/schedule/schedule-input.ts";
import type { ScheduleSpec } from "../../../task/schedule/schedule.ts";
import { checkArgs } from "../../check-args.ts";

/** The input of a task definition. */
export interface KnownInput {
  /** JSON Schema; null where any JSON is valid. */
  readonly schema: JsonObject | null;
  /** Paths of values that must not be shown. @default none */
  readonly sensitive?: readonly string[];
}

/** The data of a server against which schedules are checked. */
export interface Known {
  /** Its task definitions, by name only. */
  readonly registry: Registry;
  /** Their inputs, by name. */
  readonly inputs: ReadonlyMap<string, KnownInput>;
  /** The time zone of schedules that name none. */
  readonly timeZone: string;
}

export async function readKnown(client: GraphqlClient): Promise<Known> {
  const { server, taskDefinitions } = await client.query(ReadTaskSchemasDocument, {});
  return knownOf(
    server.timeZone,
    taskDefinitions.map(({ name, inputSchema, sensitive }) => [
      name,
      { schema: inputSchema as JsonObject | null, sensitive },
    ]),
  );
}

export function knownOf(timeZone: string, tasks: readonly (readonly [string, KnownInput])[]): Known {
  const found = tasks.map(([name]) => ({ definition: defineTask({ name, run: () => null }), file: null }));
  return { registry: new Registry(found), inputs: new Map(tasks), timeZone };
}

export interface ScheduleCheck {
  /** The schedule before the change; null for a new one. */
  readonly before: ScheduleSpec | null;
  readonly now: Date;
  /** The path of the schedule in the caller's input. */
  readonly path: readonly string[];
  /** Receives every problem. */
  readonly issues: Issue[];
}

/** Checks a schedule as the server will, so that nothing is sent that it would refuse. */
export async function checkSchedule(
  input: ScheduleInput,
  known: Known,
  { before, now, path, issues }: ScheduleCheck,
): Promise<ScheduleSpec> {
  const { registry, inputs, timeZone } = known;
  const found: Issue[] = [];
  const spec = await prepareSchedule(input, { registry, timeZone, now, path, issues: found }, before);
  const { schema = null, sensitive = [] } = inputs.get(spec.taskName) ?? {};
  const argsAreJson = found.every((issue) => issue.path[path.length] !== "args");
  if (schema && argsAreJson) {
    const filled = fillArgs(spec.args, { slot: now, lastRunAt: now, name: spec.name });
    found.push(
      ...checkArgs(schema, filled, sensitive).issues.map((issue) => ({
        ...issue,
        path: [...path, ...issue.path],
      })),
    );
  }
  issues.push(
    ...found.map((issue) => (issue.code === "NOT_REGISTERED" ? withNearest(issue, input, known) : issue)),
  );
  return spec;
}

function withNearest(issue: Issue, { taskName }: ScheduleInput, { registry }: Known): Issue {
  return { ...issue, hint: definitionHint(taskName, registry.names()) };
}
