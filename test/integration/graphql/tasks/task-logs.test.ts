import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "../../../../src/lib/uuid.ts";
import type { NewLogLine } from "../../../../src/store/logs/task-log-store.ts";
import { type Api, openApi } from "../api.ts";
import { DEFINITIONS } from "../definitions.ts";
import { Lifecycle } from "../lifecycle.ts";

let api: Api;
beforeAll(async () => void (api = await openApi(DEFINITIONS)));
afterAll(() => api[Symbol.asyncDispose]());

const LOGS = `query ($id: ID!, $first: Int, $after: String, $level: LogLevel) { task(id: $id) {
  logs(first: $first, after: $after, level: $level) {
    nodes { cursor at level message attempt fields }
    edges { cursor node { cursor } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  } } }`;
const WATCH = `subscription ($id: ID!, $after: String, $level: LogLevel) { taskLogs(id: $id, after: $after, level: $level) {
  __typename
  ... on LogUpdate { cursor lines { cursor level message } }
  ... on StreamReset { cursor reason }
} }`;

async function running() {
  const { enqueueMathAdd } = await api.data(
    `mutation { enqueueMathAdd(input: { x: 1, y: 2 }) { task { id } } }`,
  );
  const id = enqueueMathAdd.task.id as string;
  const lifecycle = await Lifecycle.begin(api);
  const task = await lifecycle.start(id);
  let line = 0;
  const say = (message: string, part: Partial<NewLogLine> = {}): Promise<unknown> =>
    api.services.stores.logs.append([
      {
        ...{ taskId: id, version: task.summary.version, attempt: 1, line: (line += 1), level: "INFO" },
        ...{ at: new Date("2026-03-01T12:00:00Z"), message, fields: null },
        ...part,
      },
    ]);
  return { id, say, succeed: () => lifecycle.succeed(task, 3) };
}

test("pages of a log, from a level on", async () => {
  const { id, say } = await running();
  await say("one", { fields: '{"size":1}' });
  await say("two", { level: "ERROR" });
  await say("three", { level: "DEBUG" });
  const page = async (variables: object) => (await api.data(LOGS, { id, ...variables })).task.logs;
  expect(await page({ first: 2 })).toEqual({
    nodes: [
      {
        ...{ cursor: "1", at: "2026-03-01T12:00:00.000Z", level: "INFO" },
        ...{ message: "one", attempt: 1, fields: { size: 1 } },
      },
      expect.objectContaining({ cursor: "2", level: "ERROR", message: "two", fields: null }),
    ],
    edges: ["1", "2"].map((cursor) => ({ cursor, node: { cursor } })),
    pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: "1", endCursor: "2" },
  });
  expect(await page({ after: "2" })).toMatchObject({
    nodes: [{ message: "three" }],
    pageInfo: { hasNextPage: false, hasPreviousPage: true },
  });
  expect((await page({ level: "WARN" })).nodes).toMatchObject([{ message: "two" }]);
  expect(await page({ after: "3" })).toMatchObject({ nodes: [], pageInfo: { endCursor: null } });
});

test.each([
  [{ first: 0 }, "BAD_USER_INPUT", "first: expected 1 to 1000, got 0."],
  [{ first: 1_001 }, "BAD_USER_INPUT", "first: expected 1 to 1000, got 1001."],
  [{ after: "-1" }, "BAD_CURSOR", 'Cursor cannot be read. Start without "after".'],
  [{ after: "99999999999" }, "BAD_CURSOR", 'Cursor cannot be read. Start without "after".'],
])("arguments %j are refused", async (variables, code, message) => {
  const { id } = await running();
  const { errors } = await api.run(LOGS, { id, ...variables });
  expect(errors).toMatchObject([{ message, extensions: { code } }]);
});

