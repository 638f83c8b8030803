import { describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { isUuid } from "../../../../../src/lib/uuid.ts";
import { openRaw, readToEnd, requestRaw } from "../raw-client.ts";
import { openSocket } from "../../../../support/socket-client.ts";
import { startServer } from "../test-server.ts";

const upgrade = {
  connection: "upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-protocol": "graphql-transport-ws",
};

const INIT = { type: "connection_init" };

describe("close codes", () => {
  test.each([
    [4400, "a message that is no JSON", ["nonsense"]],
    [4400, "a message of an unknown type", [{ type: "start" }]],
    [4400, "a message that only servers send", [INIT, { type: "next", id: "1", payload: {} }]],
    [
      4401,
      "an operation before the acknowledgement",
      [{ type: "subscribe", id: "1", payload: { query: "{ hello }" } }],
    ],
    [4429, "a second connection_init", [INIT, INIT]],
    [
      4409,
      "an id in use",
      [
        INIT,
        { type: "subscribe", id: "1", payload: { query: "subscription { ticks }" } },
        { type: "subscribe", id: "1", payload: { query: "subscription { ticks }" } },
      ],
    ],
  ])("%i after %s", async (code, _name, messages) => {
    await using server = await startServer();
    await using client = await openSocket(server.url);
    for (const message of messages) {
      client.send(message);
      if (message === INIT && client.messages.length === 0) await client.next();
    }
    expect((await client.closed).code).toBe(code);
    await vi.waitFor(() => expect(server.ticks.subscribers).toBe(0));
  });

  test.each(["graphql-ws", "mqtt"])("4406 for the subprotocol %s", async (protocol) => {
    await using server = await startServer();
    // The client library would refuse a server that chooses none.
    const socket = await openRaw(server.port);
    const lines = Object.entries({ host: "localhost", ...upgrade, "sec-websocket-protocol": protocol });
    const received: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => received.push(chunk));
    socket.write(
      `GET /graphql HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join("\r\n")}\r\n\r\n`,
    );
    await vi.waitFor(() => expect(Buffer.concat(received).includes(closeFrame(4406))).toBe(true));
    expect(Buffer.concat(received).toString()).not.toMatch(/sec-websocket-protocol/i);
    socket.destroy();
  });

  test("4408 for a socket that does not initialise", async () => {
    await using server = await startServer({ limits: { socket: { initTimeoutMs: 50 } } });
    await using client = await openSocket(server.url);
    expect(await client.closed).toEqual({ code: 4408, reason: "Connection initialisation timeout" });
  });

  test("4403 for a missing or wrong token", async () => {
    await using server = await startServer({ token: "secret-token" });
    for (const payload of [
      undefined,
      {},
      { authorization: "Bearer wrong" },
      { authorization: ["Bearer secret-token"] },
    ]) {
      await using client = await openSocket(server.url);
      client.send({ type: "connection_init", payload });
      expect((await client.closed).code).toBe(4403);
    }
    await using client = await openSocket(server.url);
    expect(await client.init({ authorization: "Bearer secret-token" })).toEqual({ type: "connection_ack" });
    client.subscribe("w", "{ who }");
    expect(await client.next()).toMatchObject({ payload: { data: { who: "token" } } });
  });

  test("none for a token as clients write it: any case of the key, or the header of the upgrade", async () => {
    await using server = await startServer({ token: "secret-token" });
    const authorization = "Bearer secret-token";
    for (const [payload, headers] of [
      [{ Authorization: authorization }, {}],
      [{ AUTHORIZATION: "bearer secret-token" }, {}],
      [undefined, { authorization }],
      [{ client: "cli" }, { authorization }],
      // A proxy's own credentials, and the caller's token.
      [{ authorization }, { authorization: "Basic cHJveHk6cHJveHk=" }],
    ] as const) {
      await using client = await openSocket(server.url, { headers });
      expect(await client.init(payload)).toEqual({ type: "connection_ack" });
      client.subscribe("w", "{ who }");
      expect(await client.next()).toMatchObject({ payload: { data: { who: "token" } } });
    }
    for (const [payload, headers] of [
      [undefined, { authorization: "Bearer wrong" }],
      [undefined, { authorization: "secret-token" }],
      [{ Authorization: "Bearer wrong" }, { authorization }],
    ] as const) {
      await using client = await openSocket(server.url, { headers });
      client.send({ type: "connection_init", payload });
      expect((await client.closed).code).toBe(4403);
    }
  });

  test("1009 for a message over 256 KiB, in one piece or in many", async () => {
    await using server = await startServer();
    await using whole = await openSocket(server.url);
    whole.send("x".repeat(256 * 1024 + 1));
    expect((await whole.closed).code).toBe(1009);
    await using pieces = await openSocket(server.url);
    for (let i = 0; i < 20; i++) pieces.socket.send("x".repeat(16 * 1024), { fin: false });
    expect((await pieces.closed).code).toBe(1009);
  });

  test("1008 for a flood of tiny fragments, and of messages", async () => {
    await using server = await startServer();
    await using fragments = await openSocket(server.url);
    for (let i = 0; i < 20_000; i++) fragments.socket.send("", { fin: false });
    expect((await fragments.closed).code).toBe(1008);
    await using messages = await openSocket(server.url);
    await messages.init();
    for (let i = 0; i < 300; i++) messages.send({ type: "ping" });
    expect(await messages.closed).toEqual({
      code: 1008,
      reason: "Over 50 messages per second; send less, or use HTTP",
    });
    expect(messages.messages.filter(({ type }) => type === "pong").length).toBeLessThan(205);
  });

  test("1013 for a reader that is too slow, and its sources are closed", async () => {
    await using server = await startServer({ limits: { socket: { maxBufferedBytes: 1024 * 1024 } } });
    await using client = await openSocket(server.url);
    await client.init();
    for (let i = 0; i < 40; i++) client.subscribe(`s${i}`, "subscription { ticks }");
    await vi.waitFor(() => expect(server.ticks.subscribers).toBe(40));
    client.socket.pause();
    const big = "x".repeat(512 * 1024);
    for (let i = 0; i < 4; i++) server.ticks.emit(big);
    // Cut off one second after the close frame, which it may not have read.
    await vi.waitFor(() => expect(server.ticks.subscribers).toBe(0), 5_000);
    client.socket.resume();
    expect([1013, 1006]).toContain((await client.closed).code);
  });

  test("1013 with its reason for a slow reader that reads on in time", async () => {
    await using server = await startServer({ limits: { socket: { maxBufferedBytes: 64 * 1024 } } });
    await using client = await openSocket(server.url);
    await client.init();
    for (let i = 0; i < 40; i++) client.subscribe(`s${i}`, "subscription { ticks }");
    await vi.waitFor(() => expect(server.ticks.subscribers).toBe(40));
    server.ticks.emit("x".repeat(512 * 1024));
    expect(await client.closed).toEqual({
      code: 1013,
      reason: "Too slow: over 65536 bytes wait to be read; subscribe again from the last cursor",
    });
  });

  test("none, but a cut, for a peer that answers no ping", async () => {
    await using server = await startServer({ limits: { socket: { pingEveryMs: 40 } } });
    await using lively = await openSocket(server.url);
    await lively.init();
    await using dead = await openSocket(server.url, { autoPong: false });
    await dead.init();
    expect((await dead.closed).code).toBe(1006);
    await vi.waitFor(() => expect(lively.socket.readyState).toBe(WebSocket.OPEN));
    lively.subscribe("h", "{ hello }");
    expect(await lively.next()).toMatchObject({ type: "next" });
  });
});

