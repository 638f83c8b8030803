import { z } from "zod";
import { defineTask, type TaskContext } from "../index.ts";

const input = z.object({
  desc: z.string().max(1000).default("").describe("Printed with the schedule's name."),
});

export const intervalTask = defineTask({
  name: "demo.intervalTask",
  description: "Prints the name of its schedule and a description. Runs every 5 seconds.",
  input,
  resultsExpire: "1h",
  schedules: [
    {
      name: "every 5 seconds",
      description: "Runs demo.intervalTask at an interval.",
      timing: { interval: { every: "5s" } },
      args: { desc: "an interval" },
    },
  ],
  run: print,
});

export const crontabTask = defineTask({
  name: "demo.crontabTask",
  description: "Prints the name of its schedule and a description. Runs every minute.",
  input,
  resultsExpire: "1h",
  schedules: [
    {
      name: "every whole minute",
      description: "Runs demo.crontabTask by a crontab.",
      timing: { crontab: "* * * * *" },
      args: { desc: "a crontab, due at {{slot}}" },
    },
  ],
  run: print,
});

/**
 * Logs the name of the task's schedule: several may have enqueued it, or a caller, which has none.
 */
function print({ desc }: z.output<typeof input>, ctx: TaskContext): void {
  ctx.log.info(`task name: ${ctx.schedule?.name ?? "(none)"}, desc: ${desc}`);
}