test("a subscription sends stored lines, then new ones, and ends with the task, even without a notification", async () => {
  const { id, say, succeed } = await running();
  await say("one");
  await say("two");
  const watcher = await api.watch(WATCH, { id });
  expect(await watcher.next()).toMatchObject({
    cursor: "2",
    lines: [{ message: "one" }, { message: "two" }],
  });
  const next = watcher.next();
  await say("three");
  expect(await next).toMatchObject({ __typename: "LogUpdate", cursor: "3", lines: [{ message: "three" }] });
  const resumed = await api.watch(WATCH, { id, after: "2", level: "INFO" });
  expect(await resumed.next()).toMatchObject({ lines: [{ cursor: "3" }] });
  await say("last");
  await succeed();
  expect(await watcher.next()).toMatchObject({ lines: [{ message: "last" }] });
  expect(await watcher.ended()).toBe(true);
  expect(await resumed.next()).toMatchObject({ lines: [{ message: "last" }] });
  expect(await resumed.ended()).toBe(true);
});

test("the worker's notification brings lines and the end at once", async () => {
  const { id, say, succeed } = await running();
  const watcher = await api.watch(WATCH, { id });
  const { signals } = api.services.messaging;
  const asked: string[] = [];
  signals.subscribe((signal) => {
    if (signal.type === "logWatch") asked.push(...signal.taskIds);
  });
  await api.services.logFeed.poll();
  const next = watcher.next();
  await say("one");
  signals.publish({ type: "logs", taskIds: [id], ended: false });
  expect(await next).toMatchObject({ lines: [{ message: "one" }] });
  const ended = watcher.ended();
  await succeed();
  // A task that has ended just now may have lines on their way: for ever, so that only the word can
  // end it.
  await api.sql.run("update lovage.task set finished_at = now() + interval '1 hour' where id = $1", [id]);
  signals.publish({ type: "logs", taskIds: [id], ended: true });
  expect(await ended).toBe(true);
  expect(api.services.logFeed.watched).toBe(0);
  expect(asked.every((taskId) => taskId === id)).toBe(true);
});

test("a cursor whose lines are gone causes a reset, then the kept lines", async () => {
  const { id, say } = await running();
  for (const message of ["one", "two", "three", "four"]) await say(message);
  await api.services.stores.logs.trim(id, 4);
  const watcher = await api.watch(WATCH, { id, after: "1" });
  expect(await watcher.next()).toEqual({
    ...{ __typename: "StreamReset", cursor: "3", reason: "The lines after this cursor are no longer kept." },
  });
  expect(await watcher.next()).toMatchObject({ lines: [{ cursor: "4", message: "four" }] });
});

test("of a task that is not there, with a wrong cursor or a wrong id, a subscription is refused", async () => {
  const id = newId();
  const codes = async (variables: Readonly<Record<string, unknown>>) =>
    (await api.refusedWatch(WATCH, variables)).map(({ extensions }) => extensions.code);
  expect(await codes({ id })).toEqual(["NOT_FOUND"]);
  expect(await codes({ id: (await running()).id, after: "x" })).toEqual(["BAD_CURSOR"]);
  expect(await codes({ id: "x" })).toEqual(["BAD_USER_INPUT"]);
});

test("a page of tasks asks for all their logs in one statement, and a reader that leaves is forgotten", async () => {
  const [a, b] = [await running(), await running()];
  await a.say("of a");
  await b.say("of b");
  const { tasks } = await api.data(
    `query ($ids: [ID!]) { tasks(filter: { ids: $ids }, orderBy: { field: CREATED_AT, direction: ASC }) { nodes { logs { nodes { message } } } } }`,
    { ids: [a.id, b.id] },
  );
  expect(tasks.nodes.map((node: { logs: { nodes: unknown } }) => node.logs.nodes)).toEqual([
    [{ message: "of a" }],
    [{ message: "of b" }],
  ]);
  const watcher = await api.watch(WATCH, { id: a.id, after: "1" });
  const waiting = watcher.ended();
  expect(api.services.logFeed.watched).toBeGreaterThan(0);
  await watcher.leave();
  expect(await waiting).toBe(true);
});
