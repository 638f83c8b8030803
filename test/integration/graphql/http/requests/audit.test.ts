import { serverAudits } from "graphql-http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startServer, type TestServer } from "../test-server.ts";

// The audits of the GraphQL-over-HTTP specification, all of them: MUST, SHOULD and MAY.
let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server[Symbol.asyncDispose]());

const audits = serverAudits({
  url: () => `${server.url}/graphql`,
  fetchFn: fetch,
});

describe("GraphQL over HTTP", () => {
  test.each(audits.map((audit) => [`${audit.id} ${audit.name}`, audit] as const))(
    "%s",
    async (_name, audit) => {
      const result = await audit.fn();
      expect(result.status === "ok" ? "ok" : result.reason).toBe("ok");
    },
  );

  test("there are audits at all", () => expect(audits.length).toBeGreaterThan(60));
});
