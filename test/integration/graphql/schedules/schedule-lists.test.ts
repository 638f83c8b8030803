import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../../../src/lib/uuid.ts";
import { type Api, type Data, openApi } from "../api.ts";
import { DEFINITIONS } from "../definitions.ts";
import { ERRORS, ScheduleCalls } from "../schedule-calls.ts";

let api: Api;
let calls: ScheduleCalls;
beforeAll(async () => {
  api = await openApi(DEFINITIONS);
  calls = new ScheduleCalls(api);
});
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(() => calls.clear());

describe("many at once", () => {
  const ENABLE = `mutation ($ids: [ID!]!, $enabled: Boolean!) {
    setSchedulesEnabled(input: { select: { ids: $ids }, enabled: $enabled }) { schedules { name enabled nextRuns } ${ERRORS} } }`;

  test("setSchedulesEnabled, all or none", async () => {
    const ids = [(await calls.made({ name: "b" })).id, (await calls.made({ name: "a" })).id];
    expect((await api.data(ENABLE, { ids, enabled: false })).setSchedulesEnabled).toEqual({
      schedules: [
        { name: "b", enabled: false, nextRuns: [] },
        { name: "a", enabled: false, nextRuns: [] },
      ],
      errors: [],
    });
    const { setSchedulesEnabled } = await api.data(ENABLE, { ids: [...ids, newId()], enabled: true });
    expect(setSchedulesEnabled).toMatchObject({
      schedules: [],
      errors: [{ code: "NOT_FOUND", path: ["input", "select"] }],
    });
    expect(await api.services.stores.schedules.count({ enabled: true })).toBe(0);
  });

  test("deleteSchedules leaves the tasks", async () => {
    const { id } = await calls.made();
    const RUN = `mutation ($ids: [ID!]!) { runSchedulesNow(input: { select: { ids: $ids } }) { affectedCount tasks { id state slot schedule { name } } ${ERRORS} } }`;
    const { runSchedulesNow } = await api.data(RUN, { ids: [id] });
    expect(runSchedulesNow).toMatchObject({
      affectedCount: 1,
      tasks: [{ state: "QUEUED", slot: null, schedule: { name: "sum" } }],
    });
    const READ = `{ schedule(by: { name: "sum" }) { totalRunCount lastRunAt lastRun { id } runs(first: 5) { totalCount nodes { id args } } } }`;
    const taskId = runSchedulesNow.tasks[0].id;
    expect((await api.data(READ)).schedule).toEqual({
      ...{ totalRunCount: 0, lastRunAt: expect.any(String), lastRun: { id: taskId } },
      runs: { totalCount: 1, nodes: [{ id: taskId, args: { x: 1, y: 2 } }] },
    });
    const deleted = await api.data(
      `mutation ($ids: [ID!]!) { deleteSchedules(input: { select: { ids: $ids } }) { deletedIds deletedCount ${ERRORS} } }`,
      { ids: [id, id] },
    );
    expect(deleted.deleteSchedules).toEqual({ deletedIds: [id], deletedCount: 1, errors: [] });
    const left = await api.data(`query ($id: ID!) { task(id: $id) { schedule { name } } }`, { id: taskId });
    expect(left.task).toEqual({ schedule: null });
  });

  test.each([[[]], [["x"]], [Array.from({ length: 1_001 }, () => newId())]])("refuses %.30j", async (ids) => {
    expect((await api.data(ENABLE, { ids, enabled: true })).setSchedulesEnabled.errors).toMatchObject([
      { code: "INVALID_INPUT" },
    ]);
  });
});

