import { CreateScheduleDocument, UpdateScheduleDocument } from "../../client/generated/graphql.ts";
import type { ListedSchedule } from "./find.ts";
import { changesOf } from "../../../engine/schedules/schedule-changes.ts";
import type { Issue } from "../../../errors.ts";
import type { ScheduleInput } from "../../../task/schedule/schedule-input.ts";
import { connect } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";
import { CommandError, EXIT, type ExitCode } from "../../failure.ts";
import { plain } from "../../output.ts";
import { checkSchedule, readKnown } from "./check.ts";
import { findOne } from "./find.ts";
import { showDue } from "../../times.ts";
import { toFields, specOf, toCreateInput, toUpdateInput } from "./record.ts";
import { refuseAnswer, refuseFlags } from "../../refusal.ts";
import { mergeOptions, readScheduleFlags } from "./flags.ts";
import { TIMING_MISSING } from "./flags.ts";

/** `lovage schedule add <name> <task>`: checks everything before it sends the request. */
export async function add(context: CommandContext, name: string, taskName: string): Promise<ExitCode> {
  const issues: Issue[] = [];
  const given = await readScheduleFlags(context, issues);
  if (given.timing === undefined && issues.every(({ path }) => path[0] !== "timing"))
    issues.push(TIMING_MISSING);
  refuseFlags(context, issues);
  await using client = await connect(context);
  const input = { ...given, name, taskName } as ScheduleInput;
  const check = { before: null, now: new Date(), path: [], issues };
  const spec = await checkSchedule(input, await readKnown(client), check);
  refuseFlags(context, issues);
  const { createSchedule: payload } = await client.mutate(CreateScheduleDocument, {
    input: toCreateInput(spec),
  });
  refuseAnswer(payload.errors);
  return printSchedule(context, payload.schedule);
}

/** `lovage schedule update <name>`: changes what the flags name, and nothing else. */
export async function update(context: CommandContext, name: string): Promise<ExitCode> {
  const issues: Issue[] = [];
  const given = await readScheduleFlags(context, issues);
  refuseFlags(context, issues);
  const named = { ...field("name", context.text("rename")), ...field("taskName", context.text("task")) };
  if (Object.keys({ ...given, ...named }).length === 0) {
    const hint = "For example --every 10m. See `lovage schedule update --help`.";
    throw new CommandError(EXIT.usage, "USAGE", "expected at least one option to change, got none.", hint);
  }
  await using client = await connect(context);
  const present = await findOne(client, name);
  const before = specOf(present);
  const { jitterMs, ...rest } = before;
  const options = mergeOptions(context, before.options, given);
  const input = { ...rest, jitter: jitterMs, ...given, options, ...named } as ScheduleInput;
  const check = { before, now: new Date(), path: [], issues };
  const spec = await checkSchedule(input, await readKnown(client), check);
  refuseFlags(context, issues);
  const changes = changesOf(before, spec);
  if (Object.keys(changes).length === 0) {
    context.output.note("Nothing to change: the schedule has these values already.");
    return printSchedule(context, present);
  }
  const answer = await client.mutate(UpdateScheduleDocument, { input: toUpdateInput(present, changes) });
  refuseAnswer(answer.updateSchedule.errors);
  context.output.note(`changed: ${Object.keys(toFields(changes)).join(", ")}`);
  return printSchedule(context, answer.updateSchedule.schedule);
}

/** Prints a schedule after a change, and its next run. */
function printSchedule({ output }: CommandContext, schedule: ListedSchedule | null): ExitCode {
  if (!schedule)
    throw new CommandError(
      EXIT.bug,
      "BUG",
      "the server accepted the change and did not return the schedule.",
    );
  if (output.json) {
    output.value(schedule);
    return EXIT.ok;
  }
  const { name, summary, enabled, timeZone, nextRuns } = schedule;
  const [next] = nextRuns;
  const due = next === undefined ? ", no next run" : `, next ${showDue(next, timeZone, new Date())}`;
  output.data(
    `${output.paint("green", "✔")} ${plain(name)}: ${plain(summary)}${enabled ? due : ", disabled"}`,
  );
  return EXIT.ok;
}

function field(key: string, value: string | null): Readonly<Record<string, string>> {
  return value === null ? {} : { [key]: value };
}
