import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { openRaw, parseReply, readToEnd, requestRaw, sendRaw } from "./raw-client.ts";
import { startServer } from "./test-server.ts";

const post = (port: number, body: string): string =>
  `POST /graphql HTTP/1.1\r\nhost: localhost:${port}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;

describe("start", () => {
  test("reports the remedy for a port in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await expect(startServer({ port })).rejects.toMatchObject({
      name: "StartError",
      exitCode: 69,
      message: `Port ${port} is taken by another process; set PORT.`,
    });
    other.close();
  });

  test("reports the remedy for an address of another machine", async () => {
    await expect(startServer({ host: "192.0.2.1" })).rejects.toMatchObject({
      exitCode: 78,
      message: "HOST: expected an address of this machine, got 192.0.2.1. Set HOST to 127.0.0.1 or 0.0.0.0.",
    });
  });

  test("may follow a stop, and a stop may come twice or first", async () => {
    const bundle = await startServer();
    const { server } = bundle;
    await Promise.all([server.stop(), server.stop()]);
    expect(server.url).toBeNull();
    await server.stop();
    await server.start();
    await server.start();
    const reply = await requestRaw(Number(new URL(server.url!).port), "GET /healthz");
    expect(reply.status).toBe(200);
    await server.stop();
  });
});

describe("stop", () => {
  test("lets a request under way end, and refuses new connections", async () => {
    const entered = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const ready = async () => {
      entered.resolve();
      await release.promise;
      return { ok: true, parts: {} };
    };
    await using server = await startServer({ health: { live: ready, ready } });
    const reply = requestRaw(server.port, "GET /readyz");
    await entered.promise;
    const stopped = server.server.stop();
    await vi.waitFor(() => expect(openRaw(server.port)).rejects.toThrow("ECONNREFUSED"));
    release.resolve();
    expect((await reply).status).toBe(200);
    await stopped;
  });

  test("waits no longer than two seconds for clients that hang", async () => {
    const server = await startServer();
    const idle = await openRaw(server.port);
    const halfHeaders = await openRaw(server.port);
    halfHeaders.write("POST /graphql HTTP/1.1\r\nhost: local");
    const halfBody = await openRaw(server.port);
    halfBody.write(post(server.port, "x".repeat(100)) + '{"query"');
    const never = await openRaw(server.port);
    const query = '{"query":"{ never }"}';
    never.write(post(server.port, query) + query);
    const ends = [idle, halfHeaders, halfBody, never].map(readToEnd);
    await vi.waitFor(() => expect(server.contexts).toHaveLength(1));
    const began = performance.now();
    await server.server.stop();
    expect(performance.now() - began).toBeLessThan(2_000);
    await Promise.all(ends);
  });
});

describe("bad connections", () => {
  test("garbage gets a reply of JSON, and the server continues", async () => {
    await using server = await startServer();
    const garbage = [
      "\u0000\u0001\u0002\r\n\r\n",
      "GET\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\nhello`,
      Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03]),
    ];
    for (const bytes of garbage) {
      const reply = await sendRaw(server.port, bytes);
      expect(reply.status).toBe(400);
      expect(JSON.parse(reply.text).errors[0]).toMatchObject({
        message: "The request is not valid HTTP.",
        extensions: { code: "BAD_REQUEST", requestId: reply.headers["x-request-id"] },
      });
      expect(reply.headers["x-content-type-options"]).toBe("nosniff");
    }
    expect((await server.post({ query: "{ hello }" })).status).toBe(200);
  });

  test("headers of 32 KiB are refused", async () => {
    await using server = await startServer();
    const reply = await requestRaw(server.port, "GET /healthz", { x: "x".repeat(32 * 1024) });
    expect(reply.status).toBe(431);
    expect(JSON.parse(reply.text).errors[0].extensions.code).toBe("HEADERS_TOO_LARGE");
  });

  test("a client that resets within its body or before the reply does no harm", async () => {
    await using server = await startServer();
    const withinBody = await openRaw(server.port);
    withinBody.write(post(server.port, "x".repeat(100)) + '{"query"');
    const beforeReply = await openRaw(server.port);
    const query = '{"query":"{ never }"}';
    beforeReply.write(post(server.port, query) + query);
    await vi.waitFor(() => expect(server.contexts).toHaveLength(1));
    withinBody.resetAndDestroy();
    beforeReply.resetAndDestroy();
    await vi.waitFor(() => expect(server.logs).toHaveLength(2));
    for (const record of server.logs) {
      expect(record).toMatchObject({ level: "debug", message: "Request abandoned by its client" });
    }
    expect((await server.post({ query: "{ hello }" })).body.data).toEqual({ hello: "world" });
  });

  test("a client that closes its half after the request gets the reply", async () => {
    await using server = await startServer();
    const socket = await openRaw(server.port);
    const body = '{"query":"{ hello }"}';
    socket.end(post(server.port, body).replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n") + body);
    expect(parseReply(await readToEnd(socket))).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^\{"data":\{"hello":"world"\},"extensions":\{.*\}\}$/),
    });
  });

  test("an offer of HTTP/2 is passed over", async () => {
    await using server = await startServer();
    const body = '{"query":"{ hello }"}';
    const headers = { "content-type": "application/json", connection: "upgrade, close", upgrade: "h2c" };
    expect((await requestRaw(server.port, "POST /graphql", headers, body)).status).toBe(200);
  });
});
