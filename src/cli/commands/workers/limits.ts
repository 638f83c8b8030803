import { show } from "../../../lib/quote.ts";
import {
  type CommandFieldsFragment,
  PauseTaskDocument,
  ReadLimitsDocument,
  type ReadLimitsQuery,
  ResumeTaskDocument,
  SetTaskRateLimitDocument,
  SetTaskTimeLimitDocument,
} from "../../client/generated/graphql.ts";
import type { GraphqlClient } from "../../../client/graphql-client.ts";
import { unknownDefinition } from "../definitions.ts";
import { DURATION_FORMS, parseDuration } from "../../../lib/duration.ts";
import { parseRate, RATE_FORMS } from "../../../task/limits/rate.ts";
import { connect } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";
import { CommandError, EXIT, type ExitCode } from "../../failure.ts";
import { columns } from "../../output.ts";
import { refuseAnswer } from "../../refusal.ts";
import { showIsoDuration } from "../../times.ts";
import { printReplies } from "./workers.ts";

/**
 * The changes that the flags ask for. Null restores the value of the definition; undefined changes
 * nothing.
 */
interface Changes {
  readonly rate: string | null | undefined;
  readonly soft: string | null | undefined;
  readonly hard: string | null | undefined;
  readonly paused: boolean | undefined;
}

/** `lovage limits <task>`: shows the limits of a definition, or overrides them. */
export async function limits(context: CommandContext, name: string): Promise<ExitCode> {
  const changes = readChanges(context);
  await using client = await connect(context);
  const before = await read(client, name);
  const answers = await change(client, name, changes);
  const last = answers.at(-1);
  if (!last) {
    printLimits(context, before);
    return EXIT.ok;
  }
  // A worker that sent no reply once is reported, even if it replied to the next command.
  const silent = [...new Set(answers.flatMap((answer) => answer.silent))];
  return printReplies(context, { ...last, silent });
}

/** Sends the command that the server may refuse first, so that a refusal changes nothing. */
async function change(
  client: GraphqlClient,
  name: string,
  { rate, soft, hard, paused }: Changes,
): Promise<CommandFieldsFragment[]> {
  const answers: CommandFieldsFragment[] = [];
  const take = (answer: CommandFieldsFragment): void => {
    refuseAnswer(answer.errors);
    answers.push(answer);
  };
  if (soft !== undefined || hard !== undefined) {
    const limit = { ...(soft === undefined ? {} : { soft }), ...(hard === undefined ? {} : { hard }) };
    take((await client.mutate(SetTaskTimeLimitDocument, { input: { name, ...limit } })).setTaskTimeLimit);
  }
  if (rate !== undefined)
    take(
      (await client.mutate(SetTaskRateLimitDocument, { input: { name, rateLimit: rate } })).setTaskRateLimit,
    );
  if (paused === true) take((await client.mutate(PauseTaskDocument, { input: { name } })).pauseTask);
  if (paused === false) take((await client.mutate(ResumeTaskDocument, { input: { name } })).resumeTask);
  return answers;
}

function readChanges(context: CommandContext): Changes {
  const problems: string[] = [];
  const given = (key: string, flag: string, isGood: (text: string) => boolean, rule: string) => {
    const text = context.text(key);
    if (text === null) return undefined;
    if (text === "none") return null;
    if (!isGood(text)) problems.push(`${flag}: expected ${rule}, or none, got ${show(text)}.`);
    return text;
  };
  const isDuration = (text: string): boolean => (parseDuration(text) ?? 0) > 0;
  const rate = given("rate", "--rate", (text) => parseRate(text) !== null, RATE_FORMS);
  const hard = given("timeLimit", "--time-limit", isDuration, DURATION_FORMS);
  const soft = given("softTimeLimit", "--soft-time-limit", isDuration, DURATION_FORMS);
  const { pause, resume, reset } = context.options;
  if (pause && resume) problems.push("--pause: expected without --resume.");
  const others = [rate, hard, soft, pause, resume].some((value) => value !== undefined);
  if (reset && others) problems.push("--reset: expected alone, since it discards all overrides.");
  if (problems.length > 0) throw new CommandError(EXIT.usage, "USAGE", problems.join("\n"));
  if (reset) return { rate: null, soft: null, hard: null, paused: false };
  return { rate, soft, hard, paused: pause ? true : resume ? false : undefined };
}

type Limits = NonNullable<ReadLimitsQuery["taskDefinition"]>;

async function read(client: GraphqlClient, name: string): Promise<Limits> {
  const { taskDefinition } = await client.query(ReadLimitsDocument, { name });
  if (taskDefinition) return taskDefinition;
  throw await unknownDefinition(client, name);
}

function printLimits({ output }: CommandContext, found: Limits): void {
  if (output.json) return output.value(found);
  const { rateLimit, timeLimit, softTimeLimit, overridden } = found;
  const source = (key: Limits["overridden"][number]): string =>
    overridden.includes(key) ? "override" : "code";
  const duration = (text: string | null): string => (text === null ? "-" : showIsoDuration(text));
  const rows = [
    ["rate", rateLimit ?? "-", source("RATE_LIMIT")],
    ["time limit", duration(timeLimit), source("TIME_LIMIT")],
    ["soft time limit", duration(softTimeLimit), source("SOFT_TIME_LIMIT")],
    ["paused", overridden.includes("PAUSED") ? "yes" : "no", source("PAUSED")],
  ];
  output.data(columns(["LIMIT", "NOW", "BY"], rows));
}
