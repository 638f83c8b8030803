import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSocketServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { freePort } from "../../support/servers/free-port.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { runCli } from "../../support/run-cli.ts";

const ID = "01980000-0000-7000-8000-000000000000";
const TOKEN = "k7Qw-2fXz9Lm4RtB";
const folder = await tempDir();
afterAll(() => folder[Symbol.asyncDispose]());

async function listen(server: Server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

function answer(status: number, body: unknown): RequestListener {
  return (request, response) => {
    request.resume();
    response.writeHead(status, {
      "content-type": typeof body === "string" ? "text/html" : "application/json",
      connection: "close",
    });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

function errors(code: string, message: string, extensions: object = {}): unknown {
  return { errors: [{ message, extensions: { code, ...extensions } }] };
}

describe.concurrent("a client command", () => {
  test.each<[what: string, listener: RequestListener, exitCode: number, message: RegExp]>([
    ["asks for a token", answer(401, "no"), 77, /\/graphql requires a token\. Set LOVAGE_TOKEN or --token/],
    [
      "refuses the token",
      answer(401, errors("UNAUTHENTICATED", "The token is not valid.")),
      77,
      /^✗ The token is not valid\. Set LOVAGE_TOKEN/,
    ],
    [
      "forbids it",
      answer(200, errors("FORBIDDEN", "You may not see this.")),
      4,
      /^✗ You may not see this\.\n$/,
    ],
    ["refuses the host", answer(403, "no"), 4, /refused this request \(HTTP 403\)/],
    [
      "is no Lovage",
      answer(200, "<html>"),
      69,
      /is not a Lovage server: it answered HTTP 200, text\/html\. Another program may use that port\./,
    ],
    [
      "has no database",
      answer(503, errors("SERVICE_UNAVAILABLE", "The database does not answer.")),
      69,
      /^✗ The database does not answer\.\n$/,
    ],
    [
      "fails",
      answer(200, errors("INTERNAL_SERVER_ERROR", "Something broke.", { requestId: "r1" })),
      70,
      /See request r1 in the server's log\.\n$/,
    ],
    [
      "does not know the field",
      answer(400, errors("GRAPHQL_VALIDATION_FAILED", "No field x.")),
      70,
      /may have another version/,
    ],
  ])("reports when the server %s", async (_what, listener, exitCode, message) => {
    await using server = await listen(createServer(listener));
    const run = await runCli(["tasks", "--url", server.url], { cwd: folder.path });
    expect(run.stderr).toMatch(message);
    expect({ exitCode: run.exitCode, stdout: run.stdout }).toEqual({ exitCode, stdout: "" });
  });

  test("reports that no server listens, as text and as JSON", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const [text, json] = await Promise.all([
      runCli(["queues"], { cwd: folder.path, env: { LOVAGE_URL: url } }),
      runCli(["queues", "--json", "--url", url], { cwd: folder.path }),
    ]);
    expect(text).toEqual({
      exitCode: 69,
      stdout: "",
      stderr: `✗ cannot reach ${url}/graphql (ECONNREFUSED). Start it with \`lovage up\`, or set --url.\n`,
    });
    expect(JSON.parse(json.stderr)).toMatchObject({
      code: "UNREACHABLE",
      hint: "Start it with `lovage up`, or set --url.",
    });
  });

  test("does not wait for a server that accepts the connection and sends nothing", async () => {
    const sockets = createSocketServer((socket) => socket.on("error", () => undefined).resume());
    await using server = await listen(sockets);
    const { exitCode, stderr } = await runCli(["workers", "--url", server.url], { cwd: folder.path });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 75,
      stderr: `✗ ${server.url}/graphql did not answer within 5 s.\n`,
    });
  });

  test("sends the token, and prints only JSON on stdout", async () => {
    const seen: (string | undefined)[] = [];
    await using server = await listen(
      createServer((request, response) => {
        seen.push(request.headers.authorization);
        answer(200, { data: { queues: [] } })(request, response);
      }),
    );
    const env = { LOVAGE_TOKEN: TOKEN, LOVAGE_URL: `${server.url}/graphql` };
    const { exitCode, stdout } = await runCli(["queues", "--json"], { cwd: folder.path, env });
    expect({ exitCode, stdout, seen }).toEqual({
      exitCode: 0,
      stdout: "[]\n",
      seen: [`Bearer ${TOKEN}`],
    });
  });

  test.each([
    // Whose token, whose address: what a folder's .env says is somebody else's.
    ["LOVAGE_URL=%s", { LOVAGE_TOKEN: TOKEN }, [], false],
    ["LOVAGE_URL=%s", {}, ["--token", TOKEN], false],
    ["LOVAGE_URL=%s\nNODE_TLS_REJECT_UNAUTHORIZED=0", { LOVAGE_TOKEN: TOKEN }, ["--json"], false],
    [`LOVAGE_URL=%s\nLOVAGE_TOKEN=${TOKEN}`, {}, [], true],
    [`LOVAGE_TOKEN=${TOKEN}`, {}, ["--url", "%s"], true],
    ["LOVAGE_URL=http://127.0.0.1:1", { LOVAGE_TOKEN: TOKEN }, ["--url", "%s"], true],
  ])(
    "sends the token where it may go: .env %j, environment %j, flags %j: %s",
    async (file, env, flags, sent) => {
      const seen: (string | undefined)[] = [];
      await using server = await listen(
        createServer((request, response) => {
          seen.push(request.headers.authorization);
          answer(200, { data: { queues: [] } })(request, response);
        }),
      );
      await using own = await tempDir();
      await writeFile(join(own.path, ".env"), file.replace("%s", server.url));
      const args = ["queues", ...flags.map((flag) => flag.replace("%s", server.url))];
      const { exitCode, stderr } = await runCli(args, { cwd: own.path, env });
      expect(seen).toEqual(sent ? [`Bearer ${TOKEN}`] : []);
      expect(exitCode).toBe(sent ? 0 : 78);
      if (!sent)
        expect(stderr).toMatch(
          /url \(LOVAGE_URL\) comes from the file \.env .* with --url or in the environment/,
        );
    },
  );

  test("takes nothing from .env that changes how Node checks certificates", async () => {
    await using own = await tempDir();
    await writeFile(
      join(own.path, ".env"),
      "NODE_TLS_REJECT_UNAUTHORIZED=0\nLOVAGE_URL=https://127.0.0.1:1\n",
    );
    const { stderr } = await runCli(["queues"], { cwd: own.path });
    expect(stderr).not.toContain("NODE_TLS_REJECT_UNAUTHORIZED");
    expect(stderr).toMatch(/127\.0\.0\.1:1/);
  });

  test.each([
    ["QUEUED", [], true],
    ["QUEUED", [{ definitions: ["other"] }], true],
    ["QUEUED", [{ definitions: ["a.b"] }], false],
    ["SUCCESS", [], false],
  ])(
    "reports of a %s task whether a live worker of %j knows it: not so: %s",
    async (state, workers, told) => {
      const task = { id: ID, name: "a.b", state, tags: [], args: {}, progress: null, error: null };
      await using server = await listen(createServer(answer(200, { data: { task, workers } })));
      const { stdout, stderr } = await runCli(["task", ID, "--url", server.url], { cwd: folder.path });
      expect(stdout).toContain("a.b");
      expect(/^! No live worker has the definition of a\.b: the task waits\./m.test(stderr)).toBe(told);
    },
  );

  test("refuses an id that is none before it asks a server", async () => {
    const { exitCode, stderr } = await runCli(["task", "42"], { cwd: folder.path });
    expect(exitCode).toBe(65);
    expect(stderr).toMatch(/^✗ id: expected a UUID such as [0-9a-f-]{36}, got "42"\.$/m);
  });

  test("refuses args that are not JSON before it asks a server", async () => {
    const { exitCode, stderr } = await runCli(["call", "demo.add", "{x:1}"], { cwd: folder.path });
    expect(exitCode).toBe(65);
    expect(stderr).toMatch(/^✗ args: expected JSON, got "\{x:1\}"\. .*\. Quote it for the shell/);
  });

  test("shows, of args that are not JSON, how the shell changed them, and none of their values", async () => {
    const args = '{"user":"ada", "password": hunter2 and more}';
    const { stderr } = await runCli(["call", "demo.add", args], { cwd: folder.path });
    expect(stderr).toMatch(/^✗ args: expected JSON, got ".*"\. Unexpected token 'h'\. Quote it/);
    expect(stderr).not.toMatch(/hunter|more/);
  });
});