describe("upgrades", () => {
  test.each([
    ["a foreign origin", "/graphql", { origin: "https://evil.example" }, 403, "FORBIDDEN"],
    ["an opaque origin", "/graphql", { origin: "null" }, 403, "FORBIDDEN"],
    ["a foreign host", "/graphql", { host: "evil.example" }, 403, "FORBIDDEN"],
    ["another path", "/other", {}, 404, "NOT_FOUND"],
    ["a broken key", "/graphql", { "sec-websocket-key": "x" }, 400, "BAD_REQUEST"],
    ["an old version", "/graphql", { "sec-websocket-version": "7" }, 400, "BAD_REQUEST"],
  ])("with %s are refused as JSON", async (_name, path, headers, status, code) => {
    await using server = await startServer();
    const reply = await requestRaw(server.port, `GET ${path}`, { ...upgrade, ...headers });
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.text).errors[0].extensions).toEqual({
      code,
      requestId: reply.headers["x-request-id"],
    });
    expect(reply.headers["x-content-type-options"]).toBe("nosniff");
  });

  test("from a page of this server, a listed one and a program pass", async () => {
    await using server = await startServer({ allowedOrigins: ["https://admin.example"] });
    for (const headers of [{}, { origin: server.url }, { origin: "https://admin.example" }]) {
      await using client = await openSocket(server.url, { headers });
      expect(await client.init()).toEqual({ type: "connection_ack" });
    }
  });

  test("have a request id, and no compression", async () => {
    await using server = await startServer();
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    const headers = await new Promise<Record<string, unknown>>((resolve) =>
      socket.once("upgrade", (response) => resolve(response.headers)),
    );
    expect(isUuid(String(headers["x-request-id"]))).toBe(true);
    expect(headers).not.toHaveProperty("sec-websocket-extensions");
    socket.on("error", () => undefined).terminate();
  });
});

