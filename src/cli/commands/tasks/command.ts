import { type Command, Option } from "commander";
import { type Run, type Serve, withServerUrl } from "../../command.ts";

/** `lovage tasks`, which lists, and its subcommands, which act on tasks. */
export function addTasks(program: Command, serve: Serve): void {
  const tasks = program
    .command("tasks")
    .description("list tasks, newest first, or act on them")
    // Otherwise it would take the options of its subcommands, which have the same names.
    .enablePositionalOptions();
  withTaskFilter(tasks)
    .option("--id <ids...>", "only tasks with these ids")
    .option("--first <number>", "print up to this many, 1 to 200 (default 50)")
    .option("--after <cursor>", "continue after this cursor, which the previous page prints")
    .option(
      "--order-by <what>",
      "sort by created-at, finished-at, run-time or wait-time (default created-at)",
    )
    .option("--oldest-first", "sort in ascending order, also by the other orders");
  serve(withServerUrl(tasks), async () => (await import("./list.ts")).tasks);
  addTaskActions(tasks, serve);
  const definitions = program
    .command("definitions")
    .description("list the task definitions of a running server");
  serve(withServerUrl(definitions), async () => (await import("../definitions.ts")).definitions);
}

/** `lovage task` and `lovage result`. */
export function addTask(program: Command, serve: Serve): void {
  const task = program.command("task").description("show a task").argument("<id>", "id of the task");
  serve(withServerUrl(task), async () => (await import("./task.ts")).task);
  const result = program
    .command("result")
    .description("wait for the end of a task and print its result")
    .argument("<id>", "id of the task")
    .addOption(new Option("--timeout <duration>", "wait at most this long; 0 = no limit").default("30s"));
  serve(withServerUrl(result), async () => (await import("./result.ts")).result);
}

function addTaskActions(tasks: Command, serve: Serve): void {
  const load = () => import("./actions.ts");
  const add = (command: Command, loadRun: () => Promise<Run>): Command =>
    serve(withServerUrl(withTaskFilter(command.argument(...IDS))), loadRun);
  const revoke = tasks
    .command("revoke")
    .description("cancel waiting tasks")
    .option("--terminate", "also stop running tasks")
    .option("--reason <text>", "store this reason with the tasks");
  add(revoke, async () => (await load()).revoke);
  const retry = tasks
    .command("retry")
    .description("run finished tasks again, as new tasks")
    .option("--args <json>", "replace the input of all of them")
    .option("--to-queue <name>", "enqueue all of them in this queue");
  add(retry, async () => (await load()).retry);
  const runNow = tasks.command("run-now").description("queue tasks that wait for their time");
  add(runNow, async () => (await load()).runNow);
  const remove = tasks.command("delete").description("delete finished tasks permanently");
  add(remove, async () => (await load()).remove);
}

const IDS = ["[ids...]", "ids of the tasks; without ids, the options below select them"] as const;

/** Adds the options that select tasks: GraphQL's TaskFilter. */
function withTaskFilter(command: Command): Command {
  return command
    .option("--state <states...>", "only tasks in these states")
    .option("--task <names...>", "only tasks of these definitions")
    .option("--queue <queues...>", "only tasks in these queues")
    .option("--worker <names...>", "only tasks that these workers run or ran")
    .option("--tag <tags...>", "only tasks with any of these tags")
    .option("--created-after <time>", "only tasks enqueued at or after this time")
    .option("--created-before <time>", "only tasks enqueued before this time")
    .option("--finished-after <time>", "only tasks that ended at or after this time")
    .option("--finished-before <time>", "only tasks that ended before this time")
    .option("--min-run-time <duration>", "only tasks whose last attempt ran at least this long, e.g. 30s")
    .option("--max-run-time <duration>", "only tasks whose last attempt ran at most this long")
    .option("--schedule <id>", "only tasks of this schedule")
    .option("--fingerprint <text>", "only tasks whose error has this fingerprint")
    .option("--unique-key <key>", "only the task with this unique key")
    .option("--search <text>", "only tasks with this string in id, name, args, result or error")
    .option("--args-contain <json>", "only tasks whose args contain this JSON");
}
