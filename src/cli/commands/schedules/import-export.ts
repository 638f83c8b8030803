import { show } from "../../../lib/quote.ts";
import { changesOf } from "../../../engine/schedules/schedule-changes.ts";
import { describeIssues, type Issue } from "../../../errors.ts";
import type { ScheduleInput } from "../../../task/schedule/schedule-input.ts";
import type { ScheduleSpec } from "../../../task/schedule/schedule.ts";
import { connect } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";
import { CommandError, EXIT, type ExitCode, exitCodeOf } from "../../failure.ts";
import { plain } from "../../output.ts";
import { applyPlan, makePlan, planAsJson, tellPlan } from "./plan.ts";
import { checkSchedule, type Known, readKnown } from "./check.ts";
import { type FileFormat, FORMATS, readScheduleFile, writeSchedules } from "./file.ts";
import { findAll, listAll, type ListedSchedule } from "./find.ts";
import { specOf } from "./record.ts";
import { closest } from "../../../lib/suggestion.ts";
import { refuseFlags } from "../../refusal.ts";

/** Mistakes told one by one. */

/** `lovage schedule import <file>`: makes the schedules of a server what a file says. With any mistake in it nothing is done. */
export async function importSchedules(context: CommandContext, path: string): Promise<ExitCode> {
  const { output, options } = context;
  const issues: Issue[] = [];
  const inputs = await readScheduleFile(path, issues);
  refuseEntries(issues);
  await using client = await connect(context);
  const [known, present] = await Promise.all([readKnown(client), listAll(client)]);
  const byName = new Map(present.map((schedule) => [schedule.name, schedule]));
  const wanted: ScheduleSpec[] = [];
  for (const input of inputs)
    wanted.push(await checkWanted(input, known, byName.get(input.name) ?? null, issues));
  refuseEntries(issues);
  const plan = makePlan(wanted, present, options["prune"] === true);
  const dryRun = options["dryRun"] === true;
  if (!output.json) output.data(tellPlan(plan).join("\n"));
  if (dryRun) output.note("Nothing was changed: --dry-run.");
  else await applyPlan(client, plan);
  if (output.json) output.value({ dryRun, ...planAsJson(plan) });
  return EXIT.ok;
}

/** Checks what shall become of a schedule. What is left out is the default, but whether it is enabled: people decide that. */
export async function checkWanted(
  input: ScheduleInput,
  known: Known,
  present: ListedSchedule | null,
  issues: Issue[],
): Promise<ScheduleSpec> {
  const before = present && specOf(present);
  const path = [input.name];
  const check = { before, now: new Date(), path, issues };
  const spec = await checkSchedule({ enabled: before?.enabled ?? true, ...input }, known, check);
  if (present?.source !== "CODE") return spec;
  const changes = Object.keys(changesOf(before!, spec)).filter((key) => key !== "enabled");
  if (changes.length > 0) {
    const message = `comes from code, and ${show(changes)} would change: here it can only be enabled and disabled.`;
    issues.push({ code: "UNSUPPORTED", path, message, hint: "Take another name, or leave it out." });
  }
  return spec;
}

function refuseEntries(issues: readonly Issue[]): void {
  const [first] = issues;
  if (!first) return;
  throw new CommandError(
    exitCodeOf(first.code),
    first.code,
    plain(describeIssues(issues)),
    "Nothing was changed.",
  );
}

/** `lovage schedule export [names…]`: a file that `lovage schedule import` takes, on stdout. */
export async function exportSchedules(context: CommandContext, ...names: string[]): Promise<ExitCode> {
  const { output } = context;
  const format = readFormat(context);
  await using client = await connect(context);
  const found = names.length > 0 ? await findAll(client, names) : await listAll(client, { source: "API" });
  const fromCode = found.filter(({ source }) => source === "CODE");
  if (fromCode.length > 0)
    output.note(
      `! ${fromCode.map(({ name }) => name).join(", ")}: from code; an import takes them only where they are as the code says.`,
    );
  output.data(writeSchedules(found.map(specOf), format));
  return EXIT.ok;
}

/** `--json` is JSON, whatever else is said. */
function readFormat(context: CommandContext): FileFormat {
  if (context.output.json) return "json";
  const text = (context.text("format") ?? "yaml").toLowerCase();
  const format = FORMATS.find((known) => known === text);
  if (format !== undefined) return format;
  const near = closest(text, FORMATS);
  const message = `must be json or yaml; got ${show(text)}.`;
  const hint = near === null ? "" : `Did you mean ${near}?`;
  refuseFlags(context, [{ code: "INVALID_INPUT", path: ["--format"], message, hint }]);
  return "yaml";
}
