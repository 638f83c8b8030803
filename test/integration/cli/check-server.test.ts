import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { checkServer } from "../../../src/cli/doctor/check-server.ts";
import { freePort } from "../../support/servers/free-port.ts";

/** A server that says so much to holders of the token `t`, and no reasons to others. */
async function ask(status: number, body: unknown, token: string | null = "t") {
  const server = createServer((request, response) => {
    const known = request.headers.authorization === "Bearer t";
    const text = JSON.stringify(body, (key, value: unknown) =>
      key === "reason" && !known ? undefined : value,
    );
    response.writeHead(request.url === "/readyz" ? status : 404, { connection: "close" });
    response.end(typeof body === "string" ? body : text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const findings = await checkServer({ url, token, named: true });
  return findings.map(({ verdict, what }) => `${verdict}: ${what.replace(url, "URL")}`);
}

const sick = {
  ok: false,
  parts: {
    database: { ok: false, reason: "no answer within 3 s" },
    broker: { ok: true },
    dispatcher: { ok: false, reason: "hangs" },
  },
};

test("a server whose parts are all healthy is ready", async () => {
  expect(await ask(200, { ok: true, parts: { database: { ok: true } } })).toEqual([
    "good: the server at URL is ready.",
  ]);
});

test("each part that is not ready is reported with its reason", async () => {
  expect(await ask(503, sick)).toEqual([
    "bad: the server at URL is not ready: database: no answer within 3 s.",
    "bad: the server at URL is not ready: dispatcher: hangs.",
  ]);
});

test("without the token the parts are reported, and how to learn more", async () => {
  expect((await ask(503, sick, null))[0]).toBe(
    "bad: the server at URL is not ready: database: it shows the reason to holders of its token.",
  );
});

test.each([
  ["<html>", 200],
  ["null", 200],
  ['{"ok":true,"parts":null}', 200],
  ["", 502],
])("an answer that is not Lovage's is quoted: %j", async (body, status) => {
  expect(await ask(status, body)).toEqual([`bad: URL/readyz answered HTTP ${status}: ${body}`]);
});

test("a server that does not run is bad where it was named", async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const verdictOf = async (named: boolean) => (await checkServer({ url, token: null, named }))[0];
  expect(await verdictOf(true)).toMatchObject({
    verdict: "bad",
    what: `no server at ${url} (ECONNREFUSED).`,
  });
  expect(await verdictOf(false)).toMatchObject({ verdict: "warning" });
});

test("a server that accepts the request and sends no reply is bad, and not taken for one that does not run", async () => {
  const server = createServer(() => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [found] = await checkServer({ url, token: null, named: false, timeoutMs: 100 });
  expect(found).toMatchObject({ verdict: "bad", what: `the server at ${url} did not answer within 0.1 s.` });
});
