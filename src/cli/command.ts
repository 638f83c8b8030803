import type { Command } from "commander";
import { TASK_FILES } from "../loading/user-files.ts";
import type { CommandContext } from "./context.ts";
import type { ExitCode } from "./failure.ts";

/** The implementation of a command: receives its options and arguments, returns the exit code. */
export type Run = (context: CommandContext, ...args: string[]) => Promise<ExitCode>;

/** Makes a command load its implementation when it is called. */
export type Serve = (command: Command, load: () => Promise<Run>) => Command;

/** The options of every command that sends requests to a running server. */
export function withServerUrl(command: Command): Command {
  return command
    .option("--url <url>", "send requests to this server (LOVAGE_URL, default http://127.0.0.1:4000)")
    .option("--token <token>", "authenticate with this token (better: LOVAGE_TOKEN)");
}

export function withServerOptions(command: Command): Command {
  return withSharedOptions(command)
    .option("--host <address>", "listen on this address (default 127.0.0.1)")
    .option("--port <number>", "listen on this port; 0 picks a free one (default 4000)")
    .option("--trusted-documents <file>", "execute only the documents of this manifest");
}

export function withSharedOptions(command: Command): Command {
  return withStores(withTasksOption(command))
    .option("--migrate", "apply pending migrations before the start")
    .option(
      "-l, --log-level <level>",
      "log from this level on: trace, debug, info, warn, error, fatal or silent (default info)",
    );
}

export function withWorkerOptions(command: Command): Command {
  return command
    .option("-Q, --queues <names>", "fetch tasks from these queues only, separated by commas")
    .option("-X, --exclude <names>", "fetch no tasks from these queues")
    .option("-c, --concurrency <number>", "run up to this many tasks at once (default 32)")
    .option("--autoscale <max,min>", "vary the concurrency between these bounds")
    .option(
      "-P, --pool <pool>",
      "run tasks in this pool unless their definition names one: async, threads or processes (default async)",
    )
    .option("--pool-size <number>", "keep this many child processes or threads (default the number of cores)")
    .option("--max-tasks-per-child <number>", "replace a child process or thread after this many tasks")
    .option("--max-memory-per-child <amount>", "end a child that uses more, e.g. 256mb (default 512mb)")
    .option("-n, --name <name>", "set the worker's name (default worker@<host name>)")
    .option(
      "--time-limit <duration>",
      "end an attempt after this duration unless its definition sets a limit",
    )
    .option("--soft-time-limit <duration>", "ask such an attempt to stop after this duration");
}

export function withTasksOption(command: Command): Command {
  return command.option("--tasks <globs...>", `load the task files that match (default ${TASK_FILES})`);
}

export function withStores(command: Command): Command {
  return withDatabaseOption(command).option("--redis-url <url>", "use this Redis server (REDIS_URL)");
}

export function withDatabaseOption(command: Command): Command {
  return command.option("--database-url <url>", "use this PostgreSQL database (DATABASE_URL)");
}
