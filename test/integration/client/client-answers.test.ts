import { createServer, type OutgoingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient, type LovageClient } from "../../../src/client.ts";
import type { AnyTaskDefinition } from "../../../src/task/definition/definition.ts";

/** What another program, or a gateway before the server, answers. */
interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: OutgoingHttpHeaders;
}

let next: Answer;
let authorization: string | undefined;
const server = createServer((request, response) => {
  ({ authorization } = request.headers);
  request.resume();
  request.on("end", () => response.writeHead(next.status, next.headers).end(next.body));
});
let url: string;
let client: LovageClient<Readonly<Record<string, AnyTaskDefinition>>>;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = createClient({ url });
});
afterAll(() => server.close());

const HTML = "<html>Bad Gateway</html>";

test.each([
  { status: 502, body: HTML, code: "UNREACHABLE" },
  { status: 503, body: '{"message":"no upstream"}', headers: { "retry-after": "7" }, code: "UNREACHABLE" },
  { status: 500, body: '{"errors":"x"}', code: "UNREACHABLE" },
  { status: 429, body: '{"errors":["slow down"]}', headers: { "retry-after": "7" }, code: "RATE_LIMITED" },
  { status: 429, body: HTML, code: "RATE_LIMITED" },
  { status: 404, body: HTML, code: "NOT_LOVAGE" },
  { status: 200, body: HTML, code: "NOT_LOVAGE" },
  { status: 200, body: '{"errors":"x"}', code: "NOT_LOVAGE" },
  { status: 200, body: '{"data":"x"}', code: "NOT_LOVAGE" },
  { status: 302, body: "", headers: { location: "/login" }, code: "NOT_LOVAGE" },
])("HTTP $status with $body is $code", async ({ code, ...answer }) => {
  next = answer;
  const retryAfterMs = answer.headers?.["retry-after"] ? 7_000 : null;
  await expect(client.query("{ server { version } }", {})).rejects.toMatchObject({
    ...{ name: "ClientError", code, status: answer.status, retryAfterMs },
  });
});

test.each(['{"data":{"foo":1}}', '{"data":{"enqueueTask":{"errors":[]},"task":5}}'])(
  "data without the fields of the request is NOT_LOVAGE: %s",
  async (body) => {
    next = { status: 200, body };
    await expect(client.enqueue("any", {})).rejects.toMatchObject({ code: "NOT_LOVAGE" });
  },
);

test("a missing field is not a missing task", async () => {
  next = { status: 200, body: '{"data":{"foo":1}}' };
  await expect(client.task("x").read()).rejects.toMatchObject({ name: "ClientError", code: "NOT_LOVAGE" });
  await expect(client.task("x").revoke()).rejects.toMatchObject({ code: "NOT_LOVAGE" });
  await expect(client.task("x").logs().next()).rejects.toMatchObject({ code: "NOT_LOVAGE" });
});

test("a token function that returns undefined sends no token", async () => {
  next = { status: 200, body: '{"data":{}}' };
  await createClient({ url, token: () => "a-token" }).query("{ __typename }", {});
  expect(authorization).toBe("Bearer a-token");
  await createClient({ url, token: () => undefined }).query("{ __typename }", {});
  expect(authorization).toBeUndefined();
});
