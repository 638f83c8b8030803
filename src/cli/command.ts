import { TASK_FILES } from "../loading/user-files.ts";
import type { Command } from "commander";
import type { CommandContext } from "./context.ts";
import type { ExitCode } from "./failure.ts";

/** A command's work: gets its options and its arguments, returns the exit code. */
export type Run = (context: CommandContext, ...args: string[]) => Promise<ExitCode>;

/** Lets a command load its work, and do it, when it is called. */
export type Serve = (command: Command, load: () => Promise<Run>) => Command;

/** The options of everything that asks a running server. */
export function withServerUrl(command: Command): Command {
  return command
    .option("--url <url>", "the server (LOVAGE_URL, default http://127.0.0.1:4000)")
    .option("--token <token>", "its token (better: LOVAGE_TOKEN)");
}

export function withServerOptions(command: Command): Command {
  return withSharedOptions(command)
    .option("--host <address>", "address to listen on (default 127.0.0.1)")
    .option("--port <number>", "port to listen on; 0 takes any free one (default 4000)");
}

export function withSharedOptions(command: Command): Command {
  return withStores(withTasksOption(command))
    .option("--migrate", "apply pending migrations first")
    .option("-l, --log-level <level>", "trace, debug, info, warn, error, fatal or silent (default info)");
}

export function withWorkerOptions(command: Command): Command {
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

export function withTasksOption(command: Command): Command {
  return command.option("--tasks <globs...>", `where the task files are (default ${TASK_FILES})`);
}

export function withStores(command: Command): Command {
  return withDatabaseOption(command).option("--redis-url <url>", "Redis (REDIS_URL)");
}

export function withDatabaseOption(command: Command): Command {
  return command.option("--database-url <url>", "PostgreSQL (DATABASE_URL)");
}
