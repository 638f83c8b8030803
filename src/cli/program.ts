import { Command } from "commander";
import type { ExitCode } from "./failure.ts";
import { packageVersion } from "../loading/own-package.ts";
import {
  type Run,
  type Serve,
  withDatabaseOption,
  withServerOptions,
  withServerUrl,
  withStores,
  withTasksOption,
  withWorkerOptions,
} from "./command.ts";
import { CommandContext } from "./context.ts";
import { addTask, addTasks } from "./commands/tasks/command.ts";
import { addCall } from "./commands/call/command.ts";
import { addServers } from "./commands/serve/command.ts";
import { addImports, addSchedules } from "./commands/schedules/command.ts";
import { addLimits, addWorkers } from "./commands/workers/command.ts";

const EXIT_CODES = `
Exit codes:
  0 ok  1 task or check failed  2 usage  3 not found  4 denied  65 invalid input or task file
  69 unreachable  70 bug  74 output cannot be written  75 in use or timed out  77 authentication refused
  78 configuration  130 interrupted`;

const EXAMPLES = `
Examples:
  lovage up --tasks "src/**/*.tasks.ts"
  lovage call mail.send '{"to":"ada@example.org","subject":"Hello"}' --wait
  lovage tasks --state failure --finished-after 2030-05-01T00:00:00Z`;

/** All commands. Each loads its code when it runs, so that help and usage errors are fast. */
export function createProgram(onExitCode: (code: ExitCode) => void): Command {
  const program = new Command("lovage")
    .description("Durable tasks for Node.js, with a GraphQL API.")
    .version(packageVersion(), "-V, --version", "print the version")
    .option("--json", "print data and errors as JSON")
    .option("-q, --quiet", "print data and errors only")
    .option("--no-color", "print without colours, as NO_COLOR=1 does")
    .option("--verbose", "print the stack trace of an error")
    .option("--config <file>", "read this file instead of lovage.config.ts (.js, .mts, .mjs, .cts or .cjs)")
    .addHelpText("after", EXAMPLES)
    .addHelpText("after", EXIT_CODES)
    .configureHelp({ showGlobalOptions: true })
    // The caller prints usage errors in the same form as all others.
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  const serve = (command: Command, load: () => Promise<Run>): Command =>
    command.action(async (...args: unknown[]) => {
      // A variadic argument is an array.
      const given = args
        .slice(0, -2)
        .flat()
        .filter((arg) => typeof arg === "string");
      const run = await load();
      onExitCode(await run(new CommandContext(command.optsWithGlobals()), ...given));
    });
  addServers(program, serve);
  addDatabaseAndSchema(program, serve);
  addContract(program, serve);
  addCall(program, serve);
  addTasks(program, serve);
  addTask(program, serve);
  addLogs(program, serve);
  addQueues(program, serve);
  addStatistics(program, serve);
  addWorkers(program, serve);
  addLimits(program, serve);
  addSchedules(program, serve);
  addImports(program, serve);
  addChecks(program, serve);
  return program;
}

/** The command line up to the last command that `args` name: `lovage schedule`. */
export function commandLine(program: Command, args: readonly string[]): string {
  const names: string[] = [];
  for (let command: Command | null = commandOf(program, args); command; command = command.parent)
    names.unshift(command.name());
  return names.join(" ");
}

/** The names of the subcommands of the command that `args` name. */
export function commandNames(program: Command, args: readonly string[]): string[] {
  return commandOf(program, args).commands.map((command) => command.name());
}

/** The long names of the options of the command that `args` name, and of the general ones. */
export function optionNames(program: Command, args: readonly string[]): string[] {
  const command = commandOf(program, args);
  return [...command.options, ...program.options].flatMap((option) => option.long ?? []).concat("--help");
}

function commandOf(program: Command, args: readonly string[]): Command {
  let command = program;
  for (const arg of args) command = command.commands.find((inner) => inner.name() === arg) ?? command;
  return command;
}

