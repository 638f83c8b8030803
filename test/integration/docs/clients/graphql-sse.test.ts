import type { Client } from "graphql-sse";
import { expect } from "vitest";
import { setUpPage, testsCrossOrigin, testsMain } from "./page.ts";

interface Connect {
  readonly connect: (url: string, token: string) => Client;
}
interface Demo {
  readonly waiting: (client: Client) => Promise<number>;
}

const page = setUpPage("graphql-sse.md");
testsMain(page);

testsCrossOrigin(page, async () => {
  const { connect } = await page.examples.load<Connect>("connect.ts");
  const { waiting } = await page.examples.load<Demo>("demo.ts");
  const client = connect(page.server.url, page.server.token);
  expect(await waiting(client)).toBe(0);
  client.dispose();
});
