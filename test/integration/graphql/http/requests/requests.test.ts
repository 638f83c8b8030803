import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isUuid } from "../../../../../src/lib/uuid.ts";
import { request, startServer, type TestServer } from "../test-server.ts";

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
afterAll(() => server[Symbol.asyncDispose]());

const GRAPHQL_RESPONSE = { accept: "application/graphql-response+json" };

async function refusalOf(init: RequestInit & { duplex?: "half" }, path = "/graphql") {
  const reply = await request(`${server.url}${path}`, { method: "POST", ...init });
  expect(reply.headers.get("content-type")).toMatch(/^application\/json/);
  expect(reply.body.errors).toHaveLength(1);
  const [error] = reply.body.errors!;
  expect(error!.extensions.requestId).toBe(reply.headers.get("x-request-id"));
  expect(isUuid(String(error!.extensions.requestId))).toBe(true);
  return { status: reply.status, code: error!.extensions.code, message: error!.message };
}

const json = { "content-type": "application/json" };

describe("bodies", () => {
  test.each([
    ["", "BAD_REQUEST", 'Request body is empty; send JSON with "query".'],
    ['{"query":"{ a }", bad}', "BAD_REQUEST", "Body is not valid JSON (position 18)."],
    ['{"query":x}', "BAD_REQUEST", "Body is not valid JSON (position 9)."],
    ['{"query":"{ hello', "BAD_REQUEST", "Body is not valid JSON (position 17)."],
    ['[{"query":"{ hello }"}]', "BAD_REQUEST", "Batched requests are disabled."],
    ["null", "BAD_REQUEST", 'body: expected a JSON object with "query", got null.'],
    ['"{ hello }"', "BAD_REQUEST", 'body: expected a JSON object with "query", got a string.'],
    ['{"qeury":"{ hello }"}', "BAD_REQUEST", 'query: expected a GraphQL document, got none (found "qeury").'],
    ['{"query":"  "}', "BAD_REQUEST", "query: expected a GraphQL document, got none."],
    ['{"query":7}', "BAD_REQUEST", "query: expected a string, got a number."],
    [
      '{"query":"{ hello }","variables":[]}',
      "BAD_REQUEST",
      "variables: expected a JSON object, got an array.",
    ],
  ])("%s", async (body, code, message) => {
    expect(await refusalOf({ headers: json, body })).toEqual({ status: 400, code, message });
  });

  test("of 2 MiB are refused by their length, and the reply arrives", async () => {
    const body = JSON.stringify({ query: "x".repeat(2 * 1024 * 1024 - 12) });
    expect(await refusalOf({ headers: json, body })).toEqual({
      status: 413,
      code: "PAYLOAD_TOO_LARGE",
      message: "Body is 2.0 MiB; the limit is 1 MiB.",
    });
    expect((await server.post({ query: "{ hello }" })).body.data).toEqual({ hello: "world" });
  });

  test("without a length are cut off at the limit", async () => {
    const chunk = new TextEncoder().encode("x".repeat(64 * 1024));
    const body = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 20; i++) controller.enqueue(chunk);
        controller.close();
      },
    });
    expect(await refusalOf({ headers: json, body, duplex: "half" })).toEqual({
      status: 413,
      code: "PAYLOAD_TOO_LARGE",
      message: "Body is over 1.0 MiB; the limit is 1 MiB.",
    });
  });

  test("of another type, charset or coding are refused", async () => {
    const body = '{"query":"mutation { add(x: 1) }"}';
    const code = "UNSUPPORTED_MEDIA_TYPE";
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "message/x",
    ]) {
      const message = `Use content-type application/json (got "${type.split(";")[0]}").`;
      expect(await refusalOf({ headers: { "content-type": type }, body })).toEqual({
        status: 415,
        code,
        message,
      });
    }
    expect(await refusalOf({ headers: { "content-type": "application/json; charset=utf-7" }, body })).toEqual(
      {
        status: 415,
        code,
        message: 'Charset "utf-7" is not supported; send the body as utf-8.',
      },
    );
    const bomb = gzipSync(Buffer.alloc(1024 * 1024, " "));
    expect(await refusalOf({ headers: { ...json, "content-encoding": "gzip" }, body: bomb })).toEqual({
      status: 415,
      code,
      message: 'Content-Encoding "gzip" is not supported; send the body uncompressed.',
    });
    expect((await refusalOf({ headers: { "content-type": "///" }, body })).status).toBe(415);
    expect(server.added).toEqual([]);
  });

  test("that are not UTF-8 are refused", async () => {
    const body = Buffer.concat([
      Buffer.from('{"query":"{ hello '),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('}"}'),
    ]);
    expect((await refusalOf({ headers: json, body })).message).toBe("Body is not valid UTF-8.");
  });

  test("with a charset of utf-8 in any writing pass", async () => {
    for (const charset of ["utf-8", "UTF-8", "utf8", '"utf-8"']) {
      const reply = await server.post(
        { query: "{ hello }" },
        { "content-type": `application/json; charset=${charset}` },
      );
      expect(reply.status, charset).toBe(200);
    }
  });
});

