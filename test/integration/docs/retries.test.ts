import { afterAll, beforeAll, expect, test } from "vitest";
import type { App, TaskDefinition } from "../../../src/index.ts";
import type { AnyTaskDefinition } from "../../../src/task/definition/definition.ts";
import { type DocExamples, docExamples } from "../../support/doc-examples.ts";
import { DEPLOYMENTS, type Deployment } from "../../support/deployments.ts";

interface Examples {
  readonly fetchRate: TaskDefinition<{ currency: string; statuses?: number[] }, string>;
  readonly importPages: TaskDefinition<{ page?: number; of: number }, { pages: number }>;
  readonly collectReport: TaskDefinition<
    { report: string; readyAfter: number },
    { asked: number; attempt: number }
  >;
}

let examples: DocExamples;
let deployment: Deployment;
let tasks: Examples;
let app: App;

beforeAll(async () => {
  examples = await docExamples("docs/tasks.md");
  tasks = await examples.load<Examples>("fetch.tasks.ts");
  deployment = await DEPLOYMENTS[0]!.deploy();
  app = await deployment.app(Object.values(tasks).filter(isDefinition));
});
afterAll(async () => {
  await deployment[Symbol.asyncDispose]();
  await examples[Symbol.asyncDispose]();
});

function isDefinition(value: unknown): value is AnyTaskDefinition {
  return typeof value === "object" && value !== null && "kind" in value;
}

test("errors are retried as the definition requires", async () => {
  const { fetchRate } = tasks;
  const eventually = await app.enqueue(fetchRate, { currency: "EUR", statuses: [503, 429] });
  expect(await eventually.result({ timeout: "20s" })).toBe("EUR at attempt 3");
  expect((await eventually.read()).attempts.map(({ number, error }) => [number, error?.message])).toEqual([
    [1, "The other side answered 503."],
    [2, "The other side answered 429."],
  ]);
  const never = await app.enqueue(fetchRate, { currency: "XXX", statuses: [503, 404] });
  await expect(never.result({ timeout: "20s" })).rejects.toMatchObject({
    ...{ state: "FAILURE", type: "FatalError" },
    cause: {
      name: "FatalError",
      message: "There is no XXX.",
      stack: expect.stringContaining("fetch.tasks.ts"),
    },
  });
});

test("RetryTask continues with another input", async () => {
  const handle = await app.enqueue(tasks.importPages, { of: 3 });
  expect(await handle.result({ timeout: "20s" })).toEqual({ pages: 3 });
  const record = await handle.read();
  expect(record).toMatchObject({ attempt: 3, input: { page: 3, of: 3 } });
  expect(record.attempts.map(({ error }) => error?.message)).toEqual(["page 1 is done", "page 2 is done"]);
});

test("a snooze charges no attempt", async () => {
  const handle = await app.enqueue(tasks.collectReport, { report: "r1", readyAfter: 6 });
  expect(await handle.result({ timeout: "20s" })).toEqual({ asked: 6, attempt: 1 });
  expect((await handle.read()).attempts).toEqual([]);
});
