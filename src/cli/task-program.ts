import type { Command } from "commander";
import { type Run, type Serve, withServerUrl } from "./command.ts";
import { withTaskFilter } from "./select-tasks.ts";

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
