import { serverAudits } from "graphql-http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startServer, type TestServer } from "../test-server.ts";

// The audits of the GraphQL-over-HTTP specification, all of them: MUST, SHOULD and MAY. Their GET
// requests carry no header that a foreign page could not send too; the protection against those
// (CSRF) asks for one, which a client of ours would send.
let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server[Symbol.asyncDispose]());

const audits = serverAudits({
  url: () => `${server.url}/graphql`,
  fetchFn: (url: string, init: RequestInit = {}) =>
    fetch(url, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), "apollo-require-preflight": "1" },
    }),
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
