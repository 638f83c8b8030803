import { describe, expect, test } from "vitest";
import { requestRaw } from "../raw-client.ts";
import { openSocket } from "../../../../support/socket-client.ts";
import { request, startServer } from "../test-server.ts";

const json = { "content-type": "application/json" };
const hello = '{"query":"{ hello }"}';
const codeOf = (text: string): unknown => JSON.parse(text).errors[0].extensions.code;

describe("Host", () => {
  test("of loopback passes on any port, others are refused", async () => {
    await using server = await startServer();
    const statusFor = async (host: string) =>
      (await requestRaw(server.port, "POST /graphql", { ...json, host }, hello)).status;
    for (const host of ["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:9999", "[::1]", "[::1]:80"]) {
      expect(await statusFor(host), host).toBe(200);
    }
    for (const host of [
      "evil.example",
      "evil.example:4000",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "192.168.0.1",
      "evil@localhost",
      "localhost:",
      "localhost:x",
    ]) {
      expect(await statusFor(host), host).toBe(403);
    }
  });

  test("is checked on every path and named in the refusal", async () => {
    await using server = await startServer();
    for (const path of ["/graphql", "/healthz", "/graphiql", "/", "/nowhere"]) {
      const reply = await requestRaw(server.port, `GET ${path}`, { host: "evil.example" });
      expect(reply.status, path).toBe(403);
      expect(JSON.parse(reply.text).errors[0].message).toBe(
        'Host "evil.example" is not allowed; add it to LOVAGE_ALLOWED_HOSTS if this server is reached by that name.',
      );
    }
  });

  test("that is missing is a bad request", async () => {
    await using server = await startServer();
    const reply = await requestRaw(server.port, "GET /healthz", { host: "" });
    expect(reply.status).toBe(400);
    expect(codeOf(reply.text)).toBe("BAD_REQUEST");
  });

  test("that is listed passes, with its port only if that is listed", async () => {
    await using server = await startServer({ allowedHosts: ["tasks.example", "other.example:8443"] });
    const statusFor = async (host: string) =>
      (await requestRaw(server.port, "GET /healthz", { host })).status;
    expect(await statusFor("Tasks.Example")).toBe(200);
    expect(await statusFor("tasks.example:81")).toBe(200);
    expect(await statusFor("other.example:8443")).toBe(200);
    expect(await statusFor("other.example")).toBe(403);
  });

  test("may be an address, but no other name, where the server listens on all", async () => {
    await using server = await startServer({ host: "0.0.0.0", token: "t" });
    const statusFor = async (host: string) =>
      (await requestRaw(server.port, "GET /healthz", { host })).status;
    expect(await statusFor("10.1.2.3:4000")).toBe(200);
    expect(await statusFor("[fe80::1]")).toBe(200);
    expect(await statusFor("evil.example")).toBe(403);
  });
});

