import { expect, test } from "vitest";
import type { TaskDefinition } from "../../../src/index.ts";
import { docExamples } from "../../support/doc-examples.ts";
import { DEPLOYMENTS } from "../../support/deployments.ts";

interface Examples {
  readonly copyRows: TaskDefinition<{ from?: number; to: number }, { rows: number }>;
}

test("a task saves its progress at its soft limit, and continues there", async () => {
  await using examples = await docExamples("docs/tasks.md");
  const { copyRows } = await examples.load<Examples>("limits.tasks.ts");
  await using deployment = await DEPLOYMENTS[0]!.deploy();
  const app = await deployment.app([copyRows]);
  const handle = await app.enqueue(copyRows, { to: 20 });
  expect(await handle.result({ timeout: "30s" })).toEqual({ rows: 20 });
  const { attempts } = await handle.read();
  expect(attempts.length).toBeGreaterThan(0);
  for (const { error } of attempts) expect(error).toMatchObject({ type: "RetryTask" });
});
