import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { openRaw } from "../raw-client.ts";
import { request, startServer, type TestServer } from "../test-server.ts";

interface StreamEvent {
  readonly event?: string;
  readonly id?: string;
  readonly data?: string;
}

interface EventReader extends AsyncDisposable {
  readonly response: Response;
  /** The next event that is not a comment, or null at the end. */
  next(): Promise<StreamEvent | null>;
}

const EVENTS = { accept: "text/event-stream", "content-type": "application/json" };
let server: TestServer;
afterEach(() => server[Symbol.asyncDispose]());

async function openEvents(
  query: string,
  headers: Record<string, string> = {},
  path = "/graphql",
): Promise<EventReader> {
  const leave = new AbortController();
  const response = await fetch(server.url + path, {
    method: "POST",
    headers: { ...EVENTS, ...headers },
    body: JSON.stringify({ query }),
    signal: leave.signal,
  });
  const chunks = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    response,
    next: async () => {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end === -1) {
          const { done, value } = await chunks.read();
          if (done) return null;
          text += value;
          continue;
        }
        const lines = text.slice(0, end).split("\n");
        text = text.slice(end + 2);
        const fields = lines.map((line) => [line.split(":", 1)[0], line.slice(line.indexOf(":") + 1).trim()]);
        const event: StreamEvent = Object.fromEntries(fields);
        if (event.event !== undefined) return event;
      }
    },
    [Symbol.asyncDispose]: async () => leave.abort(),
  };
}

/** Resolves when the subscription `ticks` has as many subscribers. */
const subscribers = (count: number) =>
  expect.poll(() => server.ticks.subscribers, { interval: 5, timeout: 5_000 }).toBe(count);

