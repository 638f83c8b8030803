import type { GraphQLClient } from "graphql-request";
import { expect, test } from "vitest";
import { runExample, setUpPage, testsCrossOrigin } from "./page.ts";

interface Demo {
  readonly connect: (url: string, token: string) => GraphQLClient;
  readonly waiting: (client: GraphQLClient) => Promise<number>;
  readonly enqueue: (client: GraphQLClient, seconds: number, idempotencyKey: string) => Promise<string>;
}

const page = setUpPage("graphql-request.md");

test("main.ts enqueues a task and prints its output", async () => {
  expect(await runExample(page, "main.ts")).toEqual(["Succeeded 1"]);
});

test("a repeated request returns the same task", async () => {
  const { connect, enqueue } = await page.examples.load<Demo>("demo.ts");
  const client = connect(page.server.url, page.server.token);
  expect(await enqueue(client, 0, "once")).toBe(await enqueue(client, 0, "once"));
});

testsCrossOrigin(page, async () => {
  const { connect, waiting } = await page.examples.load<Demo>("demo.ts");
  await waiting(connect(page.server.url, page.server.token));
});
