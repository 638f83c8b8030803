import { show } from "../../../lib/quote.ts";
import {
  AutoscaleWorkersDocument,
  type CommandFieldsFragment,
  type LogLevel,
  PauseWorkersDocument,
  PingWorkersDocument,
  ResetWorkerSettingsDocument,
  ResizeWorkerPoolDocument,
  RestartWorkerPoolsDocument,
  ResumeWorkersDocument,
  SetWorkerLogLevelDocument,
  SetWorkerQueuesDocument,
  ShutdownWorkersDocument,
  type PingWorkersInput,
  type WorkerSetting,
  ListWorkersDocument,
} from "../../client/generated/graphql.ts";
import type { GraphqlClient } from "../../../client/graphql-client.ts";
import { connect } from "../../connect.ts";
import type { CommandContext } from "../../context.ts";
import { readTimeout } from "../call/options.ts";
import { CommandError, EXIT, type ExitCode } from "../../failure.ts";
import { columns, printList } from "../../output.ts";
import { refuseAnswer } from "../../refusal.ts";

/** `lovage workers`: lists the workers of a server, including those that have left. */
export async function workers(context: CommandContext): Promise<ExitCode> {
  await using client = await connect(context);
  const { workers: found } = await client.query(ListWorkersDocument, {});
  return printList(context.output, found, {
    empty: "There are no workers. Start one with `lovage worker`.",
    titles: ["NAME", "STATUS", "BUSY", "PROCESSED", "FAILED", "LAST SEEN", "PID", "VERSION", "QUEUES"],
    row: (worker) => [
      worker.name,
      worker.status,
      `${worker.pool.busy}/${worker.pool.concurrency}`,
      String(worker.processed),
      String(worker.failed),
      worker.lastHeartbeatAt,
      String(worker.pid),
      worker.version,
      worker.queues.join(", "),
    ],
  });
}

/** `lovage workers ping` */
export function ping(context: CommandContext): Promise<ExitCode> {
  return sendCommand(
    context,
    async (client, command) => (await client.mutate(PingWorkersDocument, { input: command })).pingWorkers,
  );
}

/** `lovage workers resize <number>` */
export function resize(context: CommandContext, number: string): Promise<ExitCode> {
  const concurrency = readSize("<number>", number);
  return sendCommand(
    context,
    async (client, command) =>
      (await client.mutate(ResizeWorkerPoolDocument, { input: { ...command, concurrency } }))
        .resizeWorkerPool,
  );
}

/** `lovage workers autoscale <max,min>`, in Celery's order. */
export function autoscale(context: CommandContext, bounds: string): Promise<ExitCode> {
  const [most = "", least = "1", ...more] = bounds.split(",");
  if (more.length > 0) throw usage(`<max,min>: expected two numbers such as 10,2, got ${show(bounds)}.`);
  const [min, max] = [readSize("min", least), readSize("max", most)];
  return sendCommand(
    context,
    async (client, command) =>
      (await client.mutate(AutoscaleWorkersDocument, { input: { ...command, min, max } })).autoscaleWorkers,
  );
}

/** `lovage workers queues --add … --remove …` */
export function queues(context: CommandContext): Promise<ExitCode> {
  const [add, remove] = [readNames(context, "add"), readNames(context, "remove")];
  if (add.length + remove.length === 0) throw usage("expected --add or --remove with the name of a queue.");
  return sendCommand(
    context,
    async (client, command) =>
      (await client.mutate(SetWorkerQueuesDocument, { input: { ...command, add, remove } })).setWorkerQueues,
  );
}

/** `lovage workers log-level <level>` */
export function logLevel(context: CommandContext, name: string): Promise<ExitCode> {
  const level = oneOf("<level>", name, ["trace", "debug", "info", "warn", "error", "fatal"]) as LogLevel;
  return sendCommand(
    context,
    async (client, command) =>
      (await client.mutate(SetWorkerLogLevelDocument, { input: { ...command, level } })).setWorkerLogLevel,
  );
}

/** `lovage workers pause` */
export function pause(context: CommandContext): Promise<ExitCode> {
  return sendCommand(
    context,
    async (client, command) => (await client.mutate(PauseWorkersDocument, { input: command })).pauseWorkers,
  );
}