describe("Origin", () => {
  test("that is absent or the server's own passes, others are refused before anything is done", async () => {
    await using server = await startServer();
    const add = '{"query":"mutation { add(x: 1) }"}';
    const post = (headers: Record<string, string>) =>
      requestRaw(server.port, "POST /graphql", { ...json, ...headers }, add);
    const own = `http://127.0.0.1:${server.port}`;
    expect((await post({})).status).toBe(200);
    expect((await post({ origin: own })).status).toBe(200);
    expect((await post({ origin: "https://localhost", host: "localhost" })).status).toBe(200);
    expect(server.added).toHaveLength(3);
    const foreign = [
      "https://evil.example",
      "null",
      "http://127.0.0.1:1",
      `${own}1`,
      "http://localhost",
      "file://",
      "x",
      `chrome-extension://127.0.0.1:${server.port}`,
    ];
    for (const origin of foreign) {
      const reply = await post({ origin });
      expect(reply.status, origin).toBe(403);
      expect(codeOf(reply.text)).toBe("FORBIDDEN");
      expect(reply.headers).not.toHaveProperty("access-control-allow-origin");
    }
    expect(server.added).toHaveLength(3);
  });

  test("that is listed passes, and its pages may read the reply", async () => {
    const origin = "https://admin.example";
    await using server = await startServer({ allowedOrigins: [`${origin}/`], token: "t" });
    const preflight = await request(`${server.url}/graphql`, { method: "OPTIONS", headers: { origin } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe(origin);
    expect(preflight.headers.get("access-control-allow-headers")).toContain("authorization");
    const reply = await requestRaw(
      server.port,
      "POST /graphql",
      { ...json, origin, authorization: "Bearer t" },
      hello,
    );
    expect(reply.headers).toMatchObject({ "access-control-allow-origin": origin, vary: "origin" });
    const foreign = await request(`${server.url}/graphql`, {
      method: "OPTIONS",
      headers: { origin: "https://evil.example" },
    });
    expect(foreign.status).toBe(403);
  });
});

describe("pages of other sites", () => {
  const query = "/graphql?query=%7B%20hello%20%7D";

  test("cannot GET by a form, a link or an image, nor POST a form", async () => {
    await using server = await startServer();
    for (const site of ["cross-site", "same-site", "new-value"]) {
      const reply = await requestRaw(server.port, `GET ${query}`, { "sec-fetch-site": site });
      expect(reply.status, site).toBe(403);
      expect(codeOf(reply.text)).toBe("FORBIDDEN");
    }
    const form = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    for (const type of ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]) {
      const headers = { ...form, "content-type": type };
      const add = '{"query":"mutation { add(x: 1) }"}';
      expect((await requestRaw(server.port, "POST /graphql", headers, add)).status, type).toBe(403);
      // An old browser may send neither header. No form has the type of JSON.
      const silent = { "content-type": type };
      expect((await requestRaw(server.port, "POST /graphql", silent, add)).status, type).toBe(415);
    }
    expect(server.added).toEqual([]);
    expect(server.contexts).toEqual([]);
  });

  test("exclude pages of this server, the address bar and programs, whose GET runs", async () => {
    await using server = await startServer();
    for (const site of ["same-origin", "none"]) {
      const reply = await requestRaw(server.port, `GET ${query}`, { "sec-fetch-site": site });
      expect(reply.status, site).toBe(200);
    }
    expect(await (await fetch(server.url + query)).json()).toMatchObject({ data: { hello: "world" } });
  });

  test("may link to the address of the API, which redirects to GraphiQL", async () => {
    await using server = await startServer();
    const headers = { "sec-fetch-site": "cross-site", accept: "text/html" };
    expect((await requestRaw(server.port, "GET /graphql", headers)).status).toBe(302);
  });

  test("that are listed may GET, and get the headers that they ask for within a list", async () => {
    const origin = "https://admin.example";
    await using server = await startServer({ allowedOrigins: [origin] });
    const headers = { origin, "sec-fetch-site": "cross-site" };
    const reply = await requestRaw(server.port, `GET ${query}`, headers);
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({ "access-control-allow-origin": origin });
    const preflight = await requestRaw(server.port, "OPTIONS /graphql", {
      ...headers,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type, Traceparent, x-evil",
    });
    expect(preflight.headers).toMatchObject({
      "access-control-allow-headers": "content-type, traceparent",
      "access-control-allow-methods": "GET, POST",
      "access-control-max-age": "7200",
      vary: "origin, access-control-request-headers",
    });
  });
});

describe("a token", () => {
  test("must be shown, and the right one; the wrong one leaves no trace in the log", async () => {
    await using server = await startServer({ token: "secret-token" });
    const post = (authorization?: string) =>
      server.post({ query: "{ who }" }, authorization === undefined ? {} : { authorization });
    const without = await post();
    expect(without.status).toBe(401);
    expect(without.headers.get("www-authenticate")).toBe('Bearer realm="lovage"');
    expect(without.body.errors![0]).toMatchObject({
      message: "This server needs a token; send it as header Authorization: Bearer <token>.",
      extensions: { code: "UNAUTHENTICATED" },
    });
    for (const wrong of [
      "Bearer wrong-token",
      "Bearer secret-toke",
      "Bearer secret-token2",
      "secret-token",
      "Basic secret-token",
      "Bearer",
    ]) {
      const reply = await post(wrong);
      expect(reply.status, wrong).toBe(401);
      expect(reply.headers.get("www-authenticate")).toContain("invalid_token");
    }
    expect((await post("bearer  secret-token")).body.data).toEqual({ who: "token" });
    expect(JSON.stringify(server.logs)).not.toMatch(/secret-token|wrong-token/);
  });

  test("that is refused is seen in the log at warn, and a flood of them is not a flood of records", async () => {
    await using server = await startServer({ token: "secret-token" });
    const warnings = () => server.logs.filter(({ level }) => level === "warn");
    const post = (headers: Record<string, string>) => server.post({ query: "{ who }" }, headers);
    const first = await post({ authorization: "Bearer wrong-token" });
    for (let i = 0; i < 50; i++) await post({ authorization: `Bearer wrong-token-${i}` });
    await using client = await openSocket(server.url);
    client.send({ type: "connection_init", payload: { authorization: "Bearer wrong-token" } });
    expect((await client.closed).code).toBe(4403);
    // Callers that forgot their token do not hide those that guess one.
    const second = await post({});
    expect(warnings().map(({ message }) => message)).toEqual([
      "A login with a wrong token was refused.",
      "A login without a token was refused.",
    ]);
    const from = { transport: "HTTP", address: "127.0.0.1", heldBack: 0 };
    expect(warnings().map(({ fields }) => fields)).toEqual([
      { ...from, requestId: first.headers.get("x-request-id") },
      { ...from, requestId: second.headers.get("x-request-id") },
    ]);
    expect(JSON.stringify(server.logs)).not.toMatch(/secret-token|wrong-token/);
  });

  test("comes before the body is read", async () => {
    await using server = await startServer({ token: "secret-token" });
    expect((await server.post("not JSON")).status).toBe(401);
    expect((await server.post("x".repeat(1024 * 1024 + 1))).status).toBe(401);
  });

  test("is not asked for where none is set", async () => {
    await using server = await startServer();
    expect((await server.post({ query: "{ who }" })).body.data).toEqual({ who: null });
    const ids = server.contexts.map(({ requestId }) => requestId);
    await server.post({ query: "{ who }" });
    expect(server.contexts[1]!.requestId).not.toBe(ids[0]);
  });
});

describe("every reply", () => {
  const routes: [string, number, Record<string, string>][] = [
    ["POST /graphql", 200, {}],
    ["GET /graphql", 400, {}],
    ["PUT /graphql", 405, {}],
    ["OPTIONS /graphql", 204, {}],
    ["GET /healthz", 200, {}],
    ["GET /readyz", 200, {}],
    ["GET /", 302, {}],
    ["GET /graphiql", 404, {}],
    ["GET /favicon.ico", 404, {}],
    ["GET /nowhere", 404, {}],
    ["GET /%zz", 400, {}],
    ["GET /healthz", 403, { host: "evil.example" }],
    ["POST /graphql", 403, { origin: "https://evil.example" }],
  ];

  test.each(routes)("%s with %i has the security headers and its own id", async (line, status, headers) => {
    await using server = await startServer();
    const reply = await requestRaw(
      server.port,
      line,
      { ...json, "x-request-id": "mine", ...headers },
      line.startsWith("POST") ? hello : "",
    );
    expect(reply.status).toBe(status);
    expect(reply.headers).toMatchObject({
      "content-security-policy":
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "x-frame-options": "DENY",
      "cache-control": "no-store",
    });
    expect(reply.headers["x-request-id"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(reply.headers).not.toHaveProperty("x-powered-by");
    if (status >= 400)
      expect(JSON.parse(reply.text).errors[0].extensions.requestId).toBe(reply.headers["x-request-id"]);
  });
});
