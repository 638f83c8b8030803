import { type Client, createClient } from "graphql-sse";
import { expect, test } from "vitest";
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

test("the mode with a single connection is refused", async () => {
  const client = createClient({
    url: `${page.server.url}/graphql/stream`,
    headers: { authorization: `Bearer ${page.server.token}` },
    singleConnection: true,
    retryAttempts: 0,
  });
  const refused = client.iterate({ query: "{ queues { name } }" }).next();
  await expect(refused).rejects.toMatchObject({ response: { status: 405 } });
  client.dispose();
});
