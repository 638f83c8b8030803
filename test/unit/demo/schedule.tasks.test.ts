import { expect, test } from "vitest";
import { crontabTask, intervalTask } from "../../../src/demo/schedule.tasks.ts";
import { recordContext, runTask } from "../../support/run-task.ts";

test.each([
  [
    intervalTask,
    { id: "1", name: "every 5 seconds", slot: new Date() },
    "task name: every 5 seconds, desc: hello",
  ],
  [crontabTask, null, "task name: (none), desc: hello"],
])("prints the name of its schedule and the description", async (definition, schedule, printed) => {
  const { context, log } = recordContext({ schedule });
  await runTask(definition, { desc: "hello" }, context);
  expect(log).toEqual([printed]);
});
