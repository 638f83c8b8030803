import { type Command, Option } from "commander";
import { type Run, type Serve, withServerUrl } from "../../command.ts";

/** `lovage tasks` lists; its subcommands act on what they are given. */
export function addTasks(program: Command, serve: Serve): void {
  const tasks = program
    .command("tasks")
    .description("list tasks, newest first; or act on them")
    // Else it would take the options of its subcommands, which have the same names.
    .enablePositionalOptions();
  withTaskFilter(tasks)
    .option("--id <ids...>", "tasks with these ids")
    .option("--first <number>", "how many, up to 200 (default 50)")
    .option("--after <cursor>", "go on after this cursor, which the page before names")
    .option("--order-by <what>", "created-at, finished-at, run-time or wait-time (default created-at)")
    .option("--oldest-first", "the other way round, also for the other orders");
  serve(withServerUrl(tasks), async () => (await import("./list.ts")).tasks);
  addTaskActions(tasks, serve);
  const definitions = program
    .command("definitions")
    .description("list the task definitions of a running server");
  serve(withServerUrl(definitions), async () => (await import("../definitions.ts")).definitions);
}

/** `lovage task` and `lovage result`. */
export function addTask(program: Command, serve: Serve): void {
  const task = program.command("task").description("show one task").argument("<id>", "the task's id");
  serve(withServerUrl(task), async () => (await import("./task.ts")).task);
  const result = program
    .command("result")
    .description("print a task's result; waits for its end")
    .argument("<id>", "the task's id")
    .addOption(new Option("--timeout <duration>", "longest wait; 0 = none").default("30s"));
  serve(withServerUrl(result), async () => (await import("./result.ts")).result);
}

/** What people do to tasks, one or many. */
function addTaskActions(tasks: Command, serve: Serve): void {
  const add = (command: Command, load: () => Promise<Run>): Command =>
    serve(withServerUrl(withTaskFilter(command.argument(...IDS))), load);
  const revoke = tasks
    .command("revoke")
    .description("end waiting tasks")
    .option("--terminate", "stop running ones too")
    .option("--reason <text>", "why; it is shown with the tasks");
  add(revoke, async () => (await import("./actions.ts")).revoke);
  const retry = tasks
    .command("retry")
    .description("run finished tasks again, as new tasks")
    .option("--args <json>", "the input of all of them, in place of their own")
    .option("--to-queue <name>", "the queue of all of them, in place of their own");
  add(retry, async () => (await import("./actions.ts")).retry);
  const runNow = tasks.command("run-now").description("queue tasks that wait for their time");
  add(runNow, async () => (await import("./actions.ts")).runNow);
  const remove = tasks.command("delete").description("delete finished tasks, for good");
  add(remove, async () => (await import("./actions.ts")).remove);
}

const IDS = [
  "[ids...]",
  "the tasks' ids; without any, those that the options below describe together",
] as const;

/** Lets a command say which tasks it is about, as GraphQL's TaskFilter does. */
function withTaskFilter(command: Command): Command {
  return command
    .option("--state <states...>", "tasks in these states")
    .option("--task <names...>", "tasks of these definitions")
    .option("--queue <queues...>", "tasks in these queues")
    .option("--worker <names...>", "tasks that these workers hold or held")
    .option("--tag <tags...>", "tasks with any of these tags")
    .option("--created-after <time>", "tasks enqueued at or after this time")
    .option("--created-before <time>", "tasks enqueued before this time")
    .option("--finished-after <time>", "tasks that ended at or after this time")
    .option("--finished-before <time>", "tasks that ended before this time")
    .option("--min-run-time <duration>", "tasks whose last attempt ran at least so long, e.g. 30s")
    .option("--max-run-time <duration>", "tasks whose last attempt ran at most so long")
    .option("--schedule <id>", "tasks of this schedule")
    .option("--fingerprint <text>", "tasks whose error has this fingerprint")
    .option("--unique-key <key>", "the task with this unique key")
    .option("--search <text>", "text in id, name, args, result or error")
    .option("--args-contain <json>", "tasks whose args contain this JSON");
}
