import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import { describe, expect, test, vi } from "vitest";
import { tempDir } from "../../../support/temp-dir.ts";
import { requestRaw } from "./raw-client.ts";
import { request, startServer } from "./test-server.ts";

const SCRIPT = "console.log(1);".repeat(200);

async function builtPage() {
  const dir = await tempDir("lovage-page-");
  await mkdir(join(dir.path, "page", "assets"), { recursive: true });
  await writeFile(join(dir.path, "secret.txt"), "hunter2");
  await writeFile(join(dir.path, "page", "index.html"), "<!doctype html><title>GraphiQL</title>");
  await writeFile(join(dir.path, "page", "assets", "index-abc.js"), SCRIPT);
  await writeFile(join(dir.path, "page", "assets", "index-abc.js.br"), brotliCompressSync(SCRIPT));
  await writeFile(join(dir.path, "page", "assets", "icon-abc.svg"), "<svg/>");
  return { path: join(dir.path, "page"), [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose]() };
}

describe("GraphiQL", () => {
  test("is where / and a browser's visit of the API lead to", async () => {
    await using server = await startServer();
    for (const [path, headers] of [
      ["/", {}],
      ["/graphql", { accept: "text/html,*/*;q=0.8" }],
    ] as const) {
      const reply = await request(server.url + path, { headers });
      expect(reply.status).toBe(302);
      expect(reply.headers.get("location")).toBe("/graphiql");
    }
  });

  test("is a page under a strict policy, revalidated each time", async () => {
    await using page = await builtPage();
    await using server = await startServer({ graphiqlDir: page.path, token: "t", production: true });
    for (const path of ["/graphiql", "/graphiql/", "/graphiql?x=1"]) {
      const reply = await fetch(server.url + path);
      expect(reply.status).toBe(200);
      expect(reply.headers.get("content-type")).toMatch(/^text\/html/);
      expect(reply.headers.get("cache-control")).toBe("no-cache");
      const host = `127.0.0.1:${server.port}`;
      const policy = reply.headers.get("content-security-policy")!.split("; ");
      expect(policy).toEqual(
        expect.arrayContaining([
          "default-src 'none'",
          "script-src 'self'",
          `connect-src 'self' ws://${host} wss://${host}`,
          "frame-ancestors 'none'",
        ]),
      );
      expect(await reply.text()).toContain("GraphiQL");
    }
  });

  test("has assets that are cached forever, compressed for clients that accept it", async () => {
    await using page = await builtPage();
    await using server = await startServer({ graphiqlDir: page.path });
    const path = "/graphiql/assets/index-abc.js";
    const small = await requestRaw(server.port, `GET ${path}`, { "accept-encoding": "gzip, br" });
    expect(small.headers).toMatchObject({
      "content-encoding": "br",
      "cache-control": "public, max-age=31536000, immutable",
      vary: "accept-encoding",
      "x-content-type-options": "nosniff",
    });
    expect(small.headers["content-type"]).toMatch(/javascript/);
    expect(Number(small.headers["content-length"])).toBeLessThan(SCRIPT.length);
    const response = await fetch(server.url + path, { headers: { "accept-encoding": "identity" } });
    expect(response.headers.get("content-encoding")).toBeNull();
    expect(await response.text()).toBe(SCRIPT);
    const raw = await fetch(server.url + path, { headers: { "accept-encoding": "br" } });
    expect(await raw.text()).toBe(brotliDecompressSync(brotliCompressSync(SCRIPT)).toString());
    expect((await fetch(`${server.url}/graphiql/assets/icon-abc.svg`)).headers.get("content-type")).toMatch(
      /svg/,
    );
  });

  test.each([
    "/graphiql/../secret.txt",
    "/graphiql/..%2fsecret.txt",
    "/graphiql/%2e%2e/secret.txt",
    "/graphiql/assets/..%2f..%2fsecret.txt",
    "/graphiql/assets/....//....//secret.txt",
    "/graphiql//etc/passwd",
    "/graphiql/assets/index-abc.js%00.svg",
    "/graphiql/assets/",
    "/graphiql/assets/missing.js",
    "/graphiql/assets/index-abc.js.br",
  ])("does not serve %s", async (path) => {
    await using page = await builtPage();
    await using server = await startServer({ graphiqlDir: page.path });
    const reply = await requestRaw(server.port, `GET ${path}`);
    expect([400, 403, 404]).toContain(reply.status);
    expect(reply.text).not.toContain("hunter2");
    expect(JSON.parse(reply.text).errors[0].extensions.requestId).toBe(reply.headers["x-request-id"]);
    expect(reply.headers["cache-control"]).toBe("no-store");
  });

  test("reports why it is missing", async () => {
    await using unbuilt = await startServer();
    const messageOf = async (url: string) => (await request(`${url}/graphiql`)).body.errors![0]!.message;
    expect(await messageOf(unbuilt.url)).toBe(
      "GraphiQL is not built; run npm run build. The API itself is at /graphql.",
    );
    await using page = await builtPage();
    await using open = await startServer({ graphiqlDir: page.path, production: true });
    expect(await messageOf(open.url)).toBe(
      "GraphiQL is off in production without a token; set LOVAGE_TOKEN.",
    );
    expect((await request(`${open.url}/graphiql/assets/index-abc.js`)).status).toBe(404);
  });
});

