import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "../../../../src/lib/uuid.ts";
import { type Api, type Loose, openApi } from "../api.ts";
import { DEFINITIONS } from "../definitions.ts";
import { BOOM, Lifecycle } from "../lifecycle.ts";

let api: Api;
beforeAll(async () => void (api = await openApi(DEFINITIONS)));
afterAll(() => api[Symbol.asyncDispose]());

/** Enqueues sums with a tag of their own; returns their ids, oldest first. */
async function enqueueSums(tag: string, count: number, options = {}): Promise<string[]> {
  const inputs = Array.from({ length: count }, (_, x) => ({
    name: "math.add",
    args: { x, y: 0 },
    options: { tags: [tag], ...options },
  }));
  const mutation =
    "mutation ($inputs: [EnqueueTaskInput!]!) { enqueueTasks(input: { tasks: $inputs }) { ids errors { message } } }";
  const { enqueueTasks } = await api.data(mutation, { inputs });
  expect(enqueueTasks.errors).toEqual([]);
  return enqueueTasks.ids as string[];
}

const read = async (id: string, fields: string): Promise<Loose> =>
  (await api.data(`query ($id: ID!) { task(id: $id) { ${fields} } }`, { id }))["task"];

describe("one task", () => {
  test("is null for an id that does not exist, and an error for one that cannot", async () => {
    expect(await read(newId(), "state")).toBeNull();
    const { errors } = await api.run(`{ task(id: "42") { state } }`);
    expect(errors).toMatchObject([
      { message: 'id: expected a UUID, got "42".', extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });

  test("shows its history, attempt by attempt", async () => {
    const lifecycle = await Lifecycle.begin(api);
    const [id] = await enqueueSums("attempts", 1);
    const fields = `state attempt result error { type fingerprint } runTime waitTime workerName worker { id name }
      viewerActions attempts { number state workerName error { message } finishedAt startedAt }`;
    const first = await lifecycle.start(id!);
    await lifecycle.progress(first, 1, 4, "a quarter");
    const running = await read(id!, `${fields} progress { current total percent message }`);
    expect(running).toMatchObject({
      state: "STARTED",
      attempt: 1,
      result: null,
      error: null,
      runTime: null,
      waitTime: expect.stringMatching(/^PT/),
      workerName: lifecycle.worker.name,
      worker: { id: lifecycle.worker.id, name: lifecycle.worker.name },
      viewerActions: ["TERMINATE"],
      progress: { current: 1, total: 4, percent: 25, message: "a quarter" },
      attempts: [{ number: 1, state: "STARTED", error: null, finishedAt: null }],
    });
    await lifecycle.retry(first, 0);
    expect(await read(id!, fields)).toMatchObject({
      state: "RETRY",
      error: { type: "Boom", fingerprint: "boom-1" },
      runTime: null,
      viewerActions: ["REVOKE", "RUN_NOW"],
      attempts: [
        { number: 1, state: "RETRY", error: { message: "it broke" }, finishedAt: expect.any(String) },
      ],
    });
    await api.data(
      `mutation ($id: ID!) { runTasksNow(input: { select: { ids: [$id] } }) { affectedCount } }`,
      { id },
    );
    expect(await read(id!, fields)).toMatchObject({
      state: "QUEUED",
      error: null,
      waitTime: null,
      attempts: [{ number: 1 }],
    });
    const second = await lifecycle.start(id!);
    expect(await read(id!, "error { type } attempts { number }")).toEqual({
      error: null,
      attempts: [{ number: 1 }, { number: 2 }],
    });
    await lifecycle.succeed(second, 42);
    expect(await read(id!, fields)).toMatchObject({
      state: "SUCCESS",
      attempt: 2,
      result: 42,
      error: null,
      runTime: expect.stringMatching(/^PT/),
      viewerActions: ["RETRY", "DELETE"],
      attempts: [
        { number: 1, state: "RETRY", error: { message: BOOM.message } },
        { number: 2, state: "SUCCESS", error: null, finishedAt: expect.any(String) },
      ],
    });
  });

  test("an attempt that was requeued is not counted, and a task that ends without running has no run time", async () => {
    const lifecycle = await Lifecycle.begin(api);
    const [id] = await enqueueSums("given-back", 1);
    await lifecycle.requeue(await lifecycle.start(id!));
    expect(await read(id!, "state attempt attempts { number } waitTime runTime")).toEqual({
      state: "QUEUED",
      attempt: 0,
      attempts: [],
      waitTime: null,
      runTime: null,
    });
    const revoke = "mutation ($id: ID!) { revokeTasks(input: { select: { ids: [$id] } }) { affectedCount } }";
    await api.data(revoke, { id });
    expect(await read(id!, "state finishedAt attempts { number } runTime")).toEqual({
      state: "REVOKED",
      finishedAt: expect.any(String),
      attempts: [],
      runTime: null,
    });
  });

  test("links to the task that it repeats", async () => {
    const lifecycle = await Lifecycle.begin(api);
    const [id] = await enqueueSums("repeats", 1);
    await lifecycle.fail(await lifecycle.start(id!));
    const { retryTasks } = await api.data(
      "mutation ($id: ID!) { retryTasks(input: { select: { ids: [$id] } }) { tasks { id state retryOf { id state } parent { id } } } }",
      { id },
    );
    expect(retryTasks.tasks).toMatchObject([
      { state: "QUEUED", retryOf: { id, state: "FAILURE" }, parent: null },
    ]);
  });
});

describe("lists", () => {
  const PAGE = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: TaskFilter, $orderBy: TaskOrder) {
    tasks(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
      nodes { id } edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount totalCountIsExact
    } }`;
  const page = async (variables: Record<string, unknown>): Promise<Loose> =>
    (await api.data(PAGE, variables))["tasks"];
  const idsOf = (connection: Loose): string[] => connection.nodes.map((node: Loose) => node.id);

  test("pages forwards and backwards contain every task once, whatever is added meanwhile", async () => {
    const ids = (await enqueueSums("pages", 5)).reverse();
    const filter = { tags: ["pages"] };
    const first = await page({ first: 2, filter });
    expect(first).toMatchObject({
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
      totalCount: 5,
      totalCountIsExact: true,
    });
    expect(first.edges.map((edge: Loose) => edge.node.id)).toEqual(idsOf(first));
    await enqueueSums("pages", 1);
    const second = await page({ first: 2, after: first.pageInfo.endCursor, filter });
    const third = await page({ first: 2, after: second.pageInfo.endCursor, filter });
    expect([first, second, third].flatMap(idsOf)).toEqual(ids);
    expect(third.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const back = await page({ last: 2, before: third.pageInfo.startCursor, filter });
    expect(idsOf(back)).toEqual(idsOf(second));
    expect(back.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const oldestFirst = await page({ first: 1, filter, orderBy: { direction: "ASC" } });
    expect(idsOf(oldestFirst)).toEqual([ids[4]]);
  });

  test("an empty page has no cursors", async () => {
    expect(await page({ filter: { tags: ["nobody has this"] } })).toEqual({
      nodes: [],
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
      totalCount: 0,
      totalCountIsExact: true,
    });
  });

  test("filters by everything that is asked for, together", async () => {
    const lifecycle = await Lifecycle.begin(api);
    const [failed, waiting, done] = await enqueueSums("filters", 3);
    await lifecycle.fail(await lifecycle.start(failed!));
    await lifecycle.succeed(await lifecycle.start(done!), "needle in the result");
    const found = async (filter: object): Promise<string[]> =>
      idsOf(await page({ filter: { tags: ["filters"], ...filter } })).sort();
    expect(await found({ states: ["FAILURE"] })).toEqual([failed]);
    expect(await found({ states: ["QUEUED"], names: ["math.add"], queues: ["default"] })).toEqual([waiting]);
    expect(await found({ queues: ["mail"] })).toEqual([]);
    expect(await found({ workers: [lifecycle.worker.name] })).toEqual([failed, done]);
    expect(await found({ ids: [waiting, newId()] })).toEqual([waiting]);
    expect(await found({ argsContain: { x: 1 } })).toEqual([waiting]);
    expect(await found({ search: "NEEDLE IN" })).toEqual([done]);
    expect(await found({ search: "  " })).toHaveLength(3);
    expect(await found({ fingerprint: BOOM.fingerprint })).toEqual([failed]);
    expect(await found({ createdAt: { to: "2020-01-01T00:00:00Z" } })).toEqual([]);
    expect(
      await found({ finishedAt: { from: "2020-01-01T00:00:00Z" }, runTime: { min: 0, max: "1h" } }),
    ).toHaveLength(2);
    expect(await found({ states: null, ids: null, createdAt: {} })).toHaveLength(3);
    const { tasks } = await api.data(`{ tasks(filter: { tags: ["filters"] }) { facets {
      states { value count } names { value count } queues { value count } workers { value count } } } }`);
    expect(tasks.facets.states).toHaveLength(3);
    expect(tasks.facets).toMatchObject({
      names: [{ value: "math.add", count: 3 }],
      workers: [{ value: lifecycle.worker.name, count: 2 }],
    });
  });

  test.each<[Record<string, unknown>, string, string]>([
    [{ first: 100_000 }, "BAD_USER_INPUT", "first: expected 1 to 200, got 100000."],
    [{ first: -1 }, "BAD_USER_INPUT", "first: expected 1 to 200, got -1."],
    [{ last: 0 }, "BAD_USER_INPUT", "last: expected 1 to 200, got 0."],
    [
      { first: 1, last: 1 },
      "BAD_USER_INPUT",
      "first and after cannot be combined with last and before. Give one of the two pairs.",
    ],
    [
      { first: 1, before: "x" },
      "BAD_USER_INPUT",
      "first and after cannot be combined with last and before. Give one of the two pairs.",
    ],
    [{ after: "broken" }, "BAD_CURSOR", 'Cursor cannot be read. Start without "after".'],
    [{ filter: { ids: ["7"] } }, "BAD_USER_INPUT", 'filter.ids.0: expected a UUID, got "7".'],
    [{ filter: { states: [] } }, "BAD_USER_INPUT", "filter.states: expected 1 to 1000 values, got 0."],
    [
      { filter: { search: "x".repeat(201) } },
      "BAD_USER_INPUT",
      "filter.search: expected at most 200 characters, got 201.",
    ],
    [
      { filter: { names: ["a\u0000"] } },
      "BAD_USER_INPUT",
      "filter.names.0: holds U+0000, which PostgreSQL cannot store. Remove the character, or encode the string as base64.",
    ],
    [
      {
        filter: {
          createdAt: { from: "2026-02-01T00:00:00Z", to: "2026-01-01T00:00:00Z" },
          runTime: { min: 2, max: 1 },
        },
      },
      "BAD_USER_INPUT",
      "filter.createdAt: expected a start before the end, got 2026-02-01T00:00:00.000Z to 2026-01-01T00:00:00.000Z. " +
        "filter.runTime: expected min to be at most max, got 2 ms to 1 ms.",
    ],
  ])("refuses %j", async (variables, code, message) => {
    const { data, errors } = await api.run(PAGE, variables);
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ message, extensions: { code } }]);
  });

  test("counts only when asked", async () => {
    api.calls.counts = 0;
    await api.data("{ tasks { nodes { id } } }");
    expect(api.calls.counts).toBe(0);
    await api.data("{ tasks { totalCount totalCountIsExact } }");
    expect(api.calls.counts).toBe(1);
  });
});

test("related rows are loaded in one statement for the whole list", async () => {
  const lifecycle = await Lifecycle.begin(api);
  const old = await enqueueSums("batch", 3);
  for (const id of old) await lifecycle.fail(await lifecycle.start(id));
  const retry = `mutation ($ids: [ID!]) { retryTasks(input: { select: { ids: $ids } }) { affectedCount } }`;
  await api.data(retry, { ids: old });
  const before = { ...api.calls };
  const { tasks } = await api.data(
    `{ tasks(filter: { tags: ["batch"], states: [QUEUED] }) { nodes { retryOf { id } args } } }`,
  );
  expect(tasks.nodes.map((node: Loose) => node.retryOf.id).sort()).toEqual([...old].sort());
  const { outlines, values, pages } = before;
  expect(api.calls).toEqual({ ...before, outlines: outlines + 1, values: values + 1, pages: pages + 1 });
});
