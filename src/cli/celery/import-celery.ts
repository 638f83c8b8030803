import { describeIssue, type Issue } from "../../errors.ts";
import type { ScheduleSpec } from "../../task/schedule/schedule.ts";
import { connect } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { applyPlan } from "../schedule/apply.ts";
import { type Known, readKnown } from "../schedule/check-schedule.ts";
import { type ListedSchedule, listAll } from "../schedule/find.ts";
import { checkWanted } from "../schedule/import.ts";
import { makePlan } from "../schedule/plan.ts";
import { type CeleryRow, readCeleryTables } from "./read-tables.ts";
import { type Report, reportAsJson, tellReport } from "./report.ts";
import { noteUnusedPairs, readTaskMap } from "./task-map.ts";
import { type Conversion, type ConversionOptions, toSchedule } from "./to-schedule.ts";

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
