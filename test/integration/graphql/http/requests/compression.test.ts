import { request as httpRequest } from "node:http";
import { buffer } from "node:stream/consumers";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer, type TestServer } from "../test-server.ts";

let server: TestServer;
beforeAll(async () => void (server = await startServer({ allowedOrigins: ["https://app.example.com"] })));
afterAll(() => server[Symbol.asyncDispose]());

/** Sends a request by hand: fetch decompresses what it gets. */
async function post(query: string, headers: Record<string, string>) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    headers: NodeJS.Dict<string | string[]>;
    body: Buffer;
  }>();
  const sent = httpRequest(`${server.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
  });
  sent.on("error", reject);
  sent.on(
    "response",
    (reply) => void buffer(reply).then((body) => resolve({ headers: reply.headers, body })),
  );
  sent.end(JSON.stringify({ query }));
  return promise;
}

const LARGE = "{ __schema { types { name description fields { name description } } } }";
const decoders = { br: brotliDecompressSync, gzip: gunzipSync, identity: (body: Buffer) => body };

test.each([
  ["br, gzip", "br"],
  ["gzip, deflate, br", "br"],
  ["gzip", "gzip"],
  ["br;q=0.5, gzip;q=1", "gzip"],
  ["br;q=0, gzip", "gzip"],
  ["GZIP, Deflate", "gzip"],
  ["BR;q=0.1, X-GZIP;Q=0.5", "gzip"],
  ["x-gzip", "gzip"],
  ["*", "br"],
  ["deflate, zstd", "identity"],
  ["identity", "identity"],
  ["nonsense;;q=x,,", "identity"],
] as const)("a client that accepts %s gets %s", async (accepted, encoding) => {
  const plain = await post(LARGE, {});
  const { headers, body } = await post(LARGE, { "accept-encoding": accepted });
  expect(headers["content-encoding"] ?? "identity").toBe(encoding);
  expect(headers["vary"]).toBe("accept-encoding");
  expect(Number(headers["content-length"])).toBe(body.length);
  expect(decoders[encoding](body).equals(plain.body)).toBe(true);
  if (encoding !== "identity") expect(body.length).toBeLessThan(plain.body.length / 2);
});

test("a small reply is not compressed, and origins stay in Vary", async () => {
  const small = await post("{ hello }", { "accept-encoding": "br" });
  expect([small.headers["content-encoding"], small.headers["vary"]]).toEqual([undefined, undefined]);
  const origin = "https://app.example.com";
  const shared = await post(LARGE, { "accept-encoding": "gzip", origin });
  expect(shared.headers["vary"]).toBe("origin, accept-encoding");
  expect(shared.headers["access-control-allow-origin"]).toBe(origin);
});
