import type {
  CommandFieldsFragment,
  LogLevel,
  WorkerCommandInput,
  WorkerSetting,
} from "../../client/generated/graphql.ts";
import type { GraphqlClient } from "../../client/graphql-client.ts";
import {
  autoscaleWorkers,
  pauseWorkers,
  pingWorkers,
  resetWorkerSettings,
  resizeWorkerPool,
  restartWorkerPools,
  resumeWorkers,
  setWorkerLogLevel,
  setWorkerQueues,
  shutdownWorkers,
} from "../../client/worker-operations.ts";
import { show } from "../../task/call/enqueue-options.ts";
import { connect } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { readTimeout } from "../enqueue-options.ts";
import { CommandError, EXIT, type ExitCode } from "../failure.ts";
import { tellAnswers } from "./answers.ts";

/** `lovage workers ping` */
export function ping(context: CommandContext): Promise<ExitCode> {
  return command(context, async (client, input) => (await client.mutate(pingWorkers, { input })).pingWorkers);
}

/** `lovage workers resize <number>` */
export function resize(context: CommandContext, number: string): Promise<ExitCode> {
  const concurrency = readSize("<number>", number);
  return command(
    context,
    async (client, input) => (await client.mutate(resizeWorkerPool, { input, concurrency })).resizeWorkerPool,
  );
}

/** `lovage workers autoscale <max,min>`, in Celery's order. */
export function autoscale(context: CommandContext, bounds: string): Promise<ExitCode> {
  const [most = "", least = "1", ...more] = bounds.split(",");
  if (more.length > 0) throw usage(`<max,min> must be two numbers; got ${show(bounds)}. For example 10,2.`);
  const [min, max] = [readSize("min", least), readSize("max", most)];
  return command(
    context,
    async (client, input) => (await client.mutate(autoscaleWorkers, { input, min, max })).autoscaleWorkers,
  );
}

/** `lovage workers queues --add … --remove …` */
export function queues(context: CommandContext): Promise<ExitCode> {
  const [add, remove] = [readNames(context, "add"), readNames(context, "remove")];
  if (add.length + remove.length === 0) throw usage("--add or --remove must name a queue.");
  return command(
    context,
    async (client, input) => (await client.mutate(setWorkerQueues, { input, add, remove })).setWorkerQueues,
  );
}

/** `lovage workers log-level <level>` */
export function logLevel(context: CommandContext, name: string): Promise<ExitCode> {
  const level = oneOf("<level>", name, ["trace", "debug", "info", "warn", "error", "fatal"]) as LogLevel;
  return command(
    context,
    async (client, input) => (await client.mutate(setWorkerLogLevel, { input, level })).setWorkerLogLevel,
  );
}

/** `lovage workers pause` */
export function pause(context: CommandContext): Promise<ExitCode> {
  return command(
    context,
    async (client, input) => (await client.mutate(pauseWorkers, { input })).pauseWorkers,
  );
}

/** `lovage workers resume` */
export function resume(context: CommandContext): Promise<ExitCode> {
  return command(
    context,
    async (client, input) => (await client.mutate(resumeWorkers, { input })).resumeWorkers,
  );
}

/** `lovage workers restart-pool` */
export function restartPool(context: CommandContext): Promise<ExitCode> {
  return command(
    context,
    async (client, input) => (await client.mutate(restartWorkerPools, { input })).restartWorkerPools,
  );
}

/** `lovage workers shutdown [--now]` */
export function shutdown(context: CommandContext): Promise<ExitCode> {
  const drain = context.options["now"] !== true;
  return command(
    context,
    async (client, input) => (await client.mutate(shutdownWorkers, { input, drain })).shutdownWorkers,
  );
}

/** `lovage workers reset [settings…]` */
export function reset(context: CommandContext, ...names: string[]): Promise<ExitCode> {
  const known = ["concurrency", "autoscale", "queues", "paused", "log-level"];
  const settings = names.map((name) => oneOf("[settings...]", name, known) as WorkerSetting);
  const variables = settings.length > 0 ? { settings } : {};
  return command(
    context,
    async (client, input) =>
      (await client.mutate(resetWorkerSettings, { input, ...variables })).resetWorkerSettings,
  );
}

async function command(
  context: CommandContext,
  give: (client: GraphqlClient, input: WorkerCommandInput) => Promise<CommandFieldsFragment>,
): Promise<ExitCode> {
  const workers = context.options["worker"];
  const input = {
    timeout: readTimeout(context),
    ...(Array.isArray(workers) ? { workers: workers as string[] } : {}),
  };
  await using client = await connect(context);
  return tellAnswers(context, await give(client, input));
}

function readSize(what: string, text: string): number {
  const number = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (number >= 1 && number <= 1024) return number;
  throw usage(`${what} must be an integer from 1 to 1024; got ${show(text)}.`);
}

function readNames({ options }: CommandContext, key: string): string[] {
  const names = options[key];
  return Array.isArray(names) ? (names as string[]).flatMap((name) => name.split(",")).filter(Boolean) : [];
}

/** `log-level` -> `LOG_LEVEL`. */
function oneOf(what: string, text: string, choices: readonly string[]): string {
  if (choices.includes(text.toLowerCase())) return text.toUpperCase().replaceAll("-", "_");
  throw usage(`${what} must be one of ${choices.join(", ")}; got ${show(text)}.`);
}

function usage(message: string): CommandError {
  return new CommandError(EXIT.usage, "USAGE", message);
}
