import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import { type Deployment, shared } from "../../../support/deployments.ts";
import { openStream, TRANSPORTS } from "../../../support/stream-client.ts";

const STEPS = 40;
const steps = defineTask({
  name: "delivery.steps",
  input: z.object({}),
  run: async (_input, ctx) => {
    for (let step = 1; step <= STEPS; step += 1) {
      ctx.progress(step, STEPS);
      if (step % 20 === 0) ctx.emit("page", step);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  },
});

let deployment: Deployment;
let url: string;
beforeAll(async () => {
  deployment = await shared();
  const app = await deployment.app([steps], ["maintenance", "worker", "server"]);
  url = app.describe().url!;
});
afterAll(() => deployment[Symbol.asyncDispose]());

/** Enqueues a task that waits until `runNow`. */
async function enqueue(): Promise<string> {
  const field = `enqueueDeliverySteps(options: { delay: "1h" }) { task { id } }`;
  const { enqueueDeliverySteps: enqueued } = await mutate(field);
  return (enqueued as { task: { id: string } }).task.id;
}

async function runNow(id: string): Promise<void> {
  await mutate(`runTasksNow(input: { select: { ids: ["${id}"] } }) { affectedCount }`);
}

async function mutate(field: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: `mutation { ${field} }` }),
  });
  const { data, errors } = (await response.json()) as { data: Record<string, unknown>; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

const TASK = `subscription ($id: ID!, $after: String, $delivery: StreamDelivery) {
  task(id: $id, after: $after, delivery: $delivery) {
    __typename ... on TaskUpdate { cursor type merged task { state progress { current } } emitted { payload } } } }`;

describe.each(TRANSPORTS)("a client of %s", (transport) => {
  test("that wants LATEST receives fewer messages, which count the others, each emission, and the end at once", async () => {
    const id = await enqueue();
    const delivery = { mode: "LATEST", every: "PT5S" };
    await using latest = openStream(transport, url, TASK, { id, delivery });
    await using every = openStream(transport, url, TASK, { id });
    // Both streams are open before the task starts.
    const firsts = [await latest.next(), await every.next()];
    await runNow(id);
    const rests = await Promise.all([latest.rest(), every.rest()]);
    const [some, all] = rests.map((rest, index) =>
      [firsts[index], ...rest].filter(({ __typename }) => __typename === "TaskUpdate"),
    ) as [any[], any[]]; // oxlint-disable-line typescript/no-explicit-any -- read field by field
    // Without the end, which is sent at once, the second delivery would be 5 s after the first.
    expect(some.length).toBeLessThan(all.length / 2);
    expect(some.at(-1)).toMatchObject({ type: "SUCCEEDED", task: { state: "SUCCESS" } });
    const emissions = (messages: typeof all) => messages.flatMap(({ emitted }) => emitted?.payload ?? []);
    expect(emissions(some)).toEqual([20, 40]);
    expect(emissions(all)).toEqual([20, 40]);
    expect(all.every(({ merged }) => merged === 0)).toBe(true);
    expect(some.reduce((sum, { merged }) => sum + merged + 1, 0)).toBe(all.length);
    // A client that continues after a cursor finds the rest in the same way.
    await using resumed = openStream(transport, url, TASK, { id, delivery, after: all[0].cursor });
    const rest = await resumed.rest();
    expect(rest.reduce((sum, { merged = 0 }) => sum + merged + 1, 0)).toBe(all.length - 1);
    expect(rest.at(-1)).toMatchObject({ type: "SUCCEEDED" });
  });

  test.each<[Record<string, unknown>, string]>([
    [{ mode: "ALL", every: "1s" }, "delivery.every: expected none with mode ALL, got PT1S. Use mode LATEST."],
    [{ mode: "LATEST", every: "11s" }, "delivery.every: expected PT0.2S to PT10S, got PT11S."],
  ])("is refused %j", async (delivery, message) => {
    for (const field of ["tasks", "workers", "schedules"]) {
      const query = `subscription ($delivery: StreamDelivery) { ${field}(delivery: $delivery) { __typename } }`;
      await using refused = openStream(transport, url, query, { delivery });
      await expect(refused.next()).rejects.toMatchObject({
        errors: [{ message, extensions: { code: "BAD_USER_INPUT" } }],
      });
    }
  });
});
