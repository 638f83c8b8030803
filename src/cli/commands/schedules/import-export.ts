import { show } from "../../../lib/quote.ts";
import { changesOf } from "../../../engine/schedules/schedule-changes.ts";
import { describeIssues, type Issue } from "../../../errors.ts";
import type { ScheduleInput } from "../../../task/schedule/schedule-input.ts";
import type { ScheduleSpec } from "../../../task/schedule/schedule.ts";
import { connect } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";
import { CommandError, EXIT, type ExitCode, exitCodeOf } from "../../failure.ts";
import { plain } from "../../output.ts";
import { applyPlan, makePlan, planToJson, describePlan } from "./plan.ts";
import { checkSchedule, type Known, readKnown } from "./check.ts";
import { type FileFormat, FORMATS, readScheduleFile, writeSchedules } from "./file.ts";
import { findAll, listAll, type ListedSchedule } from "./find.ts";
import { specOf } from "./record.ts";
import { didYouMean } from "../../../lib/suggestion.ts";
import { refuseFlags } from "../../refusal.ts";

/**
 * `lovage schedule import <file>`: makes the schedules of a server equal to those of a file. An
 * invalid file changes nothing.
 */
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
  if (!output.json) output.data(describePlan(plan).join("\n"));
  if (dryRun) output.note("Nothing was changed: --dry-run.");
  else await applyPlan(client, plan);
  if (output.json) output.value({ dryRun, ...planToJson(plan) });
  return EXIT.ok;
}

/**
 * Checks a schedule of a file. An absent field has its default, except `enabled`, which operators
 * decide.
 */
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
    const message = `comes from code, and this would change ${show(changes)}. It can only be enabled or disabled.`;
    issues.push({ code: "UNSUPPORTED", path, message, hint: "Rename it, or remove it from the file." });
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

/** `lovage schedule export [names…]`: prints a file for `lovage schedule import`. */
export async function exportSchedules(context: CommandContext, ...names: string[]): Promise<ExitCode> {
  const { output } = context;
  const format = readFormat(context);
  await using client = await connect(context);
  const found = names.length > 0 ? await findAll(client, names) : await listAll(client, { source: "API" });
  const fromCode = found.filter(({ source }) => source === "CODE");
  if (fromCode.length > 0)
    output.note(
      `! ${fromCode.map(({ name }) => name).join(", ")}: from code; an import accepts them only if they equal the code.`,
    );
  output.data(writeSchedules(found.map(specOf), format));
  return EXIT.ok;
}

/** `--format`, overridden by `--json`. */
function readFormat(context: CommandContext): FileFormat {
  if (context.output.json) return "json";
  const text = (context.text("format") ?? "yaml").toLowerCase();
  const format = FORMATS.find((known) => known === text);
  if (format !== undefined) return format;
  const message = `expected json or yaml, got ${show(text)}.`;
  const hint = didYouMean(text, FORMATS, "");
  refuseFlags(context, [{ code: "INVALID_INPUT", path: ["--format"], message, hint }]);
  return "yaml";
}
