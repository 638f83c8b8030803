import { connect } from "../connect.ts";
import { CommandContext } from "../context.ts";
import { CommandError, EXIT, type ExitCode, toFailure } from "../failure.ts";
import { type Output, plain } from "../output.ts";
import { loadRegistry } from "../task-files.ts";
import type { Registry } from "../../task/definition/registry.ts";
import { compareWith, type ContractFinding, type ContractReport } from "./findings.ts";
import { withDatabase } from "./from-database.ts";
import { fromServer } from "./from-server.ts";
import type { Production } from "./production.ts";
import { fromSnapshot } from "./snapshot.ts";

/** `lovage contract check`: prints what a deployment of this code breaks. Changes nothing. */
export async function check(context: CommandContext): Promise<ExitCode> {
  const { config } = await context.loadConfig("client");
  const registry = await loadRegistry(config, context.cwd);
  const report = (production: Production): Promise<ExitCode> => print(context.output, production, registry);
  const against = context.text("against");
  if (against === null) return withDatabase(config, registry, report);
  if (!/^https?:\/\//i.test(against)) return report(await fromSnapshot(against));
  return againstServer(context, against, report);
}

async function againstServer(
  context: CommandContext,
  url: string,
  report: (production: Production) => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    await using client = await connect(new CommandContext({ ...context.options, url }));
    return await report(await fromServer(client, url));
  } catch (error) {
    const { exitCode, code, message, hint } = toFailure(error);
    if (code !== "UNREACHABLE") throw error;
    const named = hint?.replace("--url", "--against") ?? null;
    throw new CommandError(exitCode, code, message, named, { cause: error });
  }
}

async function print(output: Output, production: Production, registry: Registry): Promise<ExitCode> {
  const report = await compareWith(production, registry);
  const isSound = report.findings.every(({ verdict }) => verdict !== "bad");
  if (output.json) output.value(report);
  else {
    for (const finding of report.findings) printFinding(output, finding);
    if (isSound) output.data(`${output.paint("green", "✔")} ${plain(summary(production, report))}`);
    else output.note(`Compared with ${scope(production, report)}.`);
  }
  return isSound ? EXIT.ok : EXIT.checkFailed;
}

function printFinding(output: Output, { definition, verdict, what, remedy }: ContractFinding): void {
  const mark = verdict === "bad" ? output.paint("red", "✗") : output.paint("yellow", "!");
  output.data(`${mark} ${plain(`${definition}: ${what} ${remedy}`)}`);
}

function summary(production: Production, report: ContractReport): string {
  return `nothing breaks: compared with ${scope(production, report)}.`;
}

function scope({ name }: Production, { definitions, tasks, schedules }: ContractReport): string {
  return `${count(definitions, "definition")}, ${count(tasks, "unfinished task")} and ${count(schedules, "schedule")} of ${name}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