/** `lovage workers resume` */
export function resume(context: CommandContext): Promise<ExitCode> {
  return sendCommand(
    context,
    async (client, command) => (await client.mutate(ResumeWorkersDocument, { input: command })).resumeWorkers,
  );
}

/** `lovage workers restart-pool` */
export function restartPool(context: CommandContext): Promise<ExitCode> {
  return sendCommand(
    context,
    async (client, command) =>
      (await client.mutate(RestartWorkerPoolsDocument, { input: command })).restartWorkerPools,
  );
}

/** `lovage workers shutdown [--now]` */
export function shutdown(context: CommandContext): Promise<ExitCode> {
  const drain = context.options["now"] !== true;
  return sendCommand(
    context,
    async (client, command) =>
      (await client.mutate(ShutdownWorkersDocument, { input: { ...command, drain } })).shutdownWorkers,
  );
}

/** `lovage workers reset [settings…]` */
export function reset(context: CommandContext, ...names: string[]): Promise<ExitCode> {
  const known = ["concurrency", "autoscale", "queues", "paused", "log-level"];
  const settings = names.map((name) => oneOf("[settings...]", name, known) as WorkerSetting);
  const chosen = settings.length > 0 ? { settings } : {};
  return sendCommand(
    context,
    async (client, command) =>
      (await client.mutate(ResetWorkerSettingsDocument, { input: { ...command, ...chosen } }))
        .resetWorkerSettings,
  );
}

async function sendCommand(
  context: CommandContext,
  send: (client: GraphqlClient, command: PingWorkersInput) => Promise<CommandFieldsFragment>,
): Promise<ExitCode> {
  const workers = context.options["worker"];
  const target = Array.isArray(workers) ? { workers: workers as string[] } : { all: true };
  const command = { timeout: readTimeout(context), target };
  await using client = await connect(context);
  return printReplies(context, await send(client, command));
}

function readSize(what: string, text: string): number {
  const number = /^\d{1,9}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (number >= 1 && number <= 1024) return number;
  throw usage(`${what}: expected an integer from 1 to 1024, got ${show(text)}.`);
}

function readNames({ options }: CommandContext, key: string): string[] {
  const names = options[key];
  return Array.isArray(names) ? (names as string[]).flatMap((name) => name.split(",")).filter(Boolean) : [];
}

/** `log-level` -> `LOG_LEVEL`. */
function oneOf(what: string, text: string, choices: readonly string[]): string {
  if (choices.includes(text.toLowerCase())) return text.toUpperCase().replaceAll("-", "_");
  throw usage(`${what}: expected one of ${choices.join(", ")}, got ${show(text)}.`);
}

function usage(message: string): CommandError {
  return new CommandError(EXIT.usage, "USAGE", message);
}

/**
 * Prints the replies to a command, and the workers that sent none. The exit code is 69 when a
 * worker sent none, and 1 when a worker could not execute the command.
 *
 * @throws CommandError when the server refused the command
 */
export function printReplies({ output }: CommandContext, payload: CommandFieldsFragment): ExitCode {
  refuseAnswer(payload.errors);
  const { replies, silent } = payload;
  if (output.json) output.value({ replies, silent });
  else {
    const rows = [
      ...replies.map(({ worker, ok, value, error }) => [
        worker,
        ok ? "ok" : "failed",
        error ?? describe(value),
      ]),
      ...silent.map((worker) => [worker, "silent", "-"]),
    ];
    if (rows.length > 0) output.data(columns(["WORKER", "REPLY", "NOW"], rows));
    else output.note("No live worker received it; it holds for workers that start later.");
  }
  if (silent.length > 0) return EXIT.unreachable;
  return replies.every(({ ok }) => ok) ? EXIT.ok : EXIT.checkFailed;
}

/** `{"status":"ONLINE","queues":["a","b"]}` -> `status=ONLINE queues=a,b`; null is omitted. */
function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .filter(([, part]) => part !== null && !(Array.isArray(part) && part.length === 0))
    .map(([key, part]) => `${key}=${describePart(part)}`)
    .join(" ");
}

function describePart(part: unknown): string {
  if (Array.isArray(part)) return part.join(",");
  if (typeof part !== "object" || part === null) return String(part);
  return Object.entries(part)
    .map(([key, inner]) => `${key}:${String(inner)}`)
    .join(",");
}
