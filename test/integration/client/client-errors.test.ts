import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createClient, type LovageClient } from "../../../src/client.ts";
import type { AnyTaskDefinition } from "../../../src/task/definition/definition.ts";
import { type Deployment, shared } from "../../support/deployments.ts";
import * as tasks from "../../support/client.tasks.ts";

const TOKEN = "a-token-of-sixteen-characters-or-more";
const MISSING = "01980000-0000-7000-8000-000000000000";
let deployment: Deployment;
let url: string;
let client: LovageClient<typeof tasks>;
/** Accepts any name and any input. */
let untyped: LovageClient<Readonly<Record<string, AnyTaskDefinition>>>;

beforeAll(async () => {
  deployment = await shared();
  const app = await deployment.app(Object.values(tasks), ["maintenance", "worker", "server"], {
    token: TOKEN,
  });
  url = app.describe().url!;
  client = createClient<typeof tasks>({ url, token: TOKEN });
  untyped = createClient({ url, token: TOKEN });
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await deployment[Symbol.asyncDispose]();
});

describe("a disposed client", () => {
  const CLOSED = { name: "ClientError", code: "CONNECTION_CLOSED", message: "The client was disposed." };

  test("ends its waits, and refuses later calls", async () => {
    const short = createClient<typeof tasks>({ url, token: TOKEN });
    const task = await short.enqueue("client.wait", {});
    const events = task.events();
    // The WebSocket is open.
    expect(await events.next()).toMatchObject({ done: false });
    const waits = [task.result(), Array.fromAsync(events), Array.fromAsync(task.logs({ follow: true }))];
    const settled = Promise.allSettled(waits);
    await short[Symbol.asyncDispose]();
    const reason = expect.objectContaining(CLOSED) as unknown;
    expect(await settled).toEqual(waits.map(() => ({ status: "rejected", reason })));
    await expect(short.enqueue("client.wait", {})).rejects.toMatchObject(CLOSED);
    await expect(short.task(task.id).read()).rejects.toMatchObject(CLOSED);
    await expect(short.task(task.id).result()).rejects.toMatchObject(CLOSED);
    await client.task(task.id).revoke();
  });

  test("ends a wait between two tries to connect", async () => {
    const nobody = createClient({ url: "http://127.0.0.1:1" });
    const waiting = nobody.task(MISSING).result();
    const settled = expect(waiting).rejects.toMatchObject(CLOSED);
    await expect(nobody.task(MISSING).read()).rejects.toMatchObject({ code: "UNREACHABLE" });
    await nobody[Symbol.asyncDispose]();
    await settled;
  });

  test("does not wait for a server that accepts the connection and sends nothing", async () => {
    const silent = createServer((socket) => socket.on("error", () => undefined).resume());
    const accepted = once(silent, "connection");
    await once(silent.listen(0, "127.0.0.1"), "listening");
    const { port } = silent.address() as AddressInfo;
    const waiting = createClient({ url: `http://127.0.0.1:${port}` });
    const settled = expect(waiting.task(MISSING).result()).rejects.toMatchObject(CLOSED);
    const [socket] = (await accepted) as [Socket];
    const closed = once(socket, "close");
    await waiting[Symbol.asyncDispose]();
    await settled;
    await closed;
    silent.close();
  });
});

describe("a value that JSON would lose is refused with its path", () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const cases: readonly (readonly [string, unknown, readonly string[], string])[] = [
    ["NaN", { d: NaN }, ["d"], "is NaN, which JSON cannot hold."],
    ["a Map", { m: new Map([[1, 2]]) }, ["m"], "is a Map, which JSON cannot hold."],
    ["a function", { list: [() => 1] }, ["list", "0"], "is a function, which JSON cannot hold."],
    ["a BigInt", { d: 1n }, ["d"], "is a bigint, which JSON cannot hold."],
    ["a cycle", cycle, ["self", "self", "self", "self"], "is nested more than 32 deep, or refers to itself."],
  ];
  test.each(cases)("%s", async (_name, input, path, message) => {
    const error = { code: "INVALID_INPUT", path: ["input", "args", ...path], message };
    await expect(untyped.enqueue("client.wait", input)).rejects.toMatchObject({
      name: "RefusedError",
      issues: [error],
    });
  });

  test("also in options, and in every item of enqueueMany", async () => {
    await expect(client.enqueue("client.wait", {}, { delay: NaN })).rejects.toMatchObject({
      name: "RefusedError",
      issues: [{ path: ["input", "options", "delay"], message: "is NaN, which JSON cannot hold." }],
    });
    const items = [{ input: {} }, { input: { d: NaN } as never }, { input: { d: 1n } as never }];
    await expect(client.enqueueMany("client.wait", items)).rejects.toMatchObject({
      issues: [
        { path: ["input", "tasks", "1", "args", "d"] },
        { path: ["input", "tasks", "2", "args", "d"] },
      ],
    });
  });
});

