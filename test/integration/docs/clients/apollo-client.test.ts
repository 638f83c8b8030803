import type { ApolloClient } from "@apollo/client";
import { expect, test } from "vitest";
import { setUpPage, testsCrossOrigin, testsMain } from "./page.ts";

interface Apollo {
  readonly apollo: (url: string, token: string) => ApolloClient;
}
interface Demo {
  readonly waiting: (client: ApolloClient) => Promise<number>;
}

const page = setUpPage("apollo-client.md");
testsMain(page);

testsCrossOrigin(page, async () => {
  const { apollo } = await page.examples.load<Apollo>("apollo.ts");
  const { waiting } = await page.examples.load<Demo>("demo.ts");
  expect(await waiting(apollo(page.server.url, page.server.token))).toBe(0);
});

test("a wrong token is an error of the query", async () => {
  const { apollo } = await page.examples.load<Apollo>("apollo.ts");
  const { waiting } = await page.examples.load<Demo>("demo.ts");
  const refused = waiting(apollo(page.server.url, "not-the-token-of-this-server"));
  await expect(refused).rejects.toThrow(/token/);
});