describe("variables", () => {
  const query = "query ($v: JSON) { echo(value: $v) }";

  test.each([
    [
      '{"v":{"__proto__":{"polluted":true}}}',
      'variables.v: has the key "__proto__", which is not allowed. Rename the key.',
    ],
    [
      '{"v":{"a":[{"__proto__":1}]}}',
      'variables.v.a.0: has the key "__proto__", which is not allowed. Rename the key.',
    ],
    ['{"v":1e999}', "variables.v: is Infinity, which JSON cannot hold. Use null or a string."],
  ])("%s", async (variables, message) => {
    const body = `{"query":${JSON.stringify(query)},"variables":${variables}}`;
    expect(await refusalOf({ headers: json, body })).toEqual({
      status: 400,
      code: "BAD_USER_INPUT",
      message,
    });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test("of 100,000 levels are refused, and the server continues", async () => {
    const bomb = "[".repeat(100_000) + "]".repeat(100_000);
    const refusal = await refusalOf({
      headers: json,
      body: `{"query":"{ hello }","variables":{"v":${bomb}}}`,
    });
    expect(refusal.code).toBe("BAD_USER_INPUT");
    expect(refusal.message).toContain("is nested more than 40 deep");
    expect((await server.post({ query: "{ hello }" })).status).toBe(200);
  });

  test("of many keys within the body's size pass: a list of inputs is long", async () => {
    const items = Array.from({ length: 20_000 }, (_, i) => ({ i }));
    const reply = await server.post({ query, variables: { v: items } });
    expect(reply.body.data).toEqual({ echo: items });
  });

  test("forbidden keys at other positions do no harm", async () => {
    const body =
      '{"query":"{ __proto__: hello }","__proto__":{"polluted":true},"extensions":{"__proto__":{"polluted":true}}}';
    const reply = await server.post(body);
    expect(reply.text).toContain('"__proto__":"world"');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe("methods", () => {
  const get = (search: Record<string, string>) => ({
    path: `/graphql?${new URLSearchParams(search).toString()}`,
    init: { method: "GET", headers: {} },
  });

  test("GET runs queries, with variables", async () => {
    const { path, init } = get({ query: "query ($v: JSON) { echo(value: $v) }", variables: '{"v":[1]}' });
    expect((await request(server.url + path, init)).body.data).toEqual({ echo: [1] });
  });

  test("GET never runs mutations", async () => {
    const { path, init } = get({ query: "mutation { add(x: 1) }" });
    const reply = await request(server.url + path, init);
    expect(reply.status).toBe(405);
    expect(reply.headers.get("allow")).toBe("POST");
    expect(reply.body.errors![0]).toMatchObject({
      message: "Mutations need POST.",
      extensions: { code: "METHOD_NOT_ALLOWED" },
    });
    expect(server.added).toEqual([]);
  });

  test("GET with wrong parameters names them", async () => {
    const twice = await refusalOf(get({}).init, "/graphql?query=a&query=b");
    expect(twice.message).toBe('"query" appears 2 times; send it once.');
    const broken = get({ query: "{ hello }", variables: "{" });
    expect((await refusalOf(broken.init, broken.path)).message).toBe(
      "variables: expected a JSON object in the URL, got invalid JSON.",
    );
  });

  test("subscriptions are pointed to the WebSocket", async () => {
    const refusal = await refusalOf({ headers: json, body: '{"query":"subscription { ticks }"}' });
    expect(refusal).toMatchObject({ status: 400, code: "BAD_REQUEST" });
    expect(refusal.message).toContain("graphql-transport-ws");
    expect(server.ticks.subscribers).toBe(0);
  });

  test.each(["PUT", "DELETE", "PATCH", "HEAD", "PROPFIND"])("%s is not allowed", async (method) => {
    const reply = await request(`${server.url}/graphql`, { method });
    expect(reply.status).toBe(405);
    expect(reply.headers.get("allow")).toBe("GET, POST");
    if (method !== "HEAD") expect(reply.body.errors![0]!.extensions.code).toBe("METHOD_NOT_ALLOWED");
  });
});

describe("replies", () => {
  test("that the client will not accept are not even started", async () => {
    const reply = await server.post(
      { query: "mutation { add(x: 1) }" },
      { accept: "text/html, application/json;q=0" },
    );
    expect(reply.status).toBe(406);
    expect(reply.body.errors![0]!.extensions.code).toBe("NOT_ACCEPTABLE");
    expect(server.added).toEqual([]);
  });

  test.each([
    ["application/graphql-response+json, application/json;q=0.9", "application/graphql-response+json"],
    ["application/json;q=0.5, application/graphql-response+json", "application/graphql-response+json"],
    ["text/html, */*;q=0.1", "application/json"],
    ["application/*", "application/json"],
  ])("to Accept: %s", async (accept, type) => {
    const reply = await server.post({ query: "{ hello }" }, { accept });
    expect(reply.headers.get("content-type")).toBe(`${type}; charset=utf-8`);
    const refused = await server.post({ query: "" }, { accept });
    expect(refused.status).toBe(400);
    expect(refused.headers.get("content-type")).toBe(`${type}; charset=utf-8`);
  });

  test.each([
    ["{ hello", "GRAPHQL_PARSE_FAILED", "Syntax error at 1:8: expected Name, found <EOF>."],
    ["{ unknown }", "GRAPHQL_VALIDATION_FAILED", 'Cannot query field "unknown" on type "Query".'],
    [
      "query A { hello } query B { hello }",
      "OPERATION_RESOLUTION_FAILURE",
      'Name the operation to run: the document has several, so send "operationName".',
    ],
    ["query ($x: Int!) { hello }", "GRAPHQL_VALIDATION_FAILED", 'Variable "$x" is never used.'],
    [
      "query ($x: Even!) { half(of: $x) }",
      "BAD_USER_INPUT",
      'Variable "$x" of required type "Even!" was not provided.',
    ],
  ])("to %s are 400, or 200 as plain JSON", async (query, code, message) => {
    const reply = await server.post({ query }, GRAPHQL_RESPONSE);
    expect(reply.body.errors).toMatchObject([{ message, extensions: { code } }]);
    expect(reply.status).toBe(400);
    expect((await server.post({ query }, { accept: "application/json" })).status).toBe(200);
  });

  test("with data and errors are 294, or 200 as plain JSON", async () => {
    const query = "{ hello refuse }";
    const reply = await server.post({ query }, GRAPHQL_RESPONSE);
    expect(reply.status).toBe(294);
    expect(reply.body.data).toEqual({ hello: "world", refuse: null });
    expect((await server.post({ query })).status).toBe(200);
  });

  test("an unknown operation's name is reported", async () => {
    const reply = await server.post({ query: "query A { hello }", operationName: "B" }, GRAPHQL_RESPONSE);
    expect(reply.status).toBe(400);
    expect(reply.body.errors![0]!.message).toBe('Unknown operation named "B".');
  });

  test("persisted queries are declined as clients expect", async () => {
    const extensions = { persistedQuery: { version: 1, sha256Hash: "x" } };
    const reply = await server.post({ extensions });
    expect(reply.body.errors![0]).toMatchObject({
      message: "PersistedQueryNotSupported",
      extensions: { code: "PERSISTED_QUERY_NOT_SUPPORTED" },
    });
  });
});