describe("by name", () => {
  const ACT = `mutation ($select: ScheduleSelection!) {
    set: setSchedulesEnabled(input: { select: $select, enabled: false }) { schedules { name } ${ERRORS} }
    run: runSchedulesNow(input: { select: $select }) { tasks { schedule { name } } ${ERRORS} }
    remove: deleteSchedules(input: { select: $select }) { deletedIds deletedCount skippedCount ${ERRORS} } }`;

  test("a schedule is read, changed and deleted as by its ID", async () => {
    const { id } = await calls.made();
    const read = `query ($by: ScheduleBy!) { schedule(by: $by) { id } }`;
    for (const by of [{ id }, { name: "sum" }])
      expect((await api.data(read, { by })).schedule).toEqual({ id });
    for (const by of [{ id: newId() }, { name: "Sum" }, { name: "\u0000" }])
      expect((await api.data(read, { by })).schedule).toBeNull();
    expect(await calls.update({ by: { name: "sum" }, version: 1, maxRuns: 2 })).toMatchObject({
      schedule: { id, version: 2 },
    });
    expect(await api.data(ACT, { select: { names: ["sum", "sum"] } })).toEqual({
      set: { schedules: [{ name: "sum" }], errors: [] },
      run: { tasks: [{ schedule: { name: "sum" } }], errors: [] },
      remove: { deletedIds: [id], deletedCount: 1, skippedCount: 0, errors: [] },
    });
  });

  test("an unknown name changes nothing, and is skipped by a deletion", async () => {
    const { id } = await calls.made();
    const error = { code: "NOT_FOUND", path: ["input", "select", "names"] };
    expect(await api.data(ACT, { select: { names: ["sum", "nobody"] } })).toMatchObject({
      set: { schedules: [], errors: [error] },
      run: { tasks: [], errors: [error] },
      remove: { deletedIds: [id], deletedCount: 1, skippedCount: 1, errors: [] },
    });
  });
});

