import { once } from "node:events";
import { PGlite } from "@electric-sql/pglite";
import { execute, parse } from "graphql";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createLoaders } from "../../../../../src/graphql/loading/loaders.ts";
import { ReplyBudget, ReplyMemory } from "../../../../../src/graphql/http/operations/reply-budget.ts";
import { MIB } from "../../../../../src/lib/bytes.ts";
import type { TaskRecord } from "../../../../../src/task/records/task.ts";
import { type Api, openApi } from "../../api.ts";
import { DEFINITIONS } from "../../definitions.ts";
import { openRaw } from "../raw-client.ts";
import { openSocket, type SocketClient } from "../../../../support/socket-client.ts";
import { startServer, type TestServer } from "../test-server.ts";

const ROWS = 200;
const RESULT_BYTES = 60_000;
const ALIASES = Array.from({ length: 29 }, (_, i) => `a${i}: result`).join(" ");
const GREEDY = `{ tasks(first: ${ROWS}) { nodes { ${ALIASES} } } }`;
/** 11.4 MiB. */
const LARGE = `{ tasks(first: ${ROWS}) { nodes { result } } }`;

let api: Api;
beforeAll(async () => {
  api = await openApi(DEFINITIONS);
  const mutation = "mutation ($x: Float!) { enqueueMathAdd(input: { x: $x, y: 2 }) { task { id } } }";
  for (let x = 0; x < ROWS; x++) await api.data(mutation, { x });
  const output = `jsonb_build_object('text', repeat('x', ${RESULT_BYTES}))`;
  await api.sql.run(`update lovage.task set state = 'SUCCESS', finished_at = now(), output = ${output}`, []);
});
afterAll(() => api[Symbol.asyncDispose]());

/** A server over the real schema. */
function serve(options: Parameters<typeof startServer>[0] = {}): Promise<TestServer> {
  return startServer({
    schema: api.schema,
    createContext: (info) => ({ ...api.context(info.actor, info.reply), requestId: info.requestId }),
    ...options,
  });
}

const tooLarge = {
  message:
    "The reply is over 16 MiB (maxReplySize) and was not sent. Request fewer rows, or fewer large fields such as result. " +
    "The changes of a mutation are kept.",
  extensions: { code: "REPLY_TOO_LARGE", limit: 16 * MIB, requestId: expect.any(String) },
};

describe("a reply that is too large", () => {
  test("is refused over HTTP with one error, in either media type", async () => {
    await using server = await serve();
    for (const accept of ["application/json", "application/graphql-response+json"]) {
      const reply = await server.post({ query: GREEDY }, { accept });
      expect(reply.status).toBe(400);
      expect(reply.body).toEqual({ errors: [tooLarge] });
    }
    expect((await server.post({ query: "{ __typename }" })).status).toBe(200);
  });

  test("reads no further rows than it had room for", async () => {
    await using server = await serve();
    const query = vi.spyOn(PGlite.prototype, "query");
    try {
      await server.post({ query: GREEDY });
      // The page, and the first part of its results.
      expect(query).toHaveBeenCalledTimes(2);
    } finally {
      query.mockRestore();
    }
  });

  test("is refused over WebSocket with one error, and the socket continues", async () => {
    await using server = await serve();
    await using client = await openSocket(server.url);
    await client.init();
    client.subscribe("q", GREEDY);
    expect(await client.next()).toEqual({
      id: "q",
      type: "next",
      payload: { errors: [tooLarge], extensions: expect.anything() },
    });
    expect(await client.next()).toEqual({ id: "q", type: "complete" });
    client.subscribe("t", "{ __typename }");
    expect(await client.next()).toMatchObject({ payload: { data: { __typename: "Query" } } });
  });

  test("is refused as a message of a subscription, which continues", async () => {
    await using server = await serve({ maxReplyBytes: 64 * 1024 });
    const [row] = await api.sql.run<{ id: string }>("select id from lovage.task limit 1", []);
    await using client = await openSocket(server.url);
    await client.init();
    client.subscribe(
      "s",
      `subscription { task(id: "${row!.id}") { ... on TaskUpdate { task { a: result b: result } } } }`,
    );
    expect(await client.next()).toMatchObject({
      id: "s",
      type: "next",
      payload: { errors: [{ extensions: { code: "REPLY_TOO_LARGE" } }] },
    });
    expect(await client.next()).toEqual({ id: "s", type: "complete" });
  });

  test("ends while it is made: fields after that are not resolved, and the count stays near the limit", async () => {
    const budget = new ReplyBudget(MIB, new ReplyMemory(100 * MIB));
    const document = parse(GREEDY);
    await execute({ schema: api.schema, document, contextValue: api.context(null, budget) });
    expect(budget.refusal?.extensions.code).toBe("REPLY_TOO_LARGE");
    expect(budget.bytes).toBeLessThan(MIB + 2 * RESULT_BYTES);
  });

  test("resolves a field once, however many names it is asked for under", async () => {
    const context = api.context(null, new ReplyBudget(64 * MIB, new ReplyMemory(100 * MIB)));
    const load = vi.spyOn(context.loaders.values, "load");
    const source = `{ one: tasks(first: 2) { nodes { a: result b: result result } } two: tasks(first: 2) { nodes { c: result } } }`;
    const { data, errors } = await execute({
      schema: api.schema,
      document: parse(source),
      contextValue: context,
    });
    expect(errors).toBeUndefined();
    const { one, two } = data as unknown as Record<string, { nodes: Record<string, unknown>[] }>;
    for (const [index, { a, b, result }] of one!.nodes.entries()) {
      expect([b, result, two!.nodes[index]!.c]).toEqual([a, a, a]);
    }
    // Once for all aliases of each row, which both pages share, and once for the field's own name.
    expect(load).toHaveBeenCalledTimes(2 + 2);
  });

  test("is found by its true size as well, where the schema does not count", async () => {
    await using server = await startServer({ maxReplyBytes: 64 * 1024 });
    const query = "query ($value: JSON) { echo(value: $value) }";
    const reply = await server.post({ query, variables: { value: "\u0001".repeat(12_000) } });
    expect(reply.body.errors?.[0]?.extensions.code).toBe("REPLY_TOO_LARGE");
    expect((await server.post({ query, variables: { value: "x".repeat(12_000) } })).status).toBe(200);
  });
});

