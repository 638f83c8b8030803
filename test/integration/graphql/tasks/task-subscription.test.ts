import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { newId } from "../../../../src/lib/uuid.ts";
import { type Api, type Loose, openApi } from "../api.ts";
import { DEFINITIONS } from "../definitions.ts";
import { BOOM, Lifecycle } from "../lifecycle.ts";

let api: Api;
beforeAll(async () => void (api = await openApi(DEFINITIONS, 100)));
afterAll(() => api[Symbol.asyncDispose]());

const FIELDS = `id state attempt result error { message } progress { percent message } attempts { number state } args`;
const WATCH = `subscription ($id: ID!, $after: String) { task(id: $id, after: $after) {
  __typename
  ... on TaskUpdate { cursor at type task { ${FIELDS} } }
  ... on StreamReset { cursor reason }
  ... on StreamHeartbeat { cursor at }
} }`;
/** Only columns that events carry. */
const SMALL = `subscription ($id: ID!, $after: String) { task(id: $id, after: $after) {
  ... on TaskUpdate { cursor type task { state attempt name queueName tags createdAt } } } }`;

async function enqueue(options = {}): Promise<string> {
  const mutation = `mutation ($options: EnqueueOptions) { enqueueMathAdd(input: { x: 1, y: 2 }, options: $options) { task { id } } }`;
  const { enqueueMathAdd } = await api.data(mutation, { options });
  await api.services.publisher.flush();
  return enqueueMathAdd.task.id as string;
}

/** The next message that is no heartbeat. */
async function nextUpdate(watcher: { next(): Promise<Loose> }): Promise<Loose> {
  for (;;) {
    const message = await watcher.next();
    if (message.__typename !== "StreamHeartbeat") return message;
  }
}

test("sends the state now, then every change, and ends after a final state", async () => {
  const lifecycle = await Lifecycle.begin(api);
  const id = await enqueue();
  const watcher = await api.watch(WATCH, { id });
  expect(await watcher.next()).toMatchObject({
    __typename: "TaskUpdate",
    type: "QUEUED",
    task: { id, state: "QUEUED", attempt: 0, result: null, attempts: [], args: { x: 1, y: 2 } },
  });
  const first = await lifecycle.start(id);
  await lifecycle.progress(first, 1, 2, "half");
  await lifecycle.retry(first, 0);
  await api.data(`mutation ($id: ID!) { runTasksNow(input: { select: { ids: [$id] } }) { affectedCount } }`, {
    id,
  });
  const second = await lifecycle.start(id);
  await lifecycle.succeed(second, 42);
  const told = [];
  for (let count = 0; count < 6; count += 1) told.push(await nextUpdate(watcher));
  expect(told.map((update) => [update.type, update.task.state])).toEqual([
    ["STARTED", "STARTED"],
    ["PROGRESS", "STARTED"],
    ["RETRYING", "RETRY"],
    ["QUEUED", "QUEUED"],
    ["STARTED", "STARTED"],
    ["SUCCEEDED", "SUCCESS"],
  ]);
  expect(await watcher.ended()).toBe(true);
  // The row was done long before these were read: what each shows is still what was so at its time.
  expect(told[0].task).toMatchObject({
    result: null,
    attempt: 1,
    attempts: [{ number: 1, state: "STARTED" }],
  });
  expect(told[1].task.progress).toEqual({ percent: 50, message: "half" });
  expect(told[2].task).toMatchObject({
    result: null,
    error: { message: BOOM.message },
    attempts: [{ number: 1, state: "RETRY" }],
  });
  expect(told[4].task).toMatchObject({
    result: null,
    error: null,
    attempts: [{ number: 1 }, { number: 2, state: "STARTED" }],
  });
  expect(told[5].task).toMatchObject({
    result: 42,
    attempts: [{ number: 1 }, { number: 2, state: "SUCCESS" }],
  });
});

test("`after` replays missed events, without gaps and doubles", async () => {
  const lifecycle = await Lifecycle.begin(api);
  const id = await enqueue();
  const watcher = await api.watch(WATCH, { id });
  const { cursor } = await watcher.next();
  await watcher.leave();
  const task = await lifecycle.start(id);
  await api.services.publisher.flush();
  const resumed = await api.watch(WATCH, { id, after: cursor });
  expect(await resumed.next()).toMatchObject({ type: "STARTED", task: { state: "STARTED" } });
  await lifecycle.fail(task);
  const last = await nextUpdate(resumed);
  expect(last).toMatchObject({ type: "FAILED", task: { error: { message: BOOM.message }, result: null } });
  expect(await resumed.ended()).toBe(true);
});

test("events that a task emits arrive in order, each of them, and are replayed", async () => {
  const lifecycle = await Lifecycle.begin(api);
  const id = await enqueue();
  const emitting = `subscription ($id: ID!, $after: String) { task(id: $id, after: $after) {
    ... on TaskUpdate { cursor type task { state progress { message } } emitted { type payload } } } }`;
  const watcher = await api.watch(emitting, { id });
  const { cursor } = await watcher.next();
  const task = await lifecycle.start(id);
  await lifecycle.emit(task, "page.done", { page: 1 });
  await lifecycle.progress(task, 1, 2, "half");
  await lifecycle.emit(task, "page.done", { page: 2 });
  await lifecycle.emit(task, "nothing", null);
  await lifecycle.succeed(task, 3);
  const read = async (from: typeof watcher): Promise<Loose[]> => {
    const told: Loose[] = [];
    while (told.at(-1)?.type !== "SUCCEEDED") told.push(await nextUpdate(from));
    return told.filter((update) => update.type !== undefined);
  };
  const told = await read(watcher);
  expect(told.map(({ type, emitted }) => [type, emitted])).toEqual([
    ["STARTED", null],
    ["EMITTED", { type: "page.done", payload: { page: 1 } }],
    ["PROGRESS", null],
    ["EMITTED", { type: "page.done", payload: { page: 2 } }],
    ["EMITTED", { type: "nothing", payload: null }],
    ["SUCCEEDED", null],
  ]);
  expect(told[1].task).toMatchObject({ state: "STARTED" });
  expect(await read(await api.watch(emitting, { id, after: cursor }))).toEqual(told);
  expect(await read(await api.watch(emitting, { id, after: told[1].cursor }))).toEqual(told.slice(2));
});

