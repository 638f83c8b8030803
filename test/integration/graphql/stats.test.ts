import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Point } from "../../../src/task/records/stats.ts";
import { type Api, type Loose, openApi } from "./api.ts";
import { DEFINITIONS } from "./definitions.ts";
import { BOOM, Lifecycle } from "./lifecycle.ts";

let api: Api;
beforeAll(async () => void (api = await openApi(DEFINITIONS)));
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(async () => {
  for (const table of ["task", "task_stat", "worker"]) await api.sql.run(`delete from lovage.${table}`);
});

const COUNTS = "counts { pending scheduled queued started retry success failure revoked expired }";
const NONE = {
  ...{ pending: 0, scheduled: 0, queued: 0, started: 0, retry: 0 },
  ...{ success: 0, failure: 0, revoked: 0, expired: 0 },
};

async function add(options = {}): Promise<string> {
  const mutation = `mutation ($options: EnqueueOptions) { enqueueMathAdd(input: { x: 1, y: 2 }, options: $options) { task { id } } }`;
  return (await api.data(mutation, { options }))["enqueueMathAdd"].task.id as string;
}

async function mail(): Promise<string> {
  const mutation = `mutation { enqueueMailSend(input: { to: "a@example.org" }) { task { id } } }`;
  return (await api.data(mutation))["enqueueMailSend"].task.id as string;
}

const total = (points: readonly Point[]): number => points.reduce((sum, { value }) => sum + value, 0);

/**
 * Two that succeed, one that fails, one that is tried again; one that waits, one that runs, one
 * that was cancelled.
 */
async function someTasks(lifecycle: Lifecycle): Promise<void> {
  for (let round = 0; round < 2; round += 1) await lifecycle.succeed(await lifecycle.start(await add()), 3);
  await lifecycle.fail(await lifecycle.start(await mail()));
  await lifecycle.retry(await lifecycle.start(await add()), 60_000);
  await add();
  await lifecycle.start(await add());
  const id = await add({ delay: "1h" });
  await api.data(
    `mutation ($ids: [ID!]!) { revokeTasks(input: { select: { ids: $ids } }) { affectedCount } }`,
    {
      ids: [id],
    },
  );
}

describe("overview", () => {
  test("counts unfinished tasks now, finished ones, and workers", async () => {
    const lifecycle = await Lifecycle.begin(api);
    await Lifecycle.begin(api, { status: "PAUSED" });
    await Lifecycle.begin(api, { status: "LOST" });
    await Lifecycle.begin(api, { status: "OFFLINE" });
    await someTasks(lifecycle);
    const { overview } = await api.data(`{ overview { at ${COUNTS} workersOnline workersLost
      stats { since ${COUNTS} retried failureRate succeeded { at value } failed { value } } } }`);
    const counts = { ...NONE, queued: 1, started: 1, retry: 1, success: 2, failure: 1, revoked: 1 };
    expect(overview).toMatchObject({ counts, workersOnline: 2, workersLost: 1 });
    expect(Math.abs(Date.parse(overview.at as string) - Date.now())).toBeLessThan(60_000);
    const { stats } = overview;
    expect(stats).toMatchObject({ counts, retried: 1, failureRate: 1 / 3 });
    expect(total(stats.succeeded as Point[])).toBe(2);
    expect(total(stats.failed as Point[])).toBe(1);
    expect(stats.succeeded[0].at).toBe(stats.since);
    expect([61, 62]).toContain(stats.succeeded.length);
  });

  test.each([
    ["LAST_5_MINUTES", 6],
    ["LAST_6_HOURS", 73],
    ["LAST_DAY", 97],
    ["LAST_WEEK", 169],
    ["LAST_MONTH", 121],
  ])("looks back over %s in about %d steps", async (window, steps) => {
    const lifecycle = await Lifecycle.begin(api);
    await lifecycle.succeed(await lifecycle.start(await add()), 3);
    const { overview } = await api.data(
      `query ($window: StatsWindow!) { overview { stats(window: $window) { succeeded { at value } runTimeP99 waitTimeP95 } } }`,
      { window },
    );
    expect(total(overview.stats.succeeded as Point[])).toBe(1);
    expect(Math.abs(overview.stats.succeeded.length - steps)).toBeLessThanOrEqual(1);
    expect(overview.stats).toMatchObject({
      runTimeP99: expect.stringMatching(/^PT/),
      waitTimeP95: expect.stringMatching(/^PT/),
    });
  });

  test("can be watched: now, and again when things have changed", async () => {
    const lifecycle = await Lifecycle.begin(api);
    const watcher = await api.watch(
      `subscription { overview(interval: "PT0.2S") { counts { success queued } stats { failureRate } } }`,
    );
    expect(await watcher.next()).toEqual({ counts: { success: 0, queued: 0 }, stats: { failureRate: 0 } });
    await lifecycle.succeed(await lifecycle.start(await add()), 3);
    await add();
    let seen: Loose;
    do seen = await watcher.next();
    while (seen.counts.queued === 0);
    expect(seen.counts).toEqual({ success: 1, queued: 1 });
  });

  test.each(["PT0.1S", "PT2M"])("refuses to look every %s", async (interval) => {
    const [error] = await api.refusedWatch(`subscription { overview(interval: "${interval}") { at } }`);
    expect(error!.message).toBe(`interval: expected PT0.2S to PT1M, got ${interval}.`);
  });
});

