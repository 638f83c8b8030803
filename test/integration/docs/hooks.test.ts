import { expect, test, vi } from "vitest";
import type { ConfigInput, TaskDefinition } from "../../../src/index.ts";
import { docExamples } from "../../support/doc-examples.ts";
import { DEPLOYMENTS } from "../../support/deployments.ts";

interface Examples {
  readonly alerts: string[];
  readonly config: ConfigInput;
  readonly bill: TaskDefinition<{ tenant: string; amount: number }, string>;
}

test("hooks are notified of a task's end, and middleware knows its tenant", async () => {
  await using examples = await docExamples("docs/tasks.md");
  const { alerts, config, bill } = await examples.load<Examples>("hooks.config.ts");
  await using deployment = await DEPLOYMENTS[0]!.deploy();
  const { hooks, middleware } = config;
  const app = await deployment.app([bill], undefined, {}, { hooks: hooks!, middleware: middleware! });
  const paid = await app.enqueue(bill, { tenant: "acme", amount: 7 });
  expect(await paid.result({ timeout: "20s" })).toBe("7 from acme");
  expect((await paid.read()).tags).toEqual(["tenant:acme"]);
  const failed = await app.enqueue(bill, { tenant: "acme", amount: -1 });
  await expect(failed.result({ timeout: "20s" })).rejects.toThrow("below zero");
  await vi.waitFor(() =>
    expect(alerts).toEqual(['bill.send gave "7 from acme"', "bill.send: The amount is below zero."]),
  );
  await expect(app.enqueue(bill, { amount: 1 } as never)).rejects.toThrow("A tenant must be named.");
});
