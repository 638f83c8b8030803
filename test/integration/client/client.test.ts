import { afterAll, beforeAll, expect, expectTypeOf, test } from "vitest";
import { parse } from "graphql";
import { createClient, type LovageClient, type RemoteTask, type TypedDocument } from "../../../src/client.ts";
import { TypedDocumentString } from "../../../src/client/generated/graphql.ts";
import { type Deployment, shared } from "../../support/deployments.ts";
import * as tasks from "../../support/client.tasks.ts";

const TOKEN = "a-token-of-sixteen-characters-or-more";
let deployment: Deployment;
let url: string;
let client: LovageClient<typeof tasks>;

beforeAll(async () => {
  deployment = await shared();
  const app = await deployment.app(Object.values(tasks), ["maintenance", "worker", "server"], {
    token: TOKEN,
  });
  url = app.describe().url!;
  client = createClient<typeof tasks>({ url, token: async () => TOKEN });
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await deployment[Symbol.asyncDispose]();
});

test("the types of a definition reach the caller, by its name and by itself", () => {
  const byName = () => client.enqueue("client.add", { x: 1, y: 2 });
  expectTypeOf<Awaited<ReturnType<typeof byName>>>().toEqualTypeOf<RemoteTask<{ sum: number }>>();
  const byItself = () => createClient({ url }).enqueue(tasks.count, { to: 1 });
  expectTypeOf<Awaited<ReturnType<typeof byItself>>>().toEqualTypeOf<RemoteTask<number>>();
  // @ts-expect-error -- y is missing
  const wrongInput = () => client.enqueue("client.add", { x: 1 });
  // @ts-expect-error -- there is no such definition
  const wrongName = () => client.enqueue("client.ad", { x: 1, y: 2 });
  const untyped = () => createClient({ url }).enqueue("anything.else", { any: 1 });
  expectTypeOf<Awaited<ReturnType<typeof untyped>>>().toEqualTypeOf<RemoteTask<unknown>>();
  for (const call of [byName, byItself, wrongInput, wrongName, untyped]) expect(call).toBeTypeOf("function");
});

test("a task is enqueued with options, awaited and read", async () => {
  const runAt = new Date(Date.now() + 50);
  const task = await client.enqueue(
    "client.add",
    { x: 1, y: 2 },
    { runAt, resultsExpire: "1h", tags: ["t"] },
  );
  expect(await task.result({ timeout: "20s" })).toEqual({ sum: 3 });
  expect(await task.read()).toMatchObject({ id: task.id, name: "client.add", state: "SUCCESS" });
  const many = await client.enqueueMany(tasks.add, [{ input: { x: 1, y: 1 } }, { input: { x: 2, y: 2 } }]);
  expect(await Promise.all(many.map((one) => one.result()))).toEqual([{ sum: 2 }, { sum: 4 }]);
});

test("the same idempotency key finds the same task", async () => {
  const first = await client.enqueue("client.add", { x: 1, y: 2 }, { idempotencyKey: "once" });
  const second = await client.enqueue("client.add", { x: 1, y: 2 }, { idempotencyKey: "once" });
  expect([second.id, first.deduplicated, second.deduplicated]).toEqual([first.id, false, true]);
});

test("events come from the state at the start to the end, and continue behind a cursor", async () => {
  const task = await client.enqueue("client.count", { to: 20 });
  const events = await Array.fromAsync(task.events());
  const steps = events.flatMap(({ emitted }) => (emitted ? [emitted.payload] : []));
  expect(events.at(-1)).toMatchObject({ type: "SUCCEEDED", task: { state: "SUCCESS" } });
  const rest = await Array.fromAsync(task.events({ after: events[2]!.cursor }));
  expect(rest.map(({ cursor }) => cursor)).toEqual(events.slice(3).map(({ cursor }) => cursor));
  expect(steps).toEqual(steps.toSorted((a, b) => Number(a) - Number(b)));
});

test("logs are read from the store, and followed to the end", async () => {
  const task = await client.enqueue("client.add", { x: 7, y: 2 });
  const followed = await Array.fromAsync(task.logs({ follow: true }));
  expect(followed.map(({ message }) => message)).toEqual(["adding 7", "added"]);
  expect(await Array.fromAsync(task.logs())).toEqual(followed);
  expect(await Array.fromAsync(task.logs({ level: "WARN" }))).toEqual(followed.slice(1));
  expect(await Array.fromAsync(task.logs({ after: followed[0]!.cursor }))).toEqual(followed.slice(1));
});