describe("definitions and queues", () => {
  test("each has its own statistics, read by one statement for all", async () => {
    await someTasks(await Lifecycle.begin(api));
    const { taskDefinitions } = await api.data(
      `{ taskDefinitions { name stats { ${COUNTS} retried failureRate runTimeP50 } } }`,
    );
    const nothing = { counts: NONE, retried: 0, failureRate: 0, runTimeP50: null };
    expect(taskDefinitions).toEqual([
      { name: "any.json", stats: nothing },
      {
        name: "mail.send",
        stats: {
          ...nothing,
          counts: { ...NONE, failure: 1 },
          failureRate: 1,
          runTimeP50: expect.any(String),
        },
      },
      {
        name: "math.add",
        stats: {
          ...{ retried: 1, failureRate: 0, runTimeP50: expect.any(String) },
          counts: { ...NONE, queued: 1, started: 1, retry: 1, success: 2, revoked: 1 },
        },
      },
      { name: "user.login", stats: nothing },
    ]);
  });

  test("many definitions, several windows: each part asks once, and only for selected fields", async () => {
    const asked: string[] = [];
    const context = api.context();
    const { stats } = context.services;
    const { createLoaders } = await import("../../../src/graphql/loading/loaders.ts");
    const counting = {
      ended: (...args: Parameters<typeof stats.ended>) => {
        asked.push(`ended ${args[0].by} ${args[1]}`);
        return stats.ended(...args);
      },
      unfinished: (...args: Parameters<typeof stats.unfinished>) => {
        asked.push(`unfinished ${args[0].by}`);
        return stats.unfinished(...args);
      },
    };
    const loaders = createLoaders({ ...context.services, stats: counting });
    const { execute, parse } = await import("graphql");
    const answer = await execute({
      schema: api.schema,
      document:
        parse(`{ taskDefinitions { hour: stats { failureRate } day: stats(window: LAST_DAY) { failureRate } }
        queues { throughput { value } stats { counts { queued } } } }`),
      contextValue: { ...context, loaders },
    });
    expect(answer.errors).toBeUndefined();
    expect(asked.sort()).toEqual([
      "ended name LAST_DAY",
      "ended name LAST_HOUR",
      "ended queue LAST_HOUR",
      "unfinished queue",
    ]);
  });

  test("a queue shows its throughput: succeeded and failed tasks, step by step", async () => {
    await someTasks(await Lifecycle.begin(api));
    const { queues } = await api.data(
      `{ queues { name latency throughput(window: LAST_5_MINUTES) { at value } stats { counts { success queued } } } }`,
    );
    expect(
      queues.map((queue: Loose) => [queue.name, total(queue.throughput as Point[]), queue.stats.counts]),
    ).toEqual([
      ["default", 2, { success: 2, queued: 1 }],
      ["mail", 1, { success: 0, queued: 0 }],
    ]);
  });
});

describe("failureGroups", () => {
  const GROUPS = `query ($window: StatsWindow! = LAST_DAY, $first: Int) { failureGroups(window: $window, first: $first) {
    fingerprint type message name count firstSeenAt lastSeenAt sample { id error { message } } } }`;

  test("equal failures of one name are one group, with the newest task, which the fingerprint finds as well", async () => {
    const lifecycle = await Lifecycle.begin(api);
    const ids: string[] = [];
    for (const message of ["one", "two"]) {
      const id = await add();
      ids.push(id);
      await lifecycle.fail(await lifecycle.start(id), { ...BOOM, message });
    }
    await lifecycle.fail(await lifecycle.start(await mail()), { ...BOOM, fingerprint: "other" });
    const { failureGroups } = await api.data(GROUPS);
    expect(failureGroups).toMatchObject([
      {
        fingerprint: "boom-1",
        type: "Boom",
        message: "two",
        name: "math.add",
        count: 2,
        sample: { id: ids[1] },
      },
      { fingerprint: "other", name: "mail.send", count: 1 },
    ]);
    const [{ firstSeenAt, lastSeenAt }] = failureGroups;
    expect(Date.parse(firstSeenAt as string)).toBeLessThan(Date.parse(lastSeenAt as string));
    expect((await api.data(GROUPS, { first: 1 }))["failureGroups"]).toHaveLength(1);
    const { tasks } = await api.data(`{ tasks(filter: { fingerprint: "boom-1" }) { nodes { id } } }`);
    expect(tasks.nodes.map((task: Loose) => task.id)).toEqual(ids.toReversed());
    // The group outlives its tasks.
    await api.sql.run("delete from lovage.task");
    expect((await api.data(GROUPS))["failureGroups"][0]).toMatchObject({ count: 2, sample: null });
  });

  test.each([0, 201])("refuses first: %d", async (first) => {
    const { errors } = await api.run(GROUPS, { first });
    expect(errors![0]!.message).toBe(`first: expected 1 to 200, got ${first}.`);
  });
});

test("a count beyond the range of Int is returned as the largest Int", async () => {
  await api.sql
    .run(`insert into lovage.task_stat (stage, at, name, queue, outcome, count, fingerprint, first_at, last_at, sample_id)
    select 2, date_trunc('minute', now()), 'math.add', 'default', o, 2000000000, 'f', now(), now(), gen_random_uuid()
      from unnest(array['SUCCESS','FAILURE','RETRY']) o, generate_series(1, 2)`);
  const { overview, failureGroups } = await api.data(
    `{ overview { counts { success } stats { counts { failure } retried failed { value } } } failureGroups { count } }`,
  );
  const most = 2_147_483_647;
  expect(overview).toMatchObject({
    counts: { success: most },
    stats: { counts: { failure: most }, retried: most },
  });
  expect(total(overview.stats.failed as Point[])).toBe(4_000_000_000);
  expect(failureGroups).toEqual([{ count: most }]);
});