describe("schedules", () => {
  const LIST = `query ($first: Int, $after: String, $filter: ScheduleFilter) { schedules(first: $first, after: $after, filter: $filter) {
    totalCount pageInfo { hasNextPage endCursor } nodes { name } edges { cursor node { name } } } }`;
  const names = ({ nodes }: Data): string[] => (nodes as Data[]).map(({ name }) => name as string);

  test("pages by name", async () => {
    for (const name of ["c", "a", "é", "b", "B"]) await calls.made({ name });
    const first = (await api.data(LIST, { first: 3 })).schedules;
    expect([names(first), first.totalCount, first.pageInfo.hasNextPage]).toEqual([["B", "a", "b"], 5, true]);
    expect(names({ nodes: first.edges.map(({ node }: Data) => node) })).toEqual(["B", "a", "b"]);
    const second = (await api.data(LIST, { first: 3, after: first.edges[2].cursor })).schedules;
    expect([names(second), second.pageInfo.hasNextPage]).toEqual([["c", "é"], false]);
  });

  test.each([
    [{ enabled: false }, ["off"]],
    [{ taskNames: ["mail.send", "no.such"] }, []],
    [{ search: "TELL" }, ["told"]],
    [{ search: "100%" }, []],
    [{ source: "CODE" }, []],
    [{}, ["off", "told"]],
  ])("filters by %j", async (filter, expected) => {
    await calls.made({ name: "off", enabled: false });
    await calls.made({ name: "told", description: "Tell them." });
    expect(names((await api.data(LIST, { filter })).schedules)).toEqual(expected);
  });

  test.each([
    [{ first: 0 }, "first: expected 1 to 200, got 0."],
    [{ after: "???" }, 'after: expected a cursor of this list, got "???".'],
    [{ filter: { taskNames: [] } }, "filter.taskNames: expected 1 to 1000 values, got 0."],
    [{ filter: { search: "\u0000" } }, "filter: expected valid Unicode without NUL characters."],
  ])("refuses %j", async (variables, message) => {
    expect((await api.run(LIST, variables)).errors).toMatchObject([
      { message: expect.stringContaining(message), extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });

  test("a schedule whose task is unknown, or whose row was broken by hand, shows it, and the list is readable", async () => {
    await calls.made({ name: "foreign" });
    await calls.made({ name: "broken" });
    const { sql } = api;
    await sql.run(`update lovage.schedule set task_name = 'gone.task' where name = 'foreign'`);
    await sql.run(`update lovage.schedule set timing = '{"every": 5}' where name = 'broken'`);
    const { schedules } = await api.data(
      `{ schedules { nodes { name problem summary nextRuns timing { __typename } } } }`,
    );
    expect(schedules.nodes).toMatchObject([
      { name: "broken", problem: expect.stringContaining("timing: expected one of"), nextRuns: [] },
      { name: "foreign", problem: 'No running process knows the task "gone.task": its tasks wait.' },
    ]);
  });

  test("shows slots that created no task, page by page, newest first", async () => {
    const { id } = await calls.made();
    await api.sql.run(
      `insert into lovage.schedule_skip values ($1, '2026-01-01T00:00:00Z', '2026-01-01T00:05:00Z', 6, 'OVERLAP'),
                                               ($1, '2026-01-02T00:00:00Z', '2026-01-02T00:00:00Z', 1, 'MISFIRED')`,
      [id],
    );
    const read = async (page: string) =>
      (
        await api.data(
          `{ schedule(by: { name: "sum" }) { skippedSlots${page} { totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
              nodes { firstSlot lastSlot count reason } edges { cursor node { reason } } } } }`,
        )
      ).schedule.skippedSlots;
    const newest = await read("(first: 1)");
    expect(newest).toMatchObject({
      totalCount: 2,
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
      edges: [{ cursor: newest.pageInfo.endCursor, node: { reason: "MISFIRED" } }],
    });
    expect(await read(`(after: "${newest.pageInfo.endCursor}")`)).toMatchObject({
      totalCount: 2,
      pageInfo: { hasNextPage: false, hasPreviousPage: true },
      nodes: [
        {
          firstSlot: "2026-01-01T00:00:00.000Z",
          lastSlot: "2026-01-01T00:05:00.000Z",
          count: 6,
          reason: "OVERLAP",
        },
      ],
    });
    expect((await read("")).nodes).toHaveLength(2);
    const { errors } = await api.run(
      `{ schedule(by: { name: "sum" }) { skippedSlots(after: "x") { totalCount } } }`,
    );
    expect(errors).toMatchObject([
      { message: expect.stringContaining("after: expected a cursor of this list") },
    ]);
  });
});

test("the subscription sends known schedules, changes, and the outcomes of their slots", async () => {
  await calls.made({ name: "known" });
  await api.services.publisher.flush();
  const WATCH = `subscription ($after: String) { schedules(after: $after) { __typename
    ... on ScheduleUpdate { cursor type schedule { id name version totalRunCount args timing { __typename } startAt } } } }`;
  const watcher = await api.watch(WATCH);
  expect(await watcher.next()).toMatchObject({ type: "UPDATED", schedule: { name: "known" } });
  const startAt = new Date(Date.now() + 3_600_000).toISOString();
  const { id } = await calls.made({ name: "new", startAt });
  const created = await watcher.next();
  expect(created).toMatchObject({
    type: "CREATED",
    schedule: { id, startAt, args: { x: 1, y: 2 }, timing: { __typename: "IntervalTiming" } },
  });
  await calls.update({ by: { id }, version: 1, maxRuns: 2 });
  expect(await watcher.next()).toMatchObject({ type: "UPDATED", schedule: { version: 2 } });
  await api.services.beat().beat(new Date(Date.parse(startAt) + 1));
  // Planned anew, since it was changed; or fired at once.
  let told = await watcher.next();
  while (told.type === "UPDATED" || told.schedule.id !== id) told = await watcher.next();
  expect(told).toMatchObject({ type: "FIRED", schedule: { totalRunCount: 1 } });
  await api.data(
    `mutation ($ids: [ID!]!) { deleteSchedules(input: { select: { ids: $ids } }) { deletedCount } }`,
    { ids: [id] },
  );
  expect(await watcher.next()).toMatchObject({ type: "DELETED", schedule: { id } });
  const resumed = await api.watch(WATCH, { after: created.cursor });
  expect(await resumed.next()).toMatchObject({ type: "UPDATED", schedule: { version: 2 } });
});

test("runSchedulesNow refuses a row that was edited by hand into something wrong, and enqueues nothing", async () => {
  const { id } = await calls.made({ name: "broken" });
  const { id: other } = await calls.made({ name: "sound" });
  await api.sql.run(`update lovage.schedule set options = '{"queue": "no such queue!"}' where id = $1`, [id]);
  const RUN = `mutation ($ids: [ID!]!) { runSchedulesNow(input: { select: { ids: $ids } }) { affectedCount ${ERRORS} } }`;
  const { runSchedulesNow } = await api.data(RUN, { ids: [other, id] });
  expect(runSchedulesNow).toMatchObject({
    affectedCount: 0,
    errors: [
      {
        code: "ILLEGAL_STATE",
        path: ["input", "select"],
        message: expect.stringContaining('"broken" cannot be used'),
      },
    ],
  });
  expect((await api.services.stores.reader.counts([{ scheduleId: other }], 10))[0]!.count).toBe(0);
});
