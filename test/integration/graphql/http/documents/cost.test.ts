import { expect, test, vi } from "vitest";
import { COST_SETTINGS } from "../../../../../src/graphql/cost/cost-limiter.ts";
import { openSocket } from "../../../../support/socket-client.ts";
import { startServer } from "../test-server.ts";

/** Room for two fields, and for a mutation of no more than one. */
const cost = { ...COST_SETTINGS, maxCost: 11, maxEventCost: 2 };
const MANY =
  "{ tree { child { child { child { child { child { a: id b: id c: id d: id e: id f: id } } } } } } }";
const refused = {
  message: expect.stringMatching(
    /^This operation costs 12; the limit is 11\. The field tree\..* costs \d+ of it\. Ask for fewer/,
  ),
  extensions: {
    code: "COST_LIMIT",
    cost: { requested: 12, limit: 11, field: expect.stringMatching(/^tree/) },
  },
};

test.each(["application/json", "application/graphql-response+json"])(
  "over HTTP as %s, an operation that costs too much is refused with 400, and the cost of others is in the reply",
  async (accept) => {
    await using server = await startServer({ cost });
    const reply = await server.post({ query: MANY }, { accept });
    expect(reply.status).toBe(400);
    expect(reply.body).not.toHaveProperty("data");
    expect(reply.body.errors).toMatchObject([refused]);
    expect(reply.body.errors![0]!.extensions).not.toHaveProperty("http");
    expect((await server.post({ query: "{ hello who }" }, { accept })).body).toEqual({
      data: { hello: "world", who: null },
      extensions: { cost: { requested: 2, limit: 11 } },
    });
    const failed = await server.post({ query: "{ hello crash }" }, { accept });
    expect(failed.body).toMatchObject({ errors: [{}], extensions: { cost: { requested: 2, limit: 11 } } });
  },
);

test("over GET the same holds", async () => {
  await using server = await startServer({ cost });
  const get = async (query: string) => fetch(`${server.url}/graphql?query=${encodeURIComponent(query)}`);
  const dear = await get(MANY);
  expect(dear.status).toBe(400);
  expect(await dear.json()).toMatchObject({ errors: [refused] });
  expect(await (await get("{ hello }")).json()).toMatchObject({ extensions: { cost: { requested: 1 } } });
});

test("a mutation that is refused did nothing", async () => {
  await using server = await startServer({ cost });
  const reply = await server.post({ query: "mutation { a: add(x: 1) b: add(x: 2) }" });
  expect(reply.body.errors).toMatchObject([{ extensions: { code: "COST_LIMIT", cost: { requested: 22 } } }]);
  expect(server.added).toEqual([]);
  await server.post({ query: "mutation { add(x: 1) }" });
  expect(server.added).toEqual([1]);
});

test("on a WebSocket operations are refused, and each message carries the cost", async () => {
  await using server = await startServer({ cost });
  await using client = await openSocket(server.url);
  await client.init();
  client.subscribe("1", MANY);
  expect(await client.next()).toMatchObject({ type: "error", id: "1", payload: [refused] });
  client.subscribe("2", "{ hello }");
  expect(await client.next()).toMatchObject({
    type: "next",
    payload: { data: { hello: "world" }, extensions: { cost: { requested: 1, limit: 11 } } },
  });
  await client.next();
  client.subscribe("3", "subscription { ticks }");
  await vi.waitFor(() => expect(server.ticks.subscribers).toBe(1));
  server.ticks.emit("a");
  expect(await client.next()).toMatchObject({
    payload: { data: { ticks: "a" }, extensions: { cost: { requested: 1, limit: 2 } } },
  });
});
