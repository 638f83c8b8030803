import type { CommandContext } from "../../context.ts";
import { connect } from "../../connect.ts";
import type { ExitCode } from "../../failure.ts";
import { printList } from "../../output.ts";
import { listAll } from "./find.ts";
import { refuseFlags } from "../../refusal.ts";

/** `lovage schedule list`: lists the schedules that match the flags. */
export async function list(context: CommandContext): Promise<ExitCode> {
  const { enabled, disabled, task } = context.options;
  if (enabled === true && disabled === true) {
    const message = "expected without --disabled.";
    refuseFlags(context, [{ code: "INVALID_INPUT", path: ["--enabled"], message }]);
  }
  await using client = await connect(context);
  const found = await listAll(client, {
    ...(context.text("search") === null ? {} : { search: context.text("search") }),
    ...(Array.isArray(task) ? { taskNames: task as string[] } : {}),
    ...(enabled === true || disabled === true ? { enabled: enabled === true } : {}),
  });
  return printList(context.output, found, {
    empty: "There are no such schedules. Create one: lovage schedule add tick <task> --every 5m",
    titles: ["NAME", "TASK", "WHEN", "STATE", "NEXT RUN", "LAST RUN", "RUNS", "SOURCE"],
    row: (schedule) => [
      schedule.name,
      schedule.taskName,
      schedule.summary,
      stateOf(schedule),
      schedule.nextRuns[0] ?? "-",
      schedule.lastRunAt ?? "-",
      String(schedule.totalRunCount),
      schedule.source,
    ],
  });
}

function stateOf({
  enabled,
  problem,
}: {
  readonly enabled: boolean;
  readonly problem: string | null;
}): string {
  if (problem !== null) return "problem";
  return enabled ? "enabled" : "disabled";
}
