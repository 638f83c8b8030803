import { describe, expect, test, vi } from "vitest";
import { isUuid } from "../../../../../src/lib/uuid.ts";
import { openSocket } from "../../../../support/socket-client.ts";
import { startServer } from "../test-server.ts";

describe("operations", () => {
  test("a subscription gets its events, and its source is closed when it is completed", async () => {
    await using server = await startServer();
    await using client = await openSocket(server.url);
    expect(await client.init()).toEqual({ type: "connection_ack" });
    client.subscribe("1", "subscription { ticks }");
    await vi.waitFor(() => expect(server.ticks.subscribers).toBe(1));
    server.ticks.emit("a");
    server.ticks.emit("b");
    expect(await client.next()).toMatchObject({ type: "next", id: "1", payload: { data: { ticks: "a" } } });
    expect(await client.next()).toMatchObject({ type: "next", id: "1", payload: { data: { ticks: "b" } } });
    client.send({ type: "complete", id: "1" });
    await vi.waitFor(() => expect(server.ticks.subscribers).toBe(0));
  });

  test("queries and mutations run too, each with its own context", async () => {
    await using server = await startServer();
    await using client = await openSocket(server.url);
    await client.init();
    client.subscribe("q", "query ($v: JSON) { echo(value: $v) }", { variables: { v: [1] } });
    expect(await client.next()).toMatchObject({ type: "next", id: "q", payload: { data: { echo: [1] } } });
    expect(await client.next()).toEqual({ type: "complete", id: "q" });
    client.subscribe("m", "mutation { add(x: 5) }");
    expect(await client.next()).toMatchObject({ payload: { data: { add: 1 } } });
    const ids = server.contexts.map(({ requestId }) => requestId);
    expect(new Set(ids).size).toBe(2);
    expect(ids.every(isUuid)).toBe(true);
  });

  test.each([
    [
      "subscription { nope }",
      {},
      "GRAPHQL_VALIDATION_FAILED",
      'Cannot query field "nope" on type "Subscription".',
    ],
    ["subscription {", {}, "GRAPHQL_PARSE_FAILED", "Syntax error at 1:15: expected Name, found <EOF>."],
    [
      "query A { hello } query B { hello }",
      {},
      "OPERATION_RESOLUTION_FAILURE",
      'Name the operation to run: the document has several, so send "operationName".',
    ],
    [
      "query A { hello }",
      { operationName: "B" },
      "OPERATION_RESOLUTION_FAILURE",
      'Unknown operation named "B".',
    ],
    [`{ ${"hello ".repeat(21)} }`, {}, "ROOT_FIELD_LIMIT", /^21 root fields are over 20/],
    [`{ ${"hello ".repeat(2_000)} }`, {}, "TOKEN_LIMIT", /more than 2000 tokens/],
    [
      `{ node ${"{ child ".repeat(12)} { id } ${"}".repeat(12)} }`,
      {},
      "DEPTH_LIMIT",
      "Query depth 14 is over 12.",
    ],
    [
      "{ hello }",
      { variables: JSON.parse('{"a":{"__proto__":1}}') },
      "BAD_USER_INPUT",
      /variables\.a: has the key "__proto__"/,
    ],
  ])("%.40s is refused with its own error", async (query, rest, code, message) => {
    await using server = await startServer();
    await using client = await openSocket(server.url);
    await client.init();
    client.subscribe("x", query, rest);
    const { type, id, payload } = await client.next();
    expect({ type, id }).toEqual({ type: "error", id: "x" });
    const [error] = payload as { message: string; extensions: Record<string, unknown> }[];
    expect(error!.extensions).toEqual({ code, requestId: expect.any(String) });
    if (typeof message === "string") expect(error!.message).toBe(message);
    else expect(error!.message).toMatch(message);
    client.subscribe("x", "{ hello }");
    expect(await client.next()).toMatchObject({ type: "next", payload: { data: { hello: "world" } } });
  });

  test("wrong variables are the caller's mistakes, internal failures are masked and logged", async () => {
    await using server = await startServer();
    await using client = await openSocket(server.url);
    await client.init();
    client.subscribe("v", "query ($x: Even!) { half(of: $x) }");
    expect(await client.next()).toMatchObject({
      payload: { errors: [{ extensions: { code: "BAD_USER_INPUT" } }] },
    });
    await client.next();
    client.subscribe("c", "{ crash }");
    const failed = await client.next();
    expect(failed).toMatchObject({
      payload: { data: { crash: null }, errors: [{ message: "Unexpected error.", path: ["crash"] }] },
    });
    await client.next();
    client.subscribe("s", "subscription { ticks }");
    await vi.waitFor(() => expect(server.ticks.subscribers).toBe(1));
    server.ticks.emit("crash");
    expect(await client.next()).toMatchObject({ payload: { errors: [{ message: "Unexpected error." }] } });
    client.subscribe("b", "subscription { broken }");
    expect(await client.next()).toMatchObject({ id: "b", payload: { data: { broken: "first" } } });
    expect(await client.next()).toMatchObject({
      id: "b",
      type: "error",
      payload: [{ message: "Unexpected error.", extensions: { code: "INTERNAL_SERVER_ERROR" } }],
    });
    expect(JSON.stringify(client.messages)).not.toContain("hunter2");
    const logged = server.logs.filter(({ level }) => level === "error");
    expect(logged).toHaveLength(3);
    expect(logged.every(({ fields }) => (fields.err as Error).message === "password=hunter2")).toBe(true);
  });

  test("that take too long are given up, and the next one runs", async () => {
    await using server = await startServer({ limits: { operationTimeoutMs: 30 } });
    await using client = await openSocket(server.url);
    await client.init();
    client.subscribe("n", "{ never }");
    expect(await client.next()).toMatchObject({ payload: { errors: [{ extensions: { code: "TIMEOUT" } }] } });
    expect(await client.next()).toEqual({ type: "complete", id: "n" });
  });

  test("over the limit of one socket get an error, and the others continue", async () => {
    await using server = await startServer();
    await using client = await openSocket(server.url);
    await client.init();
    for (let i = 0; i < 51; i++) client.subscribe(`s${i}`, "subscription { ticks }");
    expect(await client.next()).toMatchObject({
      type: "error",
      id: "s50",
      payload: [{ extensions: { code: "SUBSCRIPTION_LIMIT" } }],
    });
    expect(server.ticks.subscribers).toBe(50);
    server.ticks.emit("a");
    await vi.waitFor(() => expect(client.messages.filter(({ type }) => type === "next")).toHaveLength(50));
  });
});

describe("sources", () => {
  test("are closed when the client vanishes", async () => {
    await using server = await startServer();
    await using client = await openSocket(server.url);
    await client.init();
    for (let i = 0; i < 5; i++) client.subscribe(`s${i}`, "subscription { ticks }");
    await vi.waitFor(() => expect(server.ticks.subscribers).toBe(5));
    client.socket.terminate();
    await vi.waitFor(() => expect(server.ticks.subscribers).toBe(0));
  });

  test("are closed when the server stops, with 1001", async () => {
    await using server = await startServer();
    await using client = await openSocket(server.url);
    await client.init();
    client.subscribe("s", "subscription { ticks }");
    await vi.waitFor(() => expect(server.ticks.subscribers).toBe(1));
    await server.server.stop();
    expect(await client.closed).toEqual({ code: 1001, reason: "The server is stopping" });
    expect(server.ticks.subscribers).toBe(0);
  });

  test("a stop waits no longer than two seconds for peers that hang", async () => {
    await using server = await startServer();
    const hanging = await openSocket(server.url);
    await hanging.init();
    hanging.socket.pause();
    const began = performance.now();
    await server.server.stop();
    expect(performance.now() - began).toBeLessThan(2_000);
    hanging.socket.terminate();
  });
});