describe("health", () => {
  const sick = {
    ok: false,
    parts: { database: { ok: false, reason: "ECONNREFUSED 10.0.0.7" }, broker: { ok: true } },
  };

  test("is 200 or 503 by the report, without a token", async () => {
    await using server = await startServer({
      token: "t",
      health: { live: async () => ({ ok: true, parts: {} }), ready: async () => sick },
    });
    const live = await request(`${server.url}/healthz`);
    expect([live.status, live.text]).toEqual([200, '{"ok":true,"parts":{}}']);
    const ready = await request(`${server.url}/readyz`);
    expect(ready.status).toBe(503);
    expect(ready.body).toEqual(sick);
  });

  test("shows reasons only to this machine and to holders of the token", async () => {
    await using server = await startServer({
      token: "t",
      health: { live: async () => sick, ready: async () => sick },
    });
    const through = { "x-forwarded-for": "203.0.113.9" };
    const outside = await request(`${server.url}/readyz`, { headers: through });
    expect(outside.body).toEqual({ ok: false, parts: { database: { ok: false }, broker: { ok: true } } });
    const inside = await request(`${server.url}/readyz`, {
      headers: { ...through, authorization: "Bearer t" },
    });
    expect(inside.body).toEqual(sick);
  });

  test("that fails or hangs is 503 and no more", async () => {
    await using server = await startServer({
      health: {
        live: () => Promise.reject(new Error("password=hunter2")),
        ready: () => new Promise(() => undefined),
      },
      limits: { healthTimeoutMs: 20 },
    });
    const live = await request(`${server.url}/healthz`);
    expect(live.status).toBe(503);
    expect(live.text).not.toContain("hunter2");
    const ready = await request(`${server.url}/readyz`);
    expect(ready.text).toContain("took longer than 20 ms");
  });
});

describe("other paths", () => {
  test("are 404 as JSON, and methods that don't fit 405", async () => {
    await using server = await startServer();
    const nowhere = await request(`${server.url}/nowhere`, { method: "POST", body: "x" });
    expect(nowhere.status).toBe(404);
    expect(nowhere.body.errors![0]!.message).toBe("There is nothing at this path; the API is at /graphql.");
    const wrong = await request(`${server.url}/healthz`, { method: "DELETE" });
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get("allow")).toBe("GET, HEAD");
    expect((await request(`${server.url}/healthz`, { method: "HEAD" })).status).toBe(200);
  });

  test("each request leaves one debug line, without its query string", async () => {
    await using server = await startServer();
    const reply = await request(`${server.url}/nowhere?token=secret`);
    await vi.waitFor(() => expect(server.logs).not.toEqual([]));
    expect(server.logs).toEqual([
      {
        level: "debug",
        message: "Request",
        fields: {
          requestId: reply.headers.get("x-request-id"),
          method: "GET",
          path: "/nowhere",
          status: 404,
          ms: expect.any(Number),
        },
      },
    ]);
  });

  test("the line contains the duration of the request", async () => {
    await using server = await startServer({ limits: { operationTimeoutMs: 80 } });
    await server.post({ query: "{ never }" });
    const record = await vi.waitFor(() => server.logs.find(({ message }) => message === "Request")!);
    expect(record.fields.ms).toBeGreaterThanOrEqual(79);
    expect(record.fields.ms).toBeLessThan(10_000);
  });
});
