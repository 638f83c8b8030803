import { Command, Option } from "commander";
import type { ExitCode } from "./failure.ts";
import { packageVersion } from "../app/package-version.ts";
import { TASK_FILES } from "../loading/user-files.ts";
import { type Run, type Serve, withServerUrl } from "./command.ts";
import { CommandContext } from "./context.ts";
import { addTasks } from "./task-program.ts";
import { addQueues } from "./queue-program.ts";
import { addImports, addSchedules } from "./schedule-program.ts";
import { addLimits, addWorkers } from "./worker-program.ts";

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
  addClients(program, serve);
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

function addServers(program: Command, serve: Serve): void {
  const serveAs = (role: "up" | "server" | "worker" | "beat") => async (): Promise<Run> => {
    const { serve: run } = await import("./serve.ts");
    return (context) => run(context, role);
  };
  const up = program
    .command("up")
    .description("run server, worker and beat in one process; needs nothing else");
  serve(withWorkerOptions(withServerOptions(up)), serveAs("up"));
  const dev = program
    .command("dev")
    .description("as up, and start again when task files, what they import or settings change");
  serve(withWorkerOptions(withServerOptions(dev)), async () => (await import("./dev/dev.ts")).dev);
  const server = program
    .command("server")
    .description("serve GraphQL and keep the queues in order; runs no tasks");
  serve(withServerOptions(server), serveAs("server"));
  const worker = program.command("worker").description("run tasks");
  serve(withWorkerOptions(withSharedOptions(worker)), serveAs("worker"));
  const beat = program.command("beat").description("turn schedules into tasks; any number may run");
  serve(withSharedOptions(beat), serveAs("beat"));
  const migrate = program.command("migrate").description("apply pending migrations to PostgreSQL");
  serve(withDatabaseOption(migrate), async () => (await import("./migrate.ts")).migrate);
  const schema = program
    .command("schema")
    .description("print the GraphQL schema of the task definitions found");
  serve(withTasksOption(schema), async () => (await import("./schema.ts")).schema);
}

function addClients(program: Command, serve: Serve): void {
  const call = program
    .command("call")
    .description("enqueue a task on a running server")
    .argument("<name>", "the task definition's name")
    .argument("[json]", 'the input as JSON; "-" reads it from standard input', "{}");
  serve(withServerUrl(withEnqueueOptions(call)), async () => (await import("./call.ts")).call);
  addTasks(program, serve);
  const task = program.command("task").description("show one task").argument("<id>", "the task's id");
  serve(withServerUrl(task), async () => (await import("./task.ts")).task);
  const result = program
    .command("result")
    .description("print a task's result; waits for its end")
    .argument("<id>", "the task's id")
    .addOption(new Option("--timeout <duration>", "longest wait; 0 = none").default("30s"));
  serve(withServerUrl(result), async () => (await import("./result.ts")).result);
  const logs = program
    .command("logs")
    .description("print what a task has logged")
    .argument("<id>", "the task's id")
    .option("-f, --follow", "go on with each new line until the task has ended")
    .option("--level <level>", "only lines from this level on: trace, debug, info, warn, error or fatal");
  serve(withServerUrl(logs), async () => (await import("./logs.ts")).logs);
  addQueues(program, serve);
  addStatistics(program, serve);
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
  serve(window(stats, "1h"), async () => (await import("./stats.ts")).stats);
  const failures = program
    .command("failures")
    .description("list why tasks failed, by equal failures")
    .option("--first <number>", "how many groups (default 50)");
  serve(window(failures, "1d"), async () => (await import("./stats.ts")).failures);
}

function addChecks(program: Command, serve: Serve): void {
  const doctor = program.command("doctor").description("check settings, PostgreSQL, Redis and the server");
  serve(withServerUrl(withStores(doctor)), async () => (await import("./doctor.ts")).doctor);
  const config = program.command("config").description("print every setting and where it came from");
  serve(
    withServerUrl(withWorkerOptions(withServerOptions(config))),
    async () => (await import("./settings.ts")).config,
  );
}

function withServerOptions(command: Command): Command {
  return withSharedOptions(command)
    .option("--host <address>", "address to listen on (default 127.0.0.1)")
    .option("--port <number>", "port to listen on; 0 takes any free one (default 4000)");
}

function withSharedOptions(command: Command): Command {
  return withStores(withTasksOption(command))
    .option("--migrate", "apply pending migrations first")
    .option("-l, --log-level <level>", "trace, debug, info, warn, error, fatal or silent (default info)");
}

function withWorkerOptions(command: Command): Command {
  return command
    .option("-Q, --queues <names>", "take tasks from these queues only, separated by commas")
    .option("-X, --exclude <names>", "take no tasks from these queues")
    .option("-c, --concurrency <number>", "tasks to run at once (default 32)")
    .option("--autoscale <max,min>", "let the number move between these, instead of --concurrency")
    .option(
      "-P, --pool <pool>",
      "where tasks run that do not say: async, threads or processes (default async)",
    )
    .option("--pool-size <number>", "child processes, or threads, to keep (default the number of cores)")
    .option("--max-tasks-per-child <number>", "replace a child process or thread after so many tasks")
    .option("--max-memory-per-child <amount>", "end one that holds more, e.g. 256mb (default 512mb)")
    .option("-n, --name <name>", "the worker's name (default worker@<host name>)")
    .option("--time-limit <duration>", "longest run of an attempt whose task names none")
    .option("--soft-time-limit <duration>", "after so long such an attempt is asked to come to an end");
}

function withTasksOption(command: Command): Command {
  return command.option("--tasks <globs...>", `where the task files are (default ${TASK_FILES})`);
}

function withStores(command: Command): Command {
  return withDatabaseOption(command).option("--redis-url <url>", "Redis (REDIS_URL)");
}

function withDatabaseOption(command: Command): Command {
  return command.option("--database-url <url>", "PostgreSQL (DATABASE_URL)");
}

function withEnqueueOptions(command: Command): Command {
  return command
    .option("--queue <name>", "queue to put it in")
    .option("--worker <name>", "the one worker that may run it")
    .option("--priority <priority>", "low, normal, high or critical")
    .option("--delay <duration>", "run it after so long, e.g. 90s, 5m, 1d")
    .option("--run-at <time>", "run it then, e.g. 2030-05-01T09:00:00Z")
    .option("--expires-in <duration>", "give up if not started by then")
    .option("--unique-key <key>", "one unfinished task per key")
    .option("--on-conflict <what>", "if the unique key is taken: return, replace or reject (default return)")
    .option("--debounce <duration>", "start so long after the latest call with the unique key")
    .option("--max-wait <duration>", "with --debounce: start no later than so long after the first call")
    .option("--idempotency-key <key>", "the same task for the same key, for good")
    .option("--tag <tags...>", "tags to give it")
    .option(
      "--results-expire <durations>",
      "keep it so long once it has ended, e.g. 1d, or success=1d,failure=30d",
    )
    .option("--ignore-result", "check its output, and do not keep it")
    .option("--max-attempts <number>", "attempts in all")
    .option("--time-limit <duration>", "longest run of one attempt")
    .option("--soft-time-limit <duration>", "ask an attempt to come to an end after so long")
    .option("--explain", "tell what it would do, and why; nothing is enqueued")
    .option("--broadcast", "enqueue it once for each live worker that knows it")
    .option("--wait", "wait for its end; progress on stderr, the result on stdout")
    .addOption(new Option("--timeout <duration>", "longest wait; 0 = none").default("30s"));
}
