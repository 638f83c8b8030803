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
import { sayFields, specOf, toCreateInput, toUpdateInput } from "./record.ts";
import { refuseAnswer, refuseFlags } from "../../refusal.ts";
import { mergeOptions, readScheduleFlags } from "./flags.ts";
import { TIMING_WANTED } from "./flags.ts";

/** `lovage schedule add <name> <task>`: everything is checked before it is sent. */
export async function add(context: CommandContext, name: string, taskName: string): Promise<ExitCode> {
  const issues: Issue[] = [];
  const said = await readScheduleFlags(context, issues);
  if (said.timing === undefined && issues.every(({ path }) => path[0] !== "timing"))
    issues.push(TIMING_WANTED);
  refuseFlags(context, issues);
  await using client = await connect(context);
  const input = { ...said, name, taskName } as ScheduleInput;
  const check = { before: null, now: new Date(), path: [], issues };
  const spec = await checkSchedule(input, await readKnown(client), check);
  refuseFlags(context, issues);
  const { createSchedule: payload } = await client.mutate(CreateScheduleDocument, {
    input: toCreateInput(spec),
  });
  refuseAnswer(payload.errors);
  return tell(context, payload.schedule);
}

/** `lovage schedule update <name>`: changes what the flags say, and leaves the rest. */
export async function update(context: CommandContext, name: string): Promise<ExitCode> {
  const issues: Issue[] = [];
  const said = await readScheduleFlags(context, issues);
  refuseFlags(context, issues);
  const named = { ...given("name", context.text("rename")), ...given("taskName", context.text("task")) };
  if (Object.keys({ ...said, ...named }).length === 0) {
    const hint = "For example --every 10m; lovage schedule update --help lists what there is.";
    throw new CommandError(EXIT.usage, "USAGE", "nothing to change: give at least one option.", hint);
  }
  await using client = await connect(context);
  const present = await findOne(client, name);
  const before = specOf(present);
  const { jitterMs, ...rest } = before;
  const options = mergeOptions(context, before.options, said);
  const input = { ...rest, jitter: jitterMs, ...said, options, ...named } as ScheduleInput;
  const check = { before, now: new Date(), path: [], issues };
  const spec = await checkSchedule(input, await readKnown(client), check);
  refuseFlags(context, issues);
  const changes = changesOf(before, spec);
  if (Object.keys(changes).length === 0) {
    context.output.note("It is so already.");
    return tell(context, present);
  }
  const answer = await client.mutate(UpdateScheduleDocument, { input: toUpdateInput(present, changes) });
  refuseAnswer(answer.updateSchedule.errors);
  context.output.note(`changed: ${Object.keys(sayFields(changes)).join(", ")}`);
  return tell(context, answer.updateSchedule.schedule);
}

/** A schedule after a change, and when it is due next. */
export function tell({ output }: CommandContext, schedule: ListedSchedule | null): ExitCode {
  if (!schedule)
    throw new CommandError(EXIT.bug, "BUG", "the server did what was asked and does not name the schedule.");
  if (output.json) {
    output.value(schedule);
    return EXIT.ok;
  }
  const { name, summary, enabled, timeZone, nextRuns } = schedule;
  const [next] = nextRuns;
  const due = next === undefined ? ", no run to come" : `, next ${showDue(next, timeZone, new Date())}`;
  output.data(
    `${output.paint("green", "✔")} ${plain(name)}: ${plain(summary)}${enabled ? due : ", disabled"}`,
  );
  return EXIT.ok;
}

function given(key: string, value: string | null): Readonly<Record<string, string>> {
  return value === null ? {} : { [key]: value };
}
