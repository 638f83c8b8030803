import type { Command } from "commander";
import { type Run, type Serve, withServerUrl } from "./command.ts";

/** What people do to tasks, one or many. */
export function addTaskActions(tasks: Command, serve: Serve): void {
  const add = (command: Command, load: () => Promise<Run>): Command =>
    serve(withServerUrl(withTaskFilter(command)), load);
  const revoke = tasks
    .command("revoke")
    .description("end waiting tasks")
    .option("--terminate", "stop running ones too")
    .option("--reason <text>", "why; it is shown with the tasks");
  add(revoke, async () => (await import("./task-actions.ts")).revoke);
  const retry = tasks
    .command("retry")
    .description("run finished tasks again, as new tasks")
    .option("--args <json>", "the input of all of them, in place of their own")
    .option("--to-queue <name>", "the queue of all of them, in place of their own");
  add(retry, async () => (await import("./task-actions.ts")).retry);
  const runNow = tasks.command("run-now").description("queue tasks that wait for their time");
  add(runNow, async () => (await import("./task-actions.ts")).runNow);
  const remove = tasks.command("delete").description("delete finished tasks, for good");
  add(remove, async () => (await import("./task-actions.ts")).remove);
}

/** Lets a command say which tasks it is about, where no ids are given. */
function withTaskFilter(command: Command): Command {
  return command
    .argument("[ids...]", "the tasks' ids; without any, those that the options below describe together")
    .option("--state <states...>", "tasks in these states")
    .option("--task <names...>", "tasks of these definitions")
    .option("--queue <queues...>", "tasks in these queues")
    .option("--worker <names...>", "tasks that these workers hold or held")
    .option("--tag <tags...>", "tasks with any of these tags")
    .option("--created-after <time>", "tasks enqueued at or after this time")
    .option("--created-before <time>", "tasks enqueued before this time")
    .option("--finished-after <time>", "tasks that ended at or after this time")
    .option("--finished-before <time>", "tasks that ended before this time")
    .option("--schedule <id>", "tasks of this schedule")
    .option("--fingerprint <text>", "tasks whose error has this fingerprint")
    .option("--unique-key <key>", "the task with this unique key")
    .option("--search <text>", "text in id, name, args, result or error")
    .option("--args-contain <json>", "tasks whose args contain this JSON");
}