function addDatabaseAndSchema(program: Command, serve: Serve): void {
  const migrate = program.command("migrate").description("apply pending migrations to PostgreSQL");
  serve(withDatabaseOption(migrate), async () => (await import("./commands/migrate.ts")).migrate);
  const schema = program
    .command("schema")
    .description("print the GraphQL schema for the task definitions found");
  serve(withTasksOption(schema), async () => (await import("./commands/schema.ts")).schema);
}

/** `lovage contract …`: what a deployment breaks. */
function addContract(program: Command, serve: Serve): void {
  const contract = program.command("contract").description("compare the task files with production");
  const check = contract
    .command("check")
    .description(
      "print what breaks if these task files are deployed: waiting tasks, schedules, callers, readers",
    )
    .option(
      "--against <target>",
      "compare with the server at this URL, or with the snapshot in this file (default: the database)",
    )
    .option("--token <token>", "authenticate with this token (better: LOVAGE_TOKEN)");
  serve(withDatabaseOption(withTasksOption(check)), async () => (await import("./contract/check.ts")).check);
  const snapshot = contract
    .command("snapshot")
    .description("print the schemas of the task files, for a later check --against");
  serve(withTasksOption(snapshot), async () => (await import("./contract/snapshot.ts")).snapshot);
}

function addLogs(program: Command, serve: Serve): void {
  const logs = program
    .command("logs")
    .description("print the log of a task")
    .argument("<id>", "id of the task")
    .option("-f, --follow", "print new lines until the task ends")
    .option("--level <level>", "only lines from this level on: trace, debug, info, warn, error or fatal");
  serve(withServerUrl(logs), async () => (await import("./commands/logs.ts")).logs);
}

/** `lovage queues`, which lists, and its subcommands, which change a queue. */
function addQueues(program: Command, serve: Serve): void {
  const load = () => import("./commands/queues.ts");
  const queues = program.command("queues").description("list queues, or change one");
  serve(withServerUrl(queues), async () => (await load()).queues);
  const add = (name: string, description: string): Command =>
    withServerUrl(queues.command(name).description(description).argument("<name>", "name of the queue"));
  serve(
    add("pause", "pause a queue: its tasks wait, running tasks continue"),
    async () => (await load()).pause,
  );
  serve(add("resume", "resume a queue"), async () => (await load()).resume);
  const limit = add("limit", "set the limits of a queue over all workers; an omitted limit is removed")
    .option("--concurrency <number>", "run at most this many of its tasks at once")
    .option("--rate <rate>", "start at most this many of its tasks, e.g. 10/s, 100/m")
    .option("--none", "remove both limits");
  serve(limit, async () => (await load()).limit);
  const purge = add("purge", "revoke all tasks of a queue that wait for a worker").option(
    "--yes",
    "revoke them; without this option their number is printed",
  );
  serve(purge, async () => (await load()).purge);
}

function addStatistics(program: Command, serve: Serve): void {
  const window = (command: Command, standard: string): Command =>
    withServerUrl(command).option(
      "--window <duration>",
      `look back this far: 5m, 1h, 6h, 1d, 7d or 30d (default ${standard})`,
    );
  const stats = program
    .command("stats")
    .description("show how many tasks ended, how long they ran and how many failed")
    .option("--task <name>", "only tasks of this definition")
    .option("--queue <name>", "only tasks of this queue");
  serve(window(stats, "1h"), async () => (await import("./commands/stats.ts")).stats);
  const failures = program
    .command("failures")
    .description("list failed tasks by equal errors")
    .option("--first <number>", "print up to this many groups, 1 to 200 (default 50)");
  serve(window(failures, "1d"), async () => (await import("./commands/stats.ts")).failures);
}

function addChecks(program: Command, serve: Serve): void {
  const doctor = program.command("doctor").description("check settings, PostgreSQL, Redis and the server");
  serve(withServerUrl(withStores(doctor)), async () => (await import("./doctor/doctor.ts")).doctor);
  const config = program.command("config").description("print every setting and its source");
  serve(
    withServerUrl(withWorkerOptions(withServerOptions(config))),
    async () => (await import("./commands/config.ts")).config,
  );
}
