import type { Client } from "@urql/core";
import { expect, test, vi } from "vitest";
import { setUpPage, testsCrossOrigin, testsMain } from "./page.ts";

interface Urql {
  readonly urql: (url: string, token: string) => Client;
}
interface Demo {
  readonly waiting: (client: Client) => Promise<number>;
}

const page = setUpPage("urql.md");
testsMain(page);
testsCrossOrigin(page, waiting);

test("a query is sent by GET, as is the default", async () => {
  using sent = vi.spyOn(globalThis, "fetch");
  expect(await waiting()).toBe(0);
  expect(sent.mock.calls.map(([, init]) => init?.method)).toEqual(["GET"]);
});

async function waiting(): Promise<number> {
  const { urql } = await page.examples.load<Urql>("urql.ts");
  const { waiting } = await page.examples.load<Demo>("demo.ts");
  return waiting(urql(page.server.url, page.server.token));
}