test("a finished task is sent once", async () => {
  const lifecycle = await Lifecycle.begin(api);
  const id = await enqueue();
  await lifecycle.succeed(await lifecycle.start(id), "done");
  const watcher = await api.watch(WATCH, { id });
  expect(await watcher.next()).toMatchObject({
    type: "SUCCEEDED",
    task: { state: "SUCCESS", result: "done" },
  });
  expect(await watcher.ended()).toBe(true);
});

test("resumed at its end, it completes at once and sends nothing twice", async () => {
  const lifecycle = await Lifecycle.begin(api);
  const id = await enqueue();
  await lifecycle.succeed(await lifecycle.start(id), "done");
  await api.services.publisher.flush();
  const watcher = await api.watch(WATCH, { id, after: await api.feed.head() });
  expect(await watcher.ended()).toBe(true);
});

test("resumed at a later event of another task, it sends the end again and ends", async () => {
  const lifecycle = await Lifecycle.begin(api);
  const id = await enqueue();
  await lifecycle.succeed(await lifecycle.start(id), "done");
  await enqueue();
  await api.services.publisher.flush();
  const watcher = await api.watch(WATCH, { id, after: await api.feed.head() });
  expect(await watcher.next()).toMatchObject({ __typename: "StreamHeartbeat" });
  expect(await watcher.next()).toMatchObject({ type: "SUCCEEDED" });
  expect(await watcher.ended()).toBe(true);
});

test("a cursor that is gone gives a reset, then the state", async () => {
  const lifecycle = await Lifecycle.begin(api);
  const id = await enqueue();
  await lifecycle.start(id);
  const gone = `${(await api.feed.head()).split(".")[0]!.replace(/^./, (first) => (first === "0" ? "1" : "0"))}.1`;
  const watcher = await api.watch(WATCH, { id, after: gone });
  expect(await watcher.next()).toMatchObject({
    __typename: "StreamReset",
    reason: expect.stringContaining("no longer kept"),
  });
  expect(await watcher.next()).toMatchObject({ type: "STARTED", task: { state: "STARTED" } });
});

test("an end whose event was lost is sent after a silence", async () => {
  const id = await enqueue();
  const watcher = await api.watch(WATCH, { id });
  await watcher.next();
  await api.services.stores.taskControl.revoke([id], false, 1_000_000);
  expect(await nextUpdate(watcher)).toMatchObject({ type: "REVOKED", task: { state: "REVOKED" } });
  expect(await watcher.ended()).toBe(true);
});

test("loads nothing that events carry already", async () => {
  const lifecycle = await Lifecycle.begin(api);
  const id = await enqueue();
  const watcher = await api.watch(SMALL, { id });
  await watcher.next();
  const before = { ...api.calls };
  await lifecycle.start(id);
  expect(await watcher.next()).toMatchObject({
    type: "STARTED",
    task: { state: "STARTED", name: "math.add" },
  });
  expect(api.calls).toEqual(before);
});

test("a client that leaves frees the feed, even while it waits", async () => {
  const id = await enqueue();
  const before = api.feed.subscribers;
  const watcher = await api.watch(WATCH, { id });
  await watcher.next();
  const waiting = watcher.ended();
  await vi.waitFor(() => expect(api.feed.subscribers).toBe(before + 1));
  await watcher.leave();
  expect(await waiting).toBe(true);
  expect(api.feed.subscribers).toBe(before);
});

test.each<[Record<string, unknown>, string, string]>([
  [{ id: "7" }, "BAD_USER_INPUT", 'id: expected a UUID, got "7".'],
  [
    { id: "00000000-0000-7000-8000-000000000000" },
    "NOT_FOUND",
    "Task 00000000-0000-7000-8000-000000000000 does not exist",
  ],
])("refuses %j", async (variables, code, message) => {
  const errors = await api.refusedWatch(WATCH, variables);
  expect(errors).toMatchObject([{ message: expect.stringContaining(message), extensions: { code } }]);
});

test("refuses a cursor that cannot be read", async () => {
  const id = await enqueue();
  expect(await api.refusedWatch(WATCH, { id, after: "nonsense" })).toMatchObject([
    {
      message: expect.stringContaining('The cursor "nonsense" cannot be read.'),
      extensions: { code: "BAD_CURSOR" },
    },
  ]);
  const all = "subscription ($after: String) { tasks(after: $after) { __typename } }";
  expect(await api.refusedWatch(all, { after: "nonsense" })).toMatchObject([
    { extensions: { code: "BAD_CURSOR" } },
  ]);
  const workers = "subscription ($after: String) { workers(after: $after) { __typename } }";
  expect(await api.refusedWatch(workers, { after: "nonsense" })).toMatchObject([
    { extensions: { code: "BAD_CURSOR" } },
  ]);
  expect(await api.refusedWatch(WATCH, { id: newId(), after: "nonsense" })).toMatchObject([
    { extensions: { code: "NOT_FOUND" } },
  ]);
});
