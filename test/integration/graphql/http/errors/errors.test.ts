import { buildSchema } from "graphql";
import { describe, expect, test } from "vitest";
import { openSocket } from "../../../../support/socket-client.ts";
import { startServer } from "../test-server.ts";

describe.each([false, true])("errors, production: %s", (production) => {
  const token = "secret-token";
  const headers = { authorization: `Bearer ${token}` };

  test("that are unexpected are masked and logged with the request's id", async () => {
    await using server = await startServer({ production, token });
    for (const field of ["crash", "mustNotBeNull"]) {
      const reply = await server.post({ query: `{ ${field} }` }, headers);
      const requestId = reply.headers.get("x-request-id");
      expect(reply.body.errors).toEqual([
        {
          message: "Unexpected error.",
          locations: [{ line: 1, column: 3 }],
          path: [field],
          extensions: { code: "INTERNAL_SERVER_ERROR", requestId },
        },
      ]);
      expect(reply.text).not.toMatch(/hunter2|stack|test-server/);
      const record = server.logs.find(
        ({ level, fields }) => level === "error" && fields.requestId === requestId,
      );
      expect((record!.fields.err as Error).stack).toContain("Error: ");
      expect(record!.fields.path).toBe(field);
    }
  });

  test("with a code of Lovage pass", async () => {
    await using server = await startServer({ production, token });
    const reply = await server.post({ query: "{ refuse }" }, headers);
    expect(reply.body.errors![0]).toMatchObject({
      message: "Cursor cannot be read.",
      extensions: { code: "BAD_CURSOR" },
    });
    expect(server.logs.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("of a scalar's own check of a variable are the caller's", async () => {
    await using server = await startServer({ production, token });
    const query = "query ($of: Even) { half(of: $of) }";
    const reply = await server.post({ query, variables: { of: 3 } }, headers);
    expect(reply.body.errors![0]).toMatchObject({
      message: 'Variable "$of" got invalid value 3; Expected type "Even". 3 is not even',
      extensions: { code: "BAD_USER_INPUT" },
    });
  });

  test("that quote a long value are cut", async () => {
    await using server = await startServer({ production, token });
    const variables = { of: "x".repeat(100_000) };
    const reply = await server.post({ query: "query ($of: Even) { half(of: $of) }", variables }, headers);
    expect(reply.text.length).toBeLessThan(3_000);
  });

  test("of a context that can't be made are masked", async () => {
    const createContext = () => {
      throw new Error("password=hunter2");
    };
    await using server = await startServer({ production, token, createContext });
    const reply = await server.post({ query: "{ hello }" }, headers);
    expect(reply.status).toBe(500);
    expect(reply.body.errors![0]!.message).toBe("Unexpected error.");
    expect(reply.text).not.toContain("hunter2");
  });
});

describe.each(["application/json", "application/graphql-response+json"])(
  "a service that is away, by %s,",
  (accept) => {
    const away = { code: "SERVICE_UNAVAILABLE", reason: "NO_ANSWER", retryAfter: 3 };

    test("is 503 with the time after which to try again, where nothing could be answered", async () => {
      await using server = await startServer();
      const reply = await server.post({ query: "{ hello awayForAll }" }, { accept });
      expect(reply.status).toBe(503);
      expect(reply.headers.get("retry-after")).toBe("3");
      expect(reply.body.data).toBeNull();
      expect(reply.body.errors![0]!.extensions).toEqual({ ...away, requestId: expect.any(String) });
    });

    test("is a success to HTTP where the rest was answered, and an error at its field", async () => {
      await using server = await startServer();
      const reply = await server.post({ query: "{ hello away }" }, { accept });
      expect(reply.status).toBe(accept === "application/json" ? 200 : 294);
      expect(reply.headers.get("retry-after")).toBeNull();
      expect(reply.body.data).toEqual({ hello: "world", away: null });
      expect(reply.body.errors![0]).toMatchObject({ path: ["away"], extensions: away });
    });
  },
);

test("a service that is away is reported to a WebSocket too, with the time after which to try again", async () => {
  await using server = await startServer();
  await using client = await openSocket(server.url);
  await client.init();
  client.subscribe("1", "{ awayForAll }");
  const requestId = expect.any(String);
  expect(await client.next()).toMatchObject({
    payload: { errors: [{ extensions: { code: "SERVICE_UNAVAILABLE", retryAfter: 3, requestId } }] },
  });
  expect(JSON.stringify(client.messages)).not.toContain("http");
});

test("suggestions help in development and are hidden in production", async () => {
  const replies = async (production: boolean): Promise<string> => {
    await using server = await startServer({ production });
    const field = await server.post({ query: "{ helo }" });
    const value = await server.post({
      query: "query ($c: Color) { paint(color: $c) }",
      variables: { c: "REDD" },
    });
    const literal = await server.post({ query: "{ paint(color: GREN) }" });
    return field.text + value.text + literal.text;
  };
  expect((await replies(false)).match(/Did you mean/g)).toHaveLength(3);
  const hidden = await replies(true);
  expect(hidden).not.toContain("Did you mean");
  expect(hidden).toContain('Cannot query field \\"helo\\" on type \\"Query\\".');
});

test("in production a long value that looks like suggestions costs no time, and a suggestion that is cut is hidden", async () => {
  const schema = buildSchema("input In { hello: Int } type Query { take(in: In, n: Int): Int }");
  await using server = await startServer({ production: true, schema });
  const quoted = await server.post({ query: `{ take(n: "${"Did you mean ".repeat(30_000)}") }` });
  expect(quoted.body.errors![0]!.message).toMatch(/^Int cannot represent non-integer value: "/);
  expect(quoted.text.length).toBeLessThan(3_000);
  for (let length = 1_820; length < 1_960; length += 4) {
    const variables = { i: { helo: "x".repeat(length) } };
    const cut = await server.post({ query: "query ($i: In) { take(in: $i) }", variables });
    expect(cut.body.errors![0]!.message).not.toMatch(/"hell/);
  }
});

test("introspection is off in production unless there is a token", async () => {
  const query = "{ __schema { queryType { name } } }";
  await using open = await startServer({ production: true });
  const refused = await open.post({ query });
  expect(refused.body.errors![0]!.extensions.code).toBe("GRAPHQL_VALIDATION_FAILED");
  expect(refused.body.data).toBeUndefined();
  await using closed = await startServer({ production: true, token: "t" });
  const reply = await closed.post({ query }, { authorization: "Bearer t" });
  expect(reply.body.data).toEqual({ __schema: { queryType: { name: "Query" } } });
});

test("an operation that takes too long is given up with TIMEOUT", async () => {
  await using server = await startServer({ limits: { operationTimeoutMs: 30 } });
  const reply = await server.post({ query: "{ never }" });
  expect(reply.status).toBe(504);
  expect(reply.body.errors![0]).toMatchObject({ extensions: { code: "TIMEOUT" } });
  expect(reply.body.errors![0]!.message).toContain("longer than 0.03 s");
});
