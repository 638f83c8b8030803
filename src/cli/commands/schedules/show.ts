import type { ReadScheduleQuery } from "../../client/generated/graphql.ts";
import { connect } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT, type ExitCode } from "../../failure.ts";
import { plain } from "../../output.ts";
import { showIsoDuration } from "../../times.ts";
import { findOne } from "./find.ts";
import { showTime } from "../../times.ts";

type FullSchedule = NonNullable<ReadScheduleQuery["schedule"]>;

/** `lovage schedule show <name>`: prints everything that the server returns of a schedule. */
export async function showSchedule(context: CommandContext, name: string): Promise<ExitCode> {
  await using client = await connect(context);
  const found = await findOne(client, name);
  if (context.output.json) context.output.value(found);
  else context.output.data(describe(found));
  return EXIT.ok;
}

function describe(found: FullSchedule): string {
  const time = (iso: string | null): string | null => iso && showTime(iso, found.timeZone);
  const facts: readonly (readonly [string, string | null])[] = [
    ["name", found.name],
    ["id", found.id],
    ["description", found.description],
    ["state", found.enabled ? "enabled" : "disabled"],
    ["problem", found.problem],
    ["task", found.taskName],
    ["when", found.summary],
    ["time zone", found.timeZone],
    ["not before", time(found.startAt)],
    ["not after", time(found.endAt)],
    ["runs", runsOf(found)],
    ["overlap", found.overlap],
    ["misfire", found.misfire],
    ["jitter", found.jitter && `up to ${showIsoDuration(found.jitter)}`],
    ["args", JSON.stringify(found.args)],
    ["options", isEmpty(found.options) ? null : JSON.stringify(found.options)],
    ["last run", lastRunOf(found)],
    ["last skipped", skippedOf(found)],
    ["source", found.source],
    ["version", String(found.version)],
    ["created", found.createdBy === null ? found.createdAt : `${found.createdAt} by ${found.createdBy}`],
    ["updated", found.updatedAt],
    ...found.nextRuns.map((run, index) => [index === 0 ? "next" : "", time(run)] as const),
  ];
  return facts
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name.padEnd(16)}${plain(String(value))}`)
    .join("\n");
}

function runsOf({ totalRunCount, maxRuns }: FullSchedule): string {
  return maxRuns === null ? String(totalRunCount) : `${totalRunCount} of ${maxRuns}`;
}

function lastRunOf({ lastRun, lastRunAt, timeZone }: FullSchedule): string | null {
  if (lastRunAt === null) return null;
  const task = lastRun === null ? "" : `: task ${lastRun.id} ${lastRun.state}`;
  return `${showTime(lastRunAt, timeZone)}${task}`;
}

function skippedOf({ skippedSlots, timeZone }: FullSchedule): string | null {
  const [last] = skippedSlots.nodes;
  if (!last) return null;
  const slots = last.count === 1 ? "" : `, the last of ${last.count ?? "many"}`;
  return `${showTime(last.lastSlot, timeZone)}${slots}: ${last.reason}`;
}

function isEmpty(options: object | null): boolean {
  return options === null || Object.keys(options).length === 0;
}