test("a running task is revoked; a wait with a timeout leaves it running", async () => {
  const task = await client.enqueue("client.wait", {});
  await expect(task.result({ timeout: 100 })).rejects.toMatchObject({ name: "WaitTimeoutError" });
  const aborted = new AbortController();
  const waiting = task.result({ signal: aborted.signal });
  aborted.abort(new Error("left the page"));
  await expect(waiting).rejects.toThrow("left the page");
  expect(await task.revoke({ reason: "no longer wanted" })).toBe(true);
  await expect(task.result()).rejects.toMatchObject({ name: "TaskFailedError", state: "REVOKED" });
  expect(await task.read()).toMatchObject({ revokeReason: "no longer wanted" });
});

test("a failure has the type and the message of the task's error as its cause", async () => {
  const task = await client.enqueue("client.fail", null);
  const failure = await task.result().catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: "TaskFailedError", message: "out of paper", type: "RangeError" });
  expect((failure as Error).cause).toMatchObject({ name: "RangeError", message: "out of paper" });
});

test("a refusal names the path and the rule; nothing was enqueued", async () => {
  const refused = client.enqueue("client.add", { x: 1, y: "two" } as never);
  await expect(refused).rejects.toMatchObject({
    name: "RefusedError",
    code: "INVALID_INPUT",
    issues: [{ path: ["input", "args", "y"], message: expect.stringContaining("number") as string }],
  });
  const unknown = createClient({ url, token: TOKEN }).enqueue("client.ad", {});
  await expect(unknown).rejects.toMatchObject({ code: "NOT_REGISTERED" });
  const gone = client.task("01980000-0000-7000-8000-000000000000");
  await expect(gone.read()).rejects.toMatchObject({ name: "RefusedError", code: "NOT_FOUND" });
  await expect(gone.result()).rejects.toMatchObject({ name: "RefusedError", code: "NOT_FOUND" });
});

test("a wrong token and a server that is away fail with their own codes", async () => {
  await using stranger = createClient<typeof tasks>({ url, token: "another" });
  await expect(stranger.enqueue("client.add", { x: 1, y: 2 })).rejects.toMatchObject({
    name: "ClientError",
    code: "UNAUTHENTICATED",
  });
  await expect(stranger.task("01980000-0000-7000-8000-000000000000").events().next()).rejects.toMatchObject({
    code: "UNAUTHENTICATED",
  });
  await using nobody = createClient({ url: "http://127.0.0.1:1", connectAttempts: 1 });
  await expect(nobody.enqueue("client.add", {})).rejects.toMatchObject({ code: "UNREACHABLE" });
  await expect(nobody.task("x").events().next()).rejects.toMatchObject({ code: "UNREACHABLE" });
});

test("a declared error has its name and its data, with types; any other error has none", async () => {
  const task = await client.enqueue("client.withdraw", { amount: 120 });
  const thrown: unknown = await task.result().catch((error: unknown) => error);
  expect(thrown).toMatchObject({
    ...{ name: "TaskFailedError", type: "TooLittle", message: "There is not enough money." },
    declared: { task: "client.withdraw", name: "TooLittle", data: { missing: 20 } },
  });
  const error = client.declaredError("client.withdraw", thrown);
  expectTypeOf(error).toEqualTypeOf<
    | { readonly name: "TooLittle"; readonly data: { missing: number } }
    | { readonly name: "NoAccount"; readonly data: null }
    | null
  >();
  expect(error).toEqual({ name: "TooLittle", data: { missing: 20 } });
  expect(client.declaredError(tasks.add, thrown)).toBeNull();
  const nothing: unknown = await (
    await client.enqueue(tasks.withdraw, { amount: -1 })
  )
    .result()
    .catch((e: unknown) => e);
  expect(client.declaredError(tasks.withdraw, nothing)).toEqual({ name: "NoAccount", data: null });
  const plain: unknown = await (await client.enqueue("client.fail", {})).result().catch((e: unknown) => e);
  expect(plain).toMatchObject({ name: "TaskFailedError", declared: null });
  expect(client.declaredError("client.fail", plain)).toBeNull();
});

test("any document is executed: a string, a typed string, and a syntax tree without its source", async () => {
  const text = "query Version { server { version } }";
  interface Version {
    readonly server: { readonly version: string };
  }
  const typed = new TypedDocumentString<Version, object>(text);
  const tree = parse(text, { noLocation: true }) as TypedDocument<Version, object>;
  for (const document of [typed, tree]) {
    const { server } = await client.query(document, {});
    expectTypeOf(server.version).toBeString();
    expect(server.version).toMatch(/^\d+\.\d+/);
  }
  await expect(client.query("{ nonsense }", {})).rejects.toMatchObject({
    code: "GRAPHQL_VALIDATION_FAILED",
    message: expect.stringContaining("nonsense") as string,
  });
});
