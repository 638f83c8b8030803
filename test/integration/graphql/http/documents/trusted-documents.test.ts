import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ConfigError } from "../../../../../src/errors.ts";
import { TrustedDocuments } from "../../../../../src/graphql/http/documents/trusted-documents.ts";
import { openSocket } from "../../../../support/socket-client.ts";
import { tempDir } from "../../../../support/temp-dir.ts";
import { request, startServer, type TestServer } from "../test-server.ts";

const HELLO = "query Hello { hello }";
const TICKS = "subscription Ticks { ticks }";
const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
const MANIFEST = { [hash(HELLO)]: HELLO, [hash(TICKS)]: TICKS, short: "mutation Add { add(x: 1) }" };
const REFUSED = { code: "DOCUMENT_NOT_TRUSTED" };

describe("a server with trusted documents", () => {
  let server: TestServer;
  beforeAll(async () => {
    await using folder = await tempDir();
    const file = join(folder.path, "persisted-documents.json");
    await writeFile(file, JSON.stringify(MANIFEST));
    server = await startServer({ trustedDocuments: TrustedDocuments.read(file) });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test.each([
    ["its hash", { documentId: hash(HELLO) }],
    ["its hash with the algorithm", { documentId: `sha256:${hash(HELLO)}` }],
    ["a persisted query", { extensions: { persistedQuery: { version: 1, sha256Hash: hash(HELLO) } } }],
    ["its text", { query: HELLO }],
    ["its hash, whatever the text", { documentId: hash(HELLO), query: "{ __typename }" }],
  ])("executes one that is named by %s", async (_how, body) => {
    expect((await server.post(body)).body).toMatchObject({ data: { hello: "world" } });
    const search = new URLSearchParams(
      Object.entries(body).map(([name, value]): [string, string] => [
        name,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    );
    const got = await request(`${server.url}/graphql?${search.toString()}`);
    expect(got.body).toMatchObject({ data: { hello: "world" } });
  });

  test.each([
    ["another text", { query: "{ hello }" }],
    ["an unknown hash", { documentId: hash("{ hello }") }],
    ["introspection", { query: "{ __schema { queryType { name } } }" }],
    ["an unknown persisted query", { extensions: { persistedQuery: { version: 1, sha256Hash: "x" } } }],
    ["a name of the object's prototype", { documentId: "constructor" }],
  ])("refuses %s", async (_what, body) => {
    const reply = await server.post(body);
    expect(reply.status).toBe(403);
    expect(reply.body.errors).toMatchObject([{ extensions: REFUSED }]);
    expect(reply.body.errors![0]!.message).toContain("LOVAGE_TRUSTED_DOCUMENTS");
  });

  test("mutations by GET stay refused", async () => {
    const reply = await request(`${server.url}/graphql?documentId=short`);
    expect(reply.status).toBe(405);
    expect(server.added).toEqual([]);
  });

  test("the same holds for WebSockets and event streams", async () => {
    await using socket = await openSocket(server.url);
    await socket.init();
    socket.send({ type: "subscribe", id: "1", payload: { query: "subscription { ticks }" } });
    expect(await socket.next()).toMatchObject({ type: "error", payload: [{ extensions: REFUSED }] });
    socket.send({ type: "subscribe", id: "2", payload: { query: HELLO } });
    expect(await socket.next()).toMatchObject({ type: "next", payload: { data: { hello: "world" } } });
    const events = { accept: "text/event-stream" };
    const refused = await fetch(`${server.url}/graphql/stream?query={hello}`, { headers: events });
    expect(refused.status).toBe(403);
    const stream = await fetch(`${server.url}/graphql/stream?documentId=${hash(TICKS)}`, { headers: events });
    expect([stream.status, stream.headers.get("content-type")]).toEqual([
      200,
      "text/event-stream; charset=utf-8",
    ]);
    await stream.body!.cancel();
  });
});

test("a start warns once of a manifest with faults, in production too", async () => {
  const sha1 = createHash("sha1").update(HELLO).digest("hex");
  const faults = {
    ["0".repeat(64)]: HELLO,
    ["1".repeat(40)]: TICKS,
    syntax: "query {",
    other: "{ nothing }",
  };
  const documents = new Map(Object.entries({ ...MANIFEST, [sha1]: HELLO, ...faults }));
  await using server = await startServer({
    trustedDocuments: new TrustedDocuments(documents),
    production: true,
  });
  const warnings = server.logs.filter(({ message }) =>
    message.startsWith("The manifest of trusted documents"),
  );
  expect(warnings).toEqual([
    expect.objectContaining({
      level: "warn",
      fields: {
        documents: 8,
        wrongHash: { count: 2, example: expect.stringContaining("it is not the sha256 of its document") },
        syntaxError: { count: 1, example: expect.stringMatching(/^"syntax": Syntax Error/) },
        doesNotFitSchema: { count: 1, example: expect.stringMatching(/^"other": Cannot query field/) },
      },
    }),
  ]);
});

test("a start does not warn of a manifest whose hashes are right", async () => {
  const sha1 = createHash("sha1").update(HELLO).digest("hex");
  const trustedDocuments = new TrustedDocuments(new Map(Object.entries({ ...MANIFEST, [sha1]: HELLO })));
  await using server = await startServer({ trustedDocuments });
  expect(server.logs).toEqual([]);
});

test("a server without them reports it to a client that sends only a hash", async () => {
  await using server = await startServer();
  const reply = await server.post({ documentId: hash(HELLO) });
  expect(reply.status).toBe(400);
  expect(reply.body.errors![0]!.message).toContain("documentId: this server has no trusted documents");
});

test.each([
  ["no file", null, "a readable file (ENOENT)"],
  ["no JSON", "{", "a JSON object of documents by their hash"],
  ["a list", "[]", "a JSON object of documents by their hash"],
  ["another value", '{"x":7}', 'an object of strings, got another value at "x"'],
])("a manifest that is %s is refused at the start", async (_what, text, rule) => {
  await using folder = await tempDir();
  const file = join(folder.path, "documents.json");
  if (text !== null) await writeFile(file, text);
  const read = (): TrustedDocuments => TrustedDocuments.read(file);
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(`trustedDocuments (LOVAGE_TRUSTED_DOCUMENTS): expected ${rule}, in ${file}`);
});
