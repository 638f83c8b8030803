import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { newId } from "../../../../src/lib/uuid.ts";
import { type Api, type Loose, openApi } from "../api.ts";
import { DEFINITIONS } from "../definitions.ts";

let api: Api;
const schedules = Array.from({ length: 5 }, (_, index) => ({ id: newId(), name: `s${index}` }));

beforeAll(async () => {
  api = await openApi(DEFINITIONS);
  const inputs = [
    ...Array.from({ length: 6 }, (_, x) => ({ name: "math.add", args: { x, y: 0 } })),
    ...Array.from({ length: 4 }, (_, n) => ({ name: "any.json", args: `"${n}"` })),
    { name: "mail.send", args: { to: "ann@example.org" } },
  ];
  await api.data(
    "mutation($inputs:[EnqueueTaskInput!]!){enqueueTasks(input: { tasks: $inputs }){ids errors{message}}}",
    {
      inputs,
    },
  );
  for (const { name } of schedules) {
    await api.data(
      `mutation{createSchedule(input:{name:"${name}",taskName:"any.json",timing:{crontab:"0 0 1 1 *"}}){errors{message}}}`,
    );
    await api.data(
      `mutation($ids:[ID!]!){runSchedulesNow(input: { select: { ids: $ids } }){affectedCount}}`,
      {
        ids: [(await api.data(`{schedule(by: { name: "${name}" }){id}}`)).schedule.id],
      },
    );
  }
  await api.sql.run(
    `insert into lovage.schedule_skip (schedule_id, first_slot, last_slot, count, reason)
     select s.id, t, t, 1, 'OVERLAP' from lovage.schedule s, generate_series(timestamptz '2026-01-01', '2026-01-03', interval '1 day') t`,
  );
});
afterAll(() => api[Symbol.asyncDispose]());

/** The answer, and how many statements it took. */
async function counted(source: string): Promise<{ readonly data: Loose; readonly statements: number }> {
  const query = vi.spyOn(PGlite.prototype, "query");
  try {
    const data = await api.data(source);
    return { data, statements: query.mock.calls.length };
  } finally {
    query.mockRestore();
  }
}

test.each([
  ["runs of definitions", "{taskDefinitions{name runs(first:3){nodes{id name}pageInfo{hasNextPage}}}}", 1],
  ["runs of tasks' definitions", "{tasks(first:11){nodes{definition{runs(first:2){nodes{id}}}}}}", 2],
  ["counts of runs", "{taskDefinitions{runs(first:1){totalCount totalCountIsExact}}}", 2],
  ["facets of runs", "{taskDefinitions{runs(first:1){facets{states{value count}names{value}}}}}", 2],
  ["runs of schedules", "{schedules{nodes{runs(first:2){nodes{id}totalCount}}}}", 3],
  ["skipped slots of schedules", "{schedules{nodes{skippedSlots(first:2){nodes{firstSlot}totalCount}}}}", 3],
  [
    "two pages of each",
    "{taskDefinitions{a:runs(first:1){nodes{id}}b:runs(first:2,filter:{states:[QUEUED]}){nodes{id}}}}",
    1,
  ],
  ["queues of tasks", "{tasks{nodes{queueName queue{name waiting}}}}", 2],
  ["queues of definitions", "{taskDefinitions{queueName queue{name waiting}}}", 1],
  ["definitions of schedules", "{schedules{nodes{taskName definition{name}}}}", 1],
  ["logs of tasks", "{tasks{nodes{logs{nodes{message}}}}}", 2],
  ["statistics of definitions", "{taskDefinitions{stats{retried counts{queued}}}}", 2],
  [
    "everything about tasks",
    "{tasks{nodes{args meta worker{id}parent{id}retryOf{id}schedule{id}result}}}",
    3,
  ],
])("%s take as many statements for all parents as for one", async (_name, source, most) => {
  const { statements } = await counted(source);
  expect(statements).toBe(most);
});

test("each parent gets its own rows, in order", async () => {
  const { data } = await counted(
    "{taskDefinitions{name runs(first:3){nodes{id name args}pageInfo{hasNextPage endCursor}totalCount facets{names{value count}queues{value}workers{value}}}}}",
  );
  const byName = new Map<string, Loose>(data.taskDefinitions.map((one: Loose) => [one.name, one.runs]));
  const add = byName.get("math.add");
  expect(add.nodes.map(({ args }: Loose) => args.x)).toEqual([5, 4, 3]);
  expect(add).toMatchObject({ totalCount: 6, pageInfo: { hasNextPage: true } });
  expect(add.facets).toEqual({
    names: [{ value: "math.add", count: 6 }],
    queues: [{ value: "default" }],
    workers: [],
  });
  expect(byName.get("any.json").nodes.map(({ name }: Loose) => name)).toEqual([
    "any.json",
    "any.json",
    "any.json",
  ]);
  expect(byName.get("any.json").totalCount).toBe(9);
  expect(byName.get("mail.send")).toMatchObject({ totalCount: 1, pageInfo: { hasNextPage: false } });
  expect(byName.get("user.login")).toMatchObject({ nodes: [], totalCount: 0, pageInfo: { endCursor: null } });
  const next = await api.data(
    `{taskDefinition(name:"math.add"){runs(first:9,after:"${add.pageInfo.endCursor}"){nodes{args}}}}`,
  );
  expect(next.taskDefinition.runs.nodes.map(({ args }: Loose) => args.x)).toEqual([2, 1, 0]);
});

test("inputs that are strings stay strings", async () => {
  const { tasks } = await api.data('{tasks(filter:{names:["any.json"]},first:9){nodes{args}}}');
  expect(
    tasks.nodes.map(({ args }: Loose) => args).filter((args: Loose) => typeof args === "string"),
  ).toEqual(['"3"', '"2"', '"1"', '"0"']);
});

test("a cursor that cannot be read fails the list that it is given to, and no other", async () => {
  const { data, errors } = await api.run(
    `{taskDefinition(name:"math.add"){name} a:tasks(first:1){nodes{name}} t:taskDefinition(name:"mail.send"){bad:runs(after:"x"){nodes{id}}}}`,
  );
  expect(errors).toMatchObject([{ path: ["t", "bad"], extensions: { code: "BAD_CURSOR" } }]);
  expect(data).toMatchObject({ a: { nodes: [{ name: "any.json" }] }, t: null });
});

test("each schedule gets its own skipped slots, newest first", async () => {
  const { data } = await counted(
    "{schedules{nodes{name skippedSlots(first:2){nodes{firstSlot count reason}}}}}",
  );
  expect(data.schedules.nodes).toHaveLength(schedules.length);
  for (const { skippedSlots } of data.schedules.nodes)
    expect(skippedSlots.nodes.map(({ firstSlot }: Loose) => firstSlot.slice(0, 10))).toEqual([
      "2026-01-03",
      "2026-01-02",
    ]);
});
