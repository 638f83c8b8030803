import { Command } from "commander";
import type { ExitCode } from "./failure.ts";
import { packageVersion } from "../app/package-version.ts";
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
  0 ok  1 the task, or a check, failed  2 usage  3 not found  4 denied  65 bad input, broken task file
  69 unreachable  70 bug  74 output cannot be written  75 in use, or timed out  77 authentication refused
  78 configuration  130 interrupted`;

const EXAMPLES = `
Examples:
  lovage up --tasks "src/**/*.tasks.ts"
  lovage call mail.send '{"to":"ada@example.org","subject":"Hello"}' --wait
  lovage tasks --state failure --finished-after 2030-05-01T00:00:00Z`;

/** All commands. Each loads its own code when it runs, so that help and mistakes cost nothing. */
export function createProgram(onExitCode: (code: ExitCode) => void): Command {
  const program = new Command("lovage")
    .description("A task system with a GraphQL face.")
    .version(packageVersion(), "-V, --version", "print the version")
    .option("--json", "print data and errors as JSON")
    .option("-q, --quiet", "print data and errors only")
    .option("--no-color", "print without colours (as NO_COLOR=1 does)")
    .option("--verbose", "print the stack of an error")
    .option("--config <file>", "read this file instead of lovage.config.ts (or .js, .mts, .mjs, .cts, .cjs)")
    .addHelpText("after", EXAMPLES)
    .addHelpText("after", EXIT_CODES)
    .configureHelp({ showGlobalOptions: true })
    // Mistakes are told by the caller, in the same form as all others.
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  const serve = (command: Command, load: () => Promise<Run>): Command =>
    command.action(async (...args: unknown[]) => {
      // An argument that may be given several times comes as a list.
      const given = args
        .slice(0, -2)
        .flat()
        .filter((arg) => typeof arg === "string");
      const run = await load();
      onExitCode(await run(new CommandContext(command.optsWithGlobals()), ...given));
    });
  addServers(program, serve);
  addDatabaseAndSchema(program, serve);
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

/** The names of the commands that would have been right where `args` name one that is not there. */
export function commandNames(program: Command, args: readonly string[]): string[] {
  return commandOf(program, args).commands.map((command) => command.name());
}

/** The long names of the options that would have been right: those of the command among `args`, and the general ones. */
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
    .description("print the GraphQL schema of the task definitions found");
  serve(withTasksOption(schema), async () => (await import("./commands/schema.ts")).schema);
}

function addLogs(program: Command, serve: Serve): void {
  const logs = program
    .command("logs")
    .description("print what a task has logged")
    .argument("<id>", "the task's id")
    .option("-f, --follow", "go on with each new line until the task has ended")
    .option("--level <level>", "only lines from this level on: trace, debug, info, warn, error or fatal");
  serve(withServerUrl(logs), async () => (await import("./commands/logs.ts")).logs);
}

/** `lovage queues …`: the list, and what can be done to one of them. */
function addQueues(program: Command, serve: Serve): void {
  const load = () => import("./commands/queues.ts");
  const queues = program.command("queues").description("list queues, or change one");
  serve(withServerUrl(queues), async () => (await import("./commands/queues.ts")).queues);
  const add = (name: string, description: string): Command =>
    withServerUrl(queues.command(name).description(description).argument("<name>", "the queue's name"));
  serve(add("pause", "hand out no more of its tasks; what runs goes on"), async () => (await load()).pause);
  serve(add("resume", "hand out its tasks again"), async () => (await load()).resume);
  const limit = add("limit", "limit how its tasks run, over all workers; what is not given has no limit")
    .option("--concurrency <number>", "how many may run at once")
    .option("--rate <rate>", "how often they may start, e.g. 10/s, 100/m")
    .option("--none", "no limits");
  serve(limit, async () => (await load()).limit);
  const purge = add("purge", "revoke all of its tasks that wait for a worker").option(
    "--yes",
    "do it: without this it only says what it would do",
  );
  serve(purge, async () => (await load()).purge);
}

function addStatistics(program: Command, serve: Serve): void {
  const window = (command: Command, absent: string): Command =>
    withServerUrl(command).option(
      "--window <span>",
      `how far to look back: 5m, 1h, 6h, 1d, 7d or 30d (default ${absent})`,
    );
  const stats = program
    .command("stats")
    .description("show what ended, how long it took, and how much of it failed")
    .option("--task <name>", "only tasks of this definition")
    .option("--queue <name>", "only tasks of this queue");
  serve(window(stats, "1h"), async () => (await import("./commands/stats.ts")).stats);
  const failures = program
    .command("failures")
    .description("list why tasks failed, by equal failures")
    .option("--first <number>", "how many groups (default 50)");
  serve(window(failures, "1d"), async () => (await import("./commands/stats.ts")).failures);
}

function addChecks(program: Command, serve: Serve): void {
  const doctor = program.command("doctor").description("check settings, PostgreSQL, Redis and the server");
  serve(withServerUrl(withStores(doctor)), async () => (await import("./doctor/doctor.ts")).doctor);
  const config = program.command("config").description("print every setting and where it came from");
  serve(
    withServerUrl(withWorkerOptions(withServerOptions(config))),
    async () => (await import("./commands/config.ts")).config,
  );
}
