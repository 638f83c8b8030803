import { afterAll, beforeAll, expect, test } from "vitest";
import type { App, TaskDefinition } from "../../../src/index.ts";
import { type DocExamples, docExamples } from "../../support/doc-examples.ts";
import { DEPLOYMENTS, type Deployment } from "../../support/deployments.ts";

type Charge = TaskDefinition<{ order: number; card: "valid" | "expired" }, string>;

let examples: DocExamples;
let deployment: Deployment;
let charge: Charge;
let app: App;

beforeAll(async () => {
  examples = await docExamples("docs/statistics.md");
  ({ charge } = await examples.load<{ charge: Charge }>("orders.tasks.ts"));
  deployment = await DEPLOYMENTS[0]!.deploy();
  app = await deployment.app([charge]);
});
afterAll(async () => {
  await deployment[Symbol.asyncDispose]();
  await examples[Symbol.asyncDispose]();
});

test("the example reports which task ended, how long it took, and why it failed", async () => {
  const { look } = await examples.load<{ look: (app: App) => Promise<string[]> }>("look.ts");
  const inputs = [1, 2, 3, 4].map((order) => ({
    order,
    card: order > 2 ? ("expired" as const) : ("valid" as const),
  }));
  const handles = await app.enqueueMany(
    charge,
    inputs.map((input) => ({ input })),
  );
  await Promise.allSettled(handles.map((handle) => handle.result({ timeout: "20s" })));
  const [ended, times, ...groups] = await look(app);
  expect(ended).toBe("2 charged, 2 not (50 %), 0 waiting");
  expect(times).toMatch(/^95 % took \d+ ms or less$/);
  expect(groups).toEqual([
    expect.stringMatching(/^2 times order\.charge: The card of order [34] has expired\.$/),
  ]);
});

test("app.statistics covers all tasks, a queue and the current state; invalid options are refused", async () => {
  const { statistics } = app;
  expect((await statistics.of()).counts).toMatchObject({ success: 2, failure: 2, started: 0 });
  expect((await statistics.of({ queue: "payments", window: "LAST_WEEK" })).counts.success).toBe(2);
  expect((await statistics.of({ queue: "other" })).counts.success).toBe(0);
  expect((await statistics.of({ task: "order.charge" })).throughput.at(0)).toMatchObject({
    at: expect.any(Date),
  });
  expect(await statistics.overview()).toMatchObject({
    workersOnline: 1,
    workersLost: 0,
    counts: { success: 2 },
  });
  await expect(statistics.of({ task: charge, queue: "payments" })).rejects.toThrow(
    "give `task` or `queue`, not both",
  );
  await expect(statistics.of({ window: "LAST_YEAR" as "LAST_DAY" })).rejects.toThrow(
    /expected one of LAST_5_MINUTES, .*got LAST_YEAR/,
  );
  await expect(statistics.failureGroups({ first: 0 })).rejects.toThrow(
    "first: expected an integer from 1 to 200, got 0.",
  );
});
