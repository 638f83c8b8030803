import { describeIssue, type Issue } from "../../errors.ts";
import type { ScheduleSpec } from "../../task/schedule/schedule.ts";
import { connect } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { applyPlan, makePlan, type Plan, planAsJson, tellPlan } from "../commands/schedules/plan.ts";
import { type Known, readKnown } from "../commands/schedules/check.ts";
import { listAll, type ListedSchedule } from "../commands/schedules/find.ts";
import { checkWanted } from "../commands/schedules/import-export.ts";
import { type CeleryRow, readCeleryTables } from "./read-tables.ts";
import { noteUnusedPairs, readTaskMap } from "./task-map.ts";
import { type Conversion, type ConversionOptions, toSchedule } from "./to-schedule.ts";
import { plain } from "../output.ts";

/** `lovage import celery-beat`: makes schedules of periodic tasks, as far as they have a counterpart, and tells of all of them. */
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
  if (!output.json) output.data(tellReport(report).join("\n"));
  if (dryRun) output.note("Nothing was changed: --dry-run.");
  else await applyPlan(client, report.plan);
  if (output.json) output.value({ dryRun, ...reportAsJson(report) });
  if (wanted.length > 0) return EXIT.ok;
  const why = rows.length === 0 ? "there are no periodic tasks" : `none of ${rows.length} has a counterpart`;
  output.error(`Nothing was imported: ${why}.`);
  return EXIT.data;
}

interface Converted {
  readonly conversions: readonly Conversion[];
  readonly wanted: readonly ScheduleSpec[];
}

/** What the server would refuse is left, with its reason, as what has no counterpart at all. */
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
  const told = issues.map((issue) => {
    const hint =
      issue.code === "NOT_REGISTERED" ? `${issue.hint ?? ""} Or map it: --task-map old=new.` : issue.hint;
    const path = issue.path.slice(1).filter((part) => part !== "taskName");
    return describeIssue({ ...issue, path, ...(hint === undefined ? {} : { hint }) });
  });
  return told.join(" ");
}

/** What was read, and what becomes of it. */
export interface Report {
  readonly plan: Plan;
  readonly conversions: readonly Conversion[];
}

/** The plan, then `! name: …` for what comes with a difference, `✗ name: …` for what has no counterpart, and how many there are of each. */
export function tellReport({ plan, conversions }: Report): string[] {
  const notes = conversions.flatMap((conversion) =>
    conversion.kind === "schedule" ? conversion.notes.map((note) => `! ${conversion.name}: ${note}`) : [],
  );
  const left = ofKind(conversions, "left").map(({ name, reason }) => `✗ ${name}: no counterpart: ${reason}`);
  const skipped = ofKind(conversions, "skipped").map(({ name, reason }) => `· ${name}: skipped: ${reason}`);
  const counts = [
    `${plan.creates.length} made`,
    `${plan.updates.length} changed`,
    `${plan.unchanged.length} unchanged`,
    `${left.length} without counterpart`,
    `${skipped.length} skipped`,
  ];
  return [
    ...tellPlan(plan),
    ...[...notes, ...left, ...skipped].map((line) => plain(line).replaceAll("\n", " ")),
    `${conversions.length} periodic tasks: ${counts.join(", ")}`,
  ];
}

/** The same as one value of JSON. */
export function reportAsJson({ plan, conversions }: Report): Readonly<Record<string, unknown>> {
  const { created, updated, unchanged } = planAsJson(plan);
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