describe("a large reply", () => {
  test("within the limit comes whole, the same over HTTP and WebSocket", async () => {
    await using server = await serve();
    const overHttp = await server.post({ query: LARGE });
    expect(overHttp.status).toBe(200);
    expect(overHttp.headers.get("content-type")).toMatch(/^application\/json/);
    const { nodes } = overHttp.body.data!.tasks as { nodes: { result: { text: string } }[] };
    expect(nodes).toHaveLength(ROWS);
    expect(nodes.every(({ result }) => result.text === "x".repeat(RESULT_BYTES))).toBe(true);
    await using client = await openSocket(server.url);
    await client.init();
    client.subscribe("q", LARGE);
    expect(await client.next()).toEqual({ id: "q", type: "next", payload: overHttp.body });
    expect(await client.next()).toEqual({ id: "q", type: "complete" });
  });

  test("with errors in it comes whole too", async () => {
    await using server = await serve();
    const query = `{ tasks(first: ${ROWS}) { nodes { result } } task(id: "nonsense") { id } }`;
    const reply = await server.post({ query });
    expect(reply.body.errors).toMatchObject([{ path: ["task"] }]);
    expect((reply.body.data!.tasks as { nodes: unknown[] }).nodes).toHaveLength(ROWS);
    await using client = await openSocket(server.url);
    await client.init();
    client.subscribe("q", query);
    expect(await client.next()).toMatchObject({
      payload: { data: { task: null }, errors: [{ path: ["task"] }] },
    });
  });
});