describe("limits", () => {
  const counts = { total: 50, perAddress: 50, perToken: 50, pendingPerAddress: 50, opensPerSecond: 50 };
  const from = (address: string) => ({ headers: { "x-forwarded-for": address } });
  const behindProxy = { trustedProxies: ["127.0.0.0/8"] };

  test("sockets that open and send nothing block no client: the oldest of their address is closed", async () => {
    await using server = await startServer({
      ...behindProxy,
      socketLimits: { ...counts, pendingPerAddress: 3 },
    });
    const silent = [];
    for (let i = 0; i < 5; i++) silent.push(await openSocket(server.url, from("192.0.2.1")));
    const closed = { code: 1013, reason: expect.stringContaining("this one had waited longest") };
    expect(await Promise.all(silent.slice(0, 2).map((client) => client.closed))).toEqual([closed, closed]);
    await using other = await openSocket(server.url, from("192.0.2.2"));
    expect(await other.init()).toEqual({ type: "connection_ack" });
    await using same = await openSocket(server.url, from("192.0.2.1"));
    expect(await same.init()).toEqual({ type: "connection_ack" });
    for (const client of silent.slice(3)) {
      expect(client.socket.readyState).toBe(WebSocket.OPEN);
      client.socket.terminate();
    }
  });

  test("110 silent sockets of one address leave room at the standard limits", async () => {
    await using server = await startServer({
      socketLimits: {
        total: 10_000,
        perAddress: 1_000,
        perToken: 10_000,
        pendingPerAddress: 100,
        opensPerSecond: 50,
      },
    });
    await using _silent = new AsyncDisposableStack();
    for (let i = 0; i < 110; i++) _silent.use(await openSocket(server.url));
    await using client = await openSocket(server.url);
    expect(await client.init()).toEqual({ type: "connection_ack" });
  });

  test("a full server ends the oldest pending socket of all, and refuses with 503 when all are in use", async () => {
    await using server = await startServer({ ...behindProxy, socketLimits: { ...counts, total: 2 } });
    await using silent = await openSocket(server.url, from("192.0.2.1"));
    await using first = await openSocket(server.url, from("192.0.2.2"));
    await first.init();
    await using second = await openSocket(server.url, from("192.0.2.3"));
    expect((await silent.closed).code).toBe(1013);
    await second.init();
    const refused = await requestRaw(server.port, "GET /graphql", upgrade);
    expect(refused).toMatchObject({ status: 503, headers: { "retry-after": "3" } });
    expect(JSON.parse(refused.text).errors[0]).toMatchObject({
      message:
        "2 WebSockets are open, which is the limit in all. Close some, or raise LOVAGE_SOCKET_LIMITS (total).",
      extensions: { code: "SOCKET_LIMIT" },
    });
    await first[Symbol.asyncDispose]();
    await vi.waitFor(async () => {
      await using third = await openSocket(server.url);
      expect(await third.init()).toEqual({ type: "connection_ack" });
    });
  });

  test("an address has its share: a /64 of IPv6 is one, and a client's X-Forwarded-For is not trusted", async () => {
    await using server = await startServer({ ...behindProxy, socketLimits: { ...counts, perAddress: 1 } });
    await using one = await openSocket(server.url, from("2001:db8:0:1::1"));
    await one.init();
    const statusFor = async (address: string) =>
      (await requestRaw(server.port, "GET /graphql", { ...upgrade, ...from(address).headers })).status;
    expect(await statusFor("2001:db8:0:1:ffff::2")).toBe(429);
    expect(await statusFor("2001:0db8::1:9:9:9:9")).toBe(429);
    expect(await statusFor("198.51.100.7, [2001:db8:0:1::3]:5000")).toBe(429);
    await using neighbour = await openSocket(server.url, from("2001:db8:0:2::1"));
    await neighbour.init();
    await using straight = await startServer({ socketLimits: { ...counts, perAddress: 1 } });
    await using first = await openSocket(straight.url, from("192.0.2.1"));
    await first.init();
    const second = await requestRaw(straight.port, "GET /graphql", {
      ...upgrade,
      "x-forwarded-for": "192.0.2.2",
    });
    expect(second.status).toBe(429);
  });

  test("an address that opens too fast is refused, a second later; others are not, and it opens more in time", async () => {
    await using server = await startServer({
      ...behindProxy,
      socketLimits: { ...counts, perAddress: 2, opensPerSecond: 1 },
    });
    for (let i = 0; i < 2; i++)
      await (await openSocket(server.url, from("192.0.2.1")))[Symbol.asyncDispose]();
    const began = performance.now();
    const tooFast = requestRaw(server.port, "GET /graphql", { ...upgrade, ...from("192.0.2.1").headers });
    await using other = await openSocket(server.url, from("192.0.2.2"));
    expect(await other.init()).toEqual({ type: "connection_ack" });
    const refused = await tooFast;
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(refused).toMatchObject({ status: 429, headers: { "retry-after": "3" } });
    expect(JSON.parse(refused.text).errors[0]).toMatchObject({
      message:
        "WebSockets are opened faster than 1 per second, which is the limit for each address. Keep them open, or raise LOVAGE_SOCKET_LIMITS (opensPerSecond).",
      extensions: { code: "SOCKET_LIMIT" },
    });
    await using again = await openSocket(server.url, from("192.0.2.1"));
    expect(await again.init()).toEqual({ type: "connection_ack" });
  });

  test("one that is refused late does not delay the end of the server", async () => {
    const server = await startServer({ socketLimits: { ...counts, perAddress: 1, opensPerSecond: 1 } });
    const first = await openSocket(server.url);
    await first[Symbol.asyncDispose]();
    const late = openSocket(server.url);
    const refused = expect(late).rejects.toThrow();
    await vi.waitFor(() => expect(server.logs.map(({ message }) => message)).toContain("Upgrade refused."));
    const began = performance.now();
    await server[Symbol.asyncDispose]();
    expect(performance.now() - began).toBeLessThan(700);
    await refused;
  });

  test("callers with one token share its limit", async () => {
    await using server = await startServer({
      token: "secret-token",
      socketLimits: { ...counts, perToken: 1 },
    });
    const payload = { authorization: "Bearer secret-token" };
    await using first = await openSocket(server.url);
    await first.init(payload);
    await using second = await openSocket(server.url);
    second.send({ type: "connection_init", payload });
    expect(await second.closed).toEqual({
      code: 1013,
      reason: "1 WebSockets with this token are open, which is the limit; close some",
    });
  });

  test.each([
    ["total", {}],
    ["perAddress", {}],
    ["perToken", { token: "secret-token" }],
  ])("subscriptions have theirs: %s", async (scope, options) => {
    const standard = { total: 10, perAddress: 10, perToken: 10 };
    const subscriptionLimits = { ...standard, [scope]: 2 };
    await using server = await startServer({ ...options, subscriptionLimits });
    const payload = { authorization: "Bearer secret-token" };
    await using first = await openSocket(server.url);
    await first.init(payload);
    await using second = await openSocket(server.url);
    await second.init(payload);
    first.subscribe("a", "subscription { ticks }");
    second.subscribe("b", "subscription { ticks }");
    await vi.waitFor(() => expect(server.ticks.subscribers).toBe(2));
    second.subscribe("c", "subscription { ticks }");
    const { payload: refusal } = (await second.next()) as { payload: { errors: unknown[] } };
    expect(refusal.errors).toMatchObject([
      {
        message: expect.stringMatching(
          /^2 subscriptions are open, which is the limit .* LOVAGE_SUBSCRIPTION_/,
        ),
        extensions: { code: "SUBSCRIPTION_LIMIT" },
      },
    ]);
    // Queries go on, and what ends makes room: a subscription that is completed, that cannot begin,
    // or whose socket is gone.
    second.subscribe("q", "{ hello }");
    await vi.waitFor(() => expect(second.messages).toContainEqual({ type: "complete", id: "q" }));
    second.send({ type: "complete", id: "b" });
    await vi.waitFor(() => expect(server.ticks.subscribers).toBe(1));
    second.subscribe("x", "subscription { ticks(nothing: 1) }");
    await first[Symbol.asyncDispose]();
    await vi.waitFor(() => expect(server.ticks.subscribers).toBe(0));
    second.subscribe("d", "subscription { ticks }");
    second.subscribe("e", "subscription { ticks }");
    await vi.waitFor(() => expect(server.ticks.subscribers).toBe(2));
  });

  test("a peer that does not answer the close frame is cut off soon", async () => {
    await using server = await startServer({ limits: { socket: { initTimeoutMs: 20, closeTimeoutMs: 50 } } });
    const socket = await openRaw(server.port);
    const lines = Object.entries({ host: "localhost", ...upgrade });
    const closed = readToEnd(socket);
    socket.write(
      `GET /graphql HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join("\r\n")}\r\n\r\n`,
    );
    const began = performance.now();
    await closed;
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

function closeFrame(code: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(code);
  return bytes;
}