describe("a subscription over HTTP", () => {
  test("sends events while they happen, and ends its source when the client leaves", async () => {
    server = await startServer();
    for (const path of ["/graphql", "/graphql/stream"]) {
      const events = await openEvents("subscription { ticks }", {}, path);
      expect(events.response.status).toBe(200);
      expect(events.response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
      expect(events.response.headers.get("cache-control")).toBe("no-store");
      await subscribers(1);
      server.ticks.emit("one");
      const { event, data, id } = (await events.next())!;
      expect({ event, id }).toEqual({ event: "next", id: undefined });
      expect(JSON.parse(data!)).toMatchObject({ data: { ticks: "one" }, extensions: { cost: {} } });
      server.ticks.emit("crash");
      const failed = JSON.parse((await events.next())!.data!);
      expect(failed.errors[0]).toMatchObject({ message: "Unexpected error.", path: ["ticks"] });
      await events[Symbol.asyncDispose]();
      await subscribers(0);
    }
  });

  test("has the cursors as ids, and continues after Last-Event-ID, also with another after", async () => {
    server = await startServer();
    const counted = `subscription { counted(to: 4, after: "0") { n } }`;
    const ids = async (headers: Record<string, string>, query = counted) => {
      await using events = await openEvents(query, headers);
      const seen: unknown[] = [];
      for (let event = await events.next(); event; event = await events.next())
        seen.push(event.id ?? event.event);
      return seen;
    };
    expect(await ids({})).toEqual(["1", "2", "3", "4", "complete"]);
    expect(await ids({ "last-event-id": "2" })).toEqual(["3", "4", "complete"]);
    const inFragment = "subscription { ...F } fragment F on Subscription { counted(to: 4) { n } }";
    expect(await ids({ "last-event-id": "3" }, inFragment)).toEqual(["4", "complete"]);
  });

  test("an id that cannot be read is refused by the name of its header", async () => {
    server = await startServer();
    const refusalOf = async (query: string, headers: Record<string, string>) => {
      const { status, body } = await request(`${server.url}/graphql`, {
        method: "POST",
        headers: { ...EVENTS, ...headers },
        body: JSON.stringify({ query }),
      });
      return [status, body.errors?.[0]?.message, body.errors?.[0]?.extensions.code];
    };
    expect(await refusalOf("subscription { counted(to: 4) { n } }", { "last-event-id": "old" })).toEqual([
      400,
      'Last-Event-ID: expected the id of an event as this server sent it, got "old". Leave the header out to start from now.',
      "BAD_CURSOR",
    ]);
    expect(await refusalOf('subscription { counted(to: 4, after: "old") { n } }', {})).toEqual([
      400,
      'Start without "after".',
      "BAD_CURSOR",
    ]);
  });

  test("by GET works with EventSource, whose request has an empty body", async () => {
    server = await startServer();
    const query = encodeURIComponent("subscription { counted(to: 1) { n } }");
    const reply = await fetch(`${server.url}/graphql/stream?query=${query}`);
    expect(await reply.text()).toMatch(/id: 1\ndata: .*"n":1.*\n\nevent: complete\n/);
  });

  test("that cannot start is refused with a status, and counts towards the limits of WebSockets", async () => {
    const subscriptionLimits = { total: 10, perAddress: 1, perToken: 10 };
    server = await startServer({ token: "t", subscriptionLimits });
    const own = { authorization: "Bearer t" };
    const refusalOf = async (query: string, headers: Record<string, string> = own) => {
      const { status, body } = await request(`${server.url}/graphql`, {
        method: "POST",
        headers: { ...EVENTS, ...headers },
        body: JSON.stringify({ query }),
      });
      return [status, body.errors?.[0]?.extensions.code];
    };
    expect(await refusalOf("subscription { ticks }", {})).toEqual([401, "UNAUTHENTICATED"]);
    expect(await refusalOf("subscription { nothing }")).toEqual([400, "GRAPHQL_VALIDATION_FAILED"]);
    expect(await refusalOf("subscription {")).toEqual([400, "GRAPHQL_PARSE_FAILED"]);
    await using events = await openEvents("subscription { ticks }", own);
    await subscribers(1);
    expect(await refusalOf("subscription { ticks }")).toEqual([429, "SUBSCRIPTION_LIMIT"]);
    await events[Symbol.asyncDispose]();
    await subscribers(0);
    const again = await openEvents("subscription { ticks }", own);
    expect(again.response.status).toBe(200);
    await again[Symbol.asyncDispose]();
  });

  test("ends without a complete event when the server stops, so that clients connect again", async () => {
    server = await startServer();
    await using events = await openEvents("subscription { ticks }");
    await subscribers(1);
    const stopped = server.server.stop();
    expect(await events.next()).toBeNull();
    await stopped;
    expect(server.ticks.subscribers).toBe(0);
  });

  test("with a client that does not read is cut off, and nothing is read ahead for it", async () => {
    server = await startServer({ limits: { stuckAfterMs: 300 } });
    const client = await openRaw(server.port);
    const query = encodeURIComponent("subscription { ticks }");
    client.pause();
    client.write(`GET /graphql/stream?query=${query} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    await subscribers(1);
    for (let i = 0; i < 20; i++) server.ticks.emit("x".repeat(1024 * 1024));
    await subscribers(0);
    client.resume();
    client.on("error", () => undefined);
    if (!client.closed) await once(client, "close");
  });
});

describe("a query or mutation", () => {
  test("becomes events only if the client accepts nothing else", async () => {
    server = await startServer();
    await using events = await openEvents("mutation { add(x: 1) }");
    expect(JSON.parse((await events.next())!.data!)).toMatchObject({ data: { add: 1 } });
    expect(await events.next()).toMatchObject({ event: "complete" });
    // The header of urql.
    const accept = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed";
    const json = await server.post({ query: "{ hello }" }, { accept });
    expect(json.headers.get("content-type")).toContain("application/graphql-response+json");
    await using ticks = await openEvents("subscription { counted(to: 1) { n } }", { accept });
    expect(await ticks.next()).toMatchObject({ event: "next", id: "1" });
  });
});
