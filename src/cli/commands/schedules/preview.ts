import { show } from "../../../lib/quote.ts";
import { type Language, PreviewTimingDocument, type TimingInput } from "../../client/generated/graphql.ts";
import type { Issue } from "../../../errors.ts";
import { toTimingJson } from "../../../task/timing/timing-json.ts";
import { isTimeZone, nearestTimeZone } from "../../../task/timing/zone-names.ts";
import { connect } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";
import { EXIT, type ExitCode } from "../../failure.ts";
import { plain } from "../../output.ts";
import { showTime } from "../../times.ts";
import { bareMessage } from "../../refusal.ts";
import { refuseFlags } from "../../refusal.ts";
import { readTimingFlags, TIMING_MISSING } from "./flags.ts";

const LANGUAGES: Readonly<Record<string, Language>> = { en: "EN", zh: "ZH_CN", "zh-cn": "ZH_CN" };
const MAX_RUNS = 100;

/**
 * `lovage schedule preview`: prints a timing in words, its next runs, and warnings about clock
 * changes.
 */
export async function previewSchedule(context: CommandContext): Promise<ExitCode> {
  const { output } = context;
  const issues: Issue[] = [];
  const timing = readTimingFlags(context, issues);
  if (timing === null && issues.length === 0) issues.push(TIMING_MISSING);
  const timeZone = readZone(context, issues);
  const count = readCount(context, issues);
  const language = readLanguage(context, issues);
  refuseFlags(context, issues);
  await using client = await connect(context);
  const { previewTiming: preview } = await client.query(PreviewTimingDocument, {
    timing: toTimingJson(timing!) as TimingInput,
    ...{ timeZone, count, language },
  });
  refuseFlags(
    context,
    preview.errors.map((error) => ({
      ...{ code: error.code, message: bareMessage(error) },
      ...{ path: error.path ?? [], hint: error.hint ?? "" },
    })),
  );
  if (output.json) {
    output.value(preview);
    return EXIT.ok;
  }
  const shown = preview.nextRuns.map((run) => (timeZone === null ? run : showTime(run, timeZone)));
  output.data([plain(preview.summary ?? ""), ...shown].join("\n"));
  for (const warning of preview.warnings) output.note(`! ${plain(warning)}`);
  return EXIT.ok;
}

function readZone(context: CommandContext, issues: Issue[]): string | null {
  const zone = context.text("timeZone");
  if (zone === null || isTimeZone(zone)) return zone;
  const message = `expected the IANA name of a time zone, got ${show(zone)}.`;
  const near = nearestTimeZone(zone);
  const hint = near === null ? 'For example "Europe/Vienna" or "UTC".' : `Did you mean "${near}"?`;
  issues.push(invalid("--time-zone", message, hint));
  return null;
}

function readCount(context: CommandContext, issues: Issue[]): number {
  const text = context.text("count") ?? "5";
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= MAX_RUNS) return count;
  issues.push(invalid("--count", `expected an integer from 1 to ${MAX_RUNS}, got ${show(text)}.`));
  return 1;
}

function readLanguage(context: CommandContext, issues: Issue[]): Language {
  const text = (context.text("lang") ?? "en").toLowerCase();
  const language = Object.hasOwn(LANGUAGES, text) ? LANGUAGES[text] : undefined;
  if (language !== undefined) return language;
  issues.push(invalid("--lang", `expected en or zh, got ${show(text)}.`));
  return "EN";
}

function invalid(flag: string, message: string, hint = ""): Issue {
  return { code: "INVALID_INPUT", path: [flag], message, hint };
}
