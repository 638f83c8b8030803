import { describeIssue, type Issue } from "../../errors.ts";
import type { ScheduleSpec } from "../../task/schedule/schedule.ts";
import { connect } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { applyPlan, makePlan, type Plan, planToJson, describePlan } from "../commands/schedules/plan.ts";
import { type Known, readKnown } from "../commands/schedules/check.ts";
import { listAll, type ListedSchedule } from "../commands/schedules/find.ts";
import { checkWanted } from "../commands/schedules/import-export.ts";
import { type CeleryRow, readCeleryTables } from "./read-tables.ts";
import { noteUnusedPairs, readTaskMap } from "./task-map.ts";
import { type Conversion, type ConversionOptions, toSchedule } from "./to-schedule.ts";
import { plain } from "../output.ts";

/**
 * `lovage import celery-beat`: creates schedules from periodic tasks that can be converted, and
 * reports on all of them.
 */
export async function importCelery(context: CommandContext): Promise<ExitCode> {
  const { output, options } = context;
  const taskMap = readTaskMap(context);
  const rows = await readCeleryTables(context.text("from")!);
  noteUnusedPairs(context, taskMap, rows);
  await using client = await connect(context);
  const [known, present] = await Promise.all([readKnown(client), listAll(client)]);
  const conversion = { taskMap, redisPriorities: options["redisPriorities"] === true, now: new Date() };
  const { conversions, wanted } = await convertAll(rows, conversion, known, present);
  const dryRun = options["dryRun"] === true;
  const report: Report = { plan: makePlan(wanted, present, false), conversions };
  if (!output.json) output.data(describeReport(report).join("\n"));
  if (dryRun) output.note("Nothing was changed: --dry-run.");
  else await applyPlan(client, report.plan);
  if (output.json) output.value({ dryRun, ...reportToJson(report) });
  if (wanted.length > 0) return EXIT.ok;
  const why = rows.length === 0 ? "there are no periodic tasks" : `none of ${rows.length} can be converted`;
  output.error(`Nothing was imported: ${why}.`);
  return EXIT.data;
}

interface Converted {
  readonly conversions: readonly Conversion[];
  readonly wanted: readonly ScheduleSpec[];
}

/**
 * Converts all rows. A schedule that the server would refuse is reported like one that cannot be
 * converted.
 */
async function convertAll(
  rows: readonly CeleryRow[],
  options: ConversionOptions,
  known: Known,
  present: readonly ListedSchedule[],
): Promise<Converted> {
  const byName = new Map(present.map((schedule) => [schedule.name, schedule]));
  const conversions: Conversion[] = [];
  const wanted: ScheduleSpec[] = [];
  for (const row of rows) {
    const conversion = toSchedule(row, options);
    if (conversion.kind !== "schedule") {
      conversions.push(conversion);
      continue;
    }
    const issues: Issue[] = [];
    const spec = await checkWanted(conversion.input, known, byName.get(row.task.name) ?? null, issues);
    if (issues.length === 0) {
      conversions.push(conversion);
      wanted.push(spec);
    } else {
      conversions.push({ name: row.task.name, kind: "left", reason: reasonOf(issues) });
    }
  }
  return { conversions, wanted };
}

function reasonOf(issues: readonly Issue[]): string {
  const reasons = issues.map((issue) => {
    const hint =
      issue.code === "NOT_REGISTERED" ? `${issue.hint ?? ""} Or map it with --task-map old=new.` : issue.hint;
    const path = issue.path.slice(1).filter((part) => part !== "taskName");
    return describeIssue({ ...issue, path, ...(hint === undefined ? {} : { hint }) });
  });
  return reasons.join(" ");
}

/** The converted rows and the changes that they make. */
export interface Report {
  readonly plan: Plan;
  readonly conversions: readonly Conversion[];
}

/**
 * The plan, then `! name: …` for differences, `✗ name: …` for tasks that cannot be converted, and
 * the number of each.
 */
export function describeReport({ plan, conversions }: Report): string[] {
  const notes = conversions.flatMap((conversion) =>
    conversion.kind === "schedule" ? conversion.notes.map((note) => `! ${conversion.name}: ${note}`) : [],
  );
  const left = ofKind(conversions, "left").map(
    ({ name, reason }) => `✗ ${name}: cannot be converted: ${reason}`,
  );
  const skipped = ofKind(conversions, "skipped").map(({ name, reason }) => `· ${name}: skipped: ${reason}`);
  const counts = [
    `${plan.creates.length} created`,
    `${plan.updates.length} changed`,
    `${plan.unchanged.length} unchanged`,
    `${left.length} not converted`,
    `${skipped.length} skipped`,
  ];
  return [
    ...describePlan(plan),
    ...[...notes, ...left, ...skipped].map((line) => plain(line).replaceAll("\n", " ")),
    `${conversions.length} periodic tasks: ${counts.join(", ")}`,
  ];
}

/** The report as a JSON value. */
export function reportToJson({ plan, conversions }: Report): Readonly<Record<string, unknown>> {
  const { created, updated, unchanged } = planToJson(plan);
  return {
    ...{ created, updated, unchanged },
    notes: conversions.flatMap((conversion) =>
      conversion.kind === "schedule" ? conversion.notes.map((note) => ({ name: conversion.name, note })) : [],
    ),
    left: ofKind(conversions, "left"),
    skipped: ofKind(conversions, "skipped"),
  };
}

function ofKind(
  conversions: readonly Conversion[],
  kind: "left" | "skipped",
): { readonly name: string; readonly reason: string }[] {
  return conversions.flatMap((conversion) =>
    conversion.kind !== "schedule" && conversion.kind === kind
      ? [{ name: conversion.name, reason: conversion.reason }]
      : [],
  );
}
