import { z } from "zod";
import { defineTask, type TaskContext } from "../index.ts";

const input = z.object({
  desc: z.string().max(1000).default("").describe("Printed beside the schedule's name."),
});

export const intervalTask = defineTask({
  name: "demo.intervalTask",
  description: "Prints the name of its schedule and a description. Runs every 5 seconds.",
  input,
  resultsExpire: "1h",
  schedules: [
    {
      name: "every 5 seconds",
      description: "Runs demo.intervalTask again and again.",
      timing: { interval: { every: "5s" } },
      args: { desc: "an interval" },
    },
  ],
  run: print,
});

export const crontabTask = defineTask({
  name: "demo.crontabTask",
  description: "Prints the name of its schedule and a description. Runs at every whole minute.",
  input,
  resultsExpire: "1h",
  schedules: [
    {
      name: "every whole minute",
      description: "Runs demo.crontabTask by the calendar.",
      timing: { crontab: "* * * * *" },
      args: { desc: "a crontab, due at {{slot}}" },
    },
  ],
  run: print,
});

/** By its schedule's name a task tells which of several made it; a task that somebody enqueued has none. */
function print({ desc }: z.output<typeof input>, ctx: TaskContext): void {
  ctx.log.info(`task name: ${ctx.schedule?.name ?? "(none)"}, desc: ${desc}`);
}
