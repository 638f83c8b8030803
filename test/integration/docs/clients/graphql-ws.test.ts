import type { Client } from "graphql-ws";
import { expect, test } from "vitest";
import { setUpPage, testsMain } from "./page.ts";

interface Connect {
  readonly connect: (url: string, token: string) => Client;
}
interface Demo {
  readonly waiting: (client: Client) => Promise<number>;
}

const page = setUpPage("graphql-ws.md");
testsMain(page);

test("a query over the WebSocket", async () => {
  const { connect } = await page.examples.load<Connect>("connect.ts");
  const { waiting } = await page.examples.load<Demo>("demo.ts");
  const client = connect(page.server.url, page.server.token);
  expect(await waiting(client)).toBe(0);
  await client.dispose();
});

test("a wrong token ends the attempts to connect at once", async () => {
  const { connect } = await page.examples.load<Connect>("connect.ts");
  const { waiting } = await page.examples.load<Demo>("demo.ts");
  const client = connect(page.server.url, "not-the-token-of-this-server");
  await expect(waiting(client)).rejects.toMatchObject({ code: 4403 });
});
