import { afterAll, beforeAll, expect, test } from "vitest";
import type { App, TaskDefinition } from "../../../src/index.ts";
import type { AnyTaskDefinition } from "../../../src/task/definition/definition.ts";
import { type DocExamples, docExamples } from "../../support/doc-examples.ts";
import { DEPLOYMENTS, type Deployment } from "../../support/deployments.ts";

interface Examples {
  readonly geocode: TaskDefinition<{ address: string }, string>;
  readonly exportData: TaskDefinition<{ customer: { id: string }; month: string }, string>;
  readonly notify: TaskDefinition<{ to: string; statuses?: number[] }, { asked: number; attempt: number }>;
}

let examples: DocExamples;
let deployment: Deployment;
let tasks: Examples;
let app: App;

beforeAll(async () => {
  examples = await docExamples("docs/tasks.md");
  tasks = await examples.load<Examples>("rates.tasks.ts");
  deployment = await DEPLOYMENTS[0]!.deploy();
  app = await deployment.app(Object.values(tasks) as AnyTaskDefinition[]);
});
afterAll(async () => {
  await deployment[Symbol.asyncDispose]();
  await examples[Symbol.asyncDispose]();
});

test("no more start in a second than the rate allows", async () => {
  const items = Array.from({ length: 45 }, (_, index) => ({ input: { address: `${index} Main St` } }));
  const handles = await app.enqueueMany(tasks.geocode, items);
  await Promise.all(handles.map((handle) => handle.result({ timeout: "20s" })));
  const records = await Promise.all(handles.map((handle) => handle.read()));
  const starts = records.map(({ startedAt }) => startedAt!.getTime()).toSorted((a, b) => a - b);
  for (let index = 20; index < starts.length; index += 1)
    expect(starts[index]! - starts[index - 20]!).toBeGreaterThanOrEqual(999);
});

test("a customer with many tasks does not keep the others waiting", async () => {
  const item = (id: string, month: number) => ({ input: { customer: { id }, month: String(month) } });
  const items = [...Array.from({ length: 30 }, (_, month) => item("big", month)), item("small", 1)];
  const handles = await app.enqueueMany(tasks.exportData, items);
  const results = await Promise.all(handles.map((handle) => handle.result({ timeout: "20s" })));
  expect(results).toContain("small-1.csv");
  const [records, small] = [await Promise.all(handles.map((handle) => handle.read())), handles.at(-1)!];
  const at = (await small.read()).startedAt!.getTime();
  expect(records.filter(({ startedAt }) => startedAt!.getTime() > at).length).toBeGreaterThan(15);
});

test("a provider that answers 429 gets no requests for a while, and no attempt is charged", async () => {
  const slowed = await app.enqueue(tasks.notify, { to: "a@example.com", statuses: [429] });
  expect(await slowed.result({ timeout: "20s" })).toMatchObject({ asked: 2, attempt: 1 });
  const { createdAt, finishedAt } = await slowed.read();
  expect(finishedAt!.getTime() - createdAt.getTime()).toBeGreaterThanOrEqual(300);
});