test("options of other names and types are refused as app.enqueue refuses them", async () => {
  const options = { delay: "soon", foo: 1 } as never;
  await expect(client.enqueue("client.wait", {}, options)).rejects.toMatchObject({
    name: "RefusedError",
    issues: [
      { path: ["input", "options", "foo"], message: "is not an option of a call." },
      {
        path: ["input", "options", "delay"],
        message: expect.stringMatching(/^expected .*got "soon"\.$/) as string,
      },
    ],
  });
  for (const runAt of [new Date(NaN), "tomorrow"])
    await expect(
      client.enqueueMany("client.wait", [{ input: {}, options: { runAt: runAt as never } }]),
    ).rejects.toMatchObject({ issues: [{ path: ["input", "tasks", "0", "options", "runAt"] }] });
});

test("the message of a refusal has each path once", async () => {
  const refused = untyped.enqueue("client.add", { x: 1, y: "two" });
  await expect(refused).rejects.toThrow(/^input\.args\.y: Invalid input/);
});

test("a task that does not exist has one error", async () => {
  const gone = client.task(MISSING);
  const calls = [
    gone.read(),
    gone.result(),
    gone.events().next(),
    gone.logs().next(),
    gone.logs({ follow: true }).next(),
  ];
  const errors = await Promise.all(calls.map((call) => call.catch((error: unknown) => error)));
  expect(errors).toEqual(errors.map(() => errors[0]));
  expect(errors[0]).toMatchObject({
    name: "RefusedError",
    code: "NOT_FOUND",
    message: `Task ${MISSING} does not exist, or this token may not read it. A task is deleted after its retention.`,
  });
});

test("the reason of a signal that aborts is thrown by every iteration", async () => {
  const task = await client.enqueue("client.wait", {});
  const leaving = new AbortController();
  const { signal } = leaving;
  const events = task.events({ signal });
  expect(await events.next()).toMatchObject({ done: false });
  const rest = [Array.fromAsync(events), Array.fromAsync(task.logs({ follow: true, signal }))];
  const reason = new Error("left the page");
  const settled = Promise.allSettled([...rest, task.events({ signal }).next()]);
  leaving.abort(reason);
  expect(await settled).toEqual([1, 2, 3].map(() => ({ status: "rejected", reason })));
  await expect(task.events({ signal }).next()).rejects.toBe(reason);
  await task.revoke();
});

describe("a token that a header cannot hold", () => {
  test("is refused, and not shown", async () => {
    const secret = "first-part\nsecond-part";
    const rule = /^(?:createClient: )?token: expected visible ASCII characters .*line breaks and spaces\.$/;
    expect(() => createClient({ url, token: secret })).toThrow(rule);
    await using late = createClient({ url, token: () => secret });
    await expect(late.task(MISSING).read()).rejects.toThrow(rule);
    await expect(late.task(MISSING).result()).rejects.toThrow(rule);
    await expect(late.task(MISSING).read()).rejects.not.toThrow("part");
  });

  test("must be a string", () => {
    expect(() => createClient({ url, token: 5 as never })).toThrow("got a value of type number.");
    expect(() => createClient({ url, token: undefined })).not.toThrow();
  });
});

test("createClient names the option that is wrong", () => {
  const make = (options?: unknown) => () => createClient(options as never);
  expect(make()).toThrow("createClient: url: expected an http or https URL");
  expect(make({ url: "localhost:4100" })).toThrow(/^createClient: url: .*got "localhost:4100"\.$/);
  expect(make({ url: "ftp://example.com" })).toThrow(/^createClient: url: .*got "ftp:\/\/example.com"\.$/);
  expect(make({ url: "http://ada:secret@example.com" })).toThrow(/^createClient: url: (?!.*secret)/);
  expect(make({ url, connectAttempts: 0 })).toThrow(
    "createClient: connectAttempts: expected an integer from 1, got 0.",
  );
});

test("a timeout that a timer cannot hold is refused", async () => {
  await expect(client.task(MISSING).result({ timeout: "400d" })).rejects.toThrow(
    'timeout: expected at most 24 days, got "400d".',
  );
});

test("a request of more than 1 MiB is refused by its size", async () => {
  const items = Array.from({ length: 5 }, () => ({ input: { note: "x".repeat(250 * 1024) } }));
  await expect(untyped.enqueueMany("client.wait", items)).rejects.toMatchObject({
    ...{ name: "ClientError", code: "PAYLOAD_TOO_LARGE", status: 413 },
  });
  await expect(untyped.enqueue("client.wait", { note: "x".repeat(300 * 1024) })).rejects.toMatchObject({
    name: "RefusedError",
    issues: [{ path: ["input", "args"], message: "is 301 KiB; the limit is 256 KiB." }],
  });
});