describe("clients that do not read", () => {
  const limits = { stuckAfterMs: 600, maxLargeReplies: 3 };

  test("hold no more than the memory for replies; others are asked to wait, and are served when these are cut off", async () => {
    await using server = await serve({ limits: { ...limits, stuckAfterMs: 18_000 } });
    using stuck = new DisposableStack();
    for (let i = 0; i < 4; i++) {
      const socket = await openRaw(server.port);
      stuck.defer(() => socket.destroy());
      socket.on("error", () => undefined); // It is cut off.
      socket.write(httpRequest(LARGE));
      await once(socket, "data");
      socket.pause();
    }
    const refused = await server.post({ query: LARGE });
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(refused.body.errors).toMatchObject([
      {
        message: expect.stringMatching(/^Replies of 48 MiB are being built or sent/),
        extensions: { code: "SERVICE_UNAVAILABLE", retryAfter: 1 },
      },
    ]);
    // Small replies are made meanwhile.
    expect((await server.post({ query: "{ tasks(first: 1) { nodes { id } } }" })).status).toBe(200);
    await vi.waitFor(async () => expect((await server.post({ query: LARGE })).status).toBe(200), {
      timeout: 20_000,
      interval: 200,
    });
  }, 30_000);

  test("are cut off after a while over HTTP, even if they keep sending requests", async () => {
    await using server = await serve({ limits });
    const socket = await openRaw(server.port);
    socket.on("error", () => undefined); // It is cut off.
    socket.pause();
    socket.write(httpRequest(LARGE));
    const asking = setInterval(() => socket.write(httpRequest("{ __typename }")), 100);
    await vi.waitFor(() => expect(cutOffs(server)).toHaveLength(1), 10_000);
    clearInterval(asking);
    let read = 0;
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("data", (chunk: Buffer) => (read += chunk.length));
    socket.resume();
    await closed;
    expect(read).toBeLessThan(ROWS * RESULT_BYTES);
    expect(cutOffs(server)[0]!.fields).toMatchObject({ address: "127.0.0.1", heldBack: 0 });
  });

  test("are cut off after a while over WebSocket, even if they answer pings", async () => {
    await using server = await serve({ limits });
    await using client = await openSocket(server.url);
    await client.init();
    client.socket.pause();
    client.subscribe("q", LARGE);
    const answering = setInterval(() => client.socket.pong(), 100);
    await vi.waitFor(() => expect(cutOffs(server)).toHaveLength(1), 10_000);
    clearInterval(answering);
    client.socket.resume();
    expect((await client.closed).code).toBe(1006);
  });

  test("at once, but keep reading, are not cut off", async () => {
    await using server = await serve({ limits });
    const socket = await openRaw(server.port);
    socket.pause();
    socket.write(httpRequest(LARGE));
    let read = 0;
    const began = performance.now();
    const going = setInterval(() => socket.resume(), 10);
    await new Promise<void>((resolve) => {
      socket.on("data", (chunk: Buffer) => {
        read += chunk.length;
        socket.pause();
        if (read >= ROWS * RESULT_BYTES) resolve();
      });
    });
    clearInterval(going);
    expect(performance.now() - began).toBeGreaterThan(limits.stuckAfterMs);
    expect(cutOffs(server)).toEqual([]);
    socket.destroy();
  });

  test("and have much waiting are closed first while memory is short", async () => {
    await using server = await startServer({
      maxReplyBytes: 64 * 1024,
      limits: { maxLargeReplies: 1, socket: { maxBufferedWhenFull: 10_000 } },
    });
    const readers: SocketClient[] = [];
    await using opened = new AsyncDisposableStack();
    for (let i = 0; i < 2; i++) {
      const client = opened.use(await openSocket(server.url));
      readers.push(client);
      await client.init();
      for (let n = 0; n < 40; n++) client.subscribe(`s${n}`, "subscription { ticks }");
    }
    await vi.waitFor(() => expect(server.ticks.subscribers).toBe(80));
    readers[0]!.socket.pause();
    // The kernel's buffers come first: of each round the other reads all.
    for (let round = 1; round <= 8; round++) {
      server.ticks.emit(`${round} ${"x".repeat(60_000)}`);
      await vi.waitFor(() =>
        expect(readers[1]!.messages.filter(({ type }) => type === "next")).toHaveLength(40 * round),
      );
    }
    await vi.waitFor(() => expect(server.ticks.subscribers).toBe(40), 10_000);
  });
});

test("an output that is outside of its row is loaded once for a row, however often it is asked for", async () => {
  const asked: string[] = [];
  const results = {
    read: async (tasks: readonly { readonly id: string }[]) => {
      asked.push(...tasks.map(({ id }) => id));
      return tasks.map(() => ({ output: 1, gone: false }));
    },
  };
  const loaders = createLoaders({ results } as unknown as Parameters<typeof createLoaders>[0]);
  const [one, two] = [{ id: "1" }, { id: "2" }] as TaskRecord[];
  await Promise.all(
    Array.from({ length: 29 }, () => [loaders.result.load(one!), loaders.result.load(two!)]).flat(),
  );
  await loaders.result.load(one!);
  expect(asked).toEqual(["1", "2"]);
});

function httpRequest(query: string): string {
  const body = JSON.stringify({ query });
  return `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

function cutOffs({ logs }: TestServer): TestServer["logs"] {
  return logs.filter(({ message }) => message === "A connection was cut off: its peer does not read.");
}
