import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Janitor } from "../../../src/engine/maintenance/janitor.ts";
import type { Signal } from "../../../src/broker/signals.ts";
import { type Api, type Data, openApi } from "./api.ts";
import { DEFINITIONS } from "./definitions.ts";
import { Lifecycle } from "./lifecycle.ts";

let api: Api;
beforeAll(async () => void (api = await openApi(DEFINITIONS)));
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(async () => {
  await api.sql.run("truncate lovage.worker, lovage.worker_setting, lovage.task_setting, lovage.control_log");
});

const COMMAND = "{ replies { worker: workerName ok value error } silent errors { code message path hint } }";

/** Plays workers that answer. */
async function workers(...names: string[]): Promise<Signal[]> {
  const heard: Signal[] = [];
  const { signals } = api.services.messaging;
  for (const name of names) {
    const { worker } = await Lifecycle.begin(api, { name, definitions: ["mail.send"] });
    signals.subscribe((signal) => {
      if (signal.type !== "command" || !signal.workers.includes(worker.id)) return;
      heard.push(signal);
      const reply = { type: "reply", id: signal.id, worker: worker.id } as const;
      signals.publish({ ...reply, ok: true, value: { said: name }, error: null });
    });
  }
  return heard;
}

async function command(mutation: string, actor?: string) {
  const { data, errors } = await api.run(`mutation { ${mutation} ${COMMAND} }`, {}, actor);
  expect(errors).toBeUndefined();
  return Object.values(data!)[0];
}

describe("commands to workers", () => {
  test("gather the answers of the named workers, or of all, and name silent ones", async () => {
    const heard = await workers("a@x", "b@x", "b@x");
    await Lifecycle.begin(api, { name: "quiet@x" });
    const { silent, replies } = await command(
      `pauseWorkers(input: { target: { all: true }, timeout: "100ms" })`,
    );
    expect({ silent, replies: replies.map((reply: { worker: string }) => reply.worker) }).toEqual({
      silent: ["quiet@x"],
      replies: ["a@x", "b@x", "b@x"],
    });
    heard.length = 0;
    expect(await command(`pingWorkers(input: { target: { workers: ["b@x"] } })`)).toEqual({
      replies: ["b@x", "b@x"].map((worker) => ({ worker, ok: true, value: { said: worker }, error: null })),
      silent: [],
      errors: [],
    });
    expect(heard).toMatchObject([{ ask: "ping" }, { ask: "ping" }]);
  });

  test.each([
    ["resizeWorkerPool(input: { target: { all: true }, concurrency: 8 })", { concurrency: 8 }],
    ["autoscaleWorkers(input: { target: { all: true }, min: 2, max: 9 })", { autoscale: { min: 2, max: 9 } }],
    [
      `setWorkerQueues(input: { target: { all: true }, add: ["x"], remove: ["y"] })`,
      { queuesAdded: ["x"], queuesRemoved: ["y"] },
    ],
    ["pauseWorkers(input: { target: { all: true } })", { paused: true }],
    ["setWorkerLogLevel(input: { target: { all: true }, level: DEBUG })", { logLevel: "debug" }],
  ])("%s is stored, published, and removed by a reset", async (mutation, after) => {
    await workers("a@x");
    const watcher = await api.watch(
      "subscription { controlEvents { __typename ... on ControlUpdate { cursor entry { actor action changes { target before after } } } } }",
    );
    expect(await watcher.next()).toMatchObject({ __typename: "StreamHeartbeat" });
    expect(await command(mutation, "ada")).toMatchObject({ replies: [{ ok: true }], errors: [] });
    const changes = [{ target: "a@x", before: {}, after }];
    expect(await watcher.next()).toMatchObject({ entry: { actor: "ada", changes } });
    await command("resetWorkerSettings(input: { target: { all: true } })");
    expect(await watcher.next()).toMatchObject({
      entry: { action: "RESET_WORKER_SETTINGS", changes: [{ before: after, after: {} }] },
    });
  });

  test("a fixed size ends scaling, and the other way", async () => {
    await workers("a@x");
    await command("autoscaleWorkers(input: { target: { all: true }, min: 2, max: 9 })");
    await command("resizeWorkerPool(input: { target: { all: true }, concurrency: 8 })");
    await command("autoscaleWorkers(input: { target: { all: true }, min: 1, max: 3 })");
    await command("resetWorkerSettings(input: { target: { all: true }, settings: [QUEUES, PAUSED] })");
    const { controlLog } = await api.data("{ controlLog { nodes { changes { after } } } }");
    expect(controlLog.nodes.map((node: { changes: { after: object }[] }) => node.changes[0]!.after)).toEqual([
      { autoscale: { min: 1, max: 3 } },
      { autoscale: { min: 1, max: 3 } },
      { concurrency: 8 },
      { autoscale: { min: 2, max: 9 } },
    ]);
  });

  test("an invalid value is refused at once, and nothing is stored", async () => {
    const none = await command("pauseWorkers(input: { target: { all: true } })");
    expect(none.errors).toMatchObject([{ code: "NO_WORKER_REPLIED", path: ["input", "target"] }]);
    await workers("a@x");
    const { errors } = await command(
      `setWorkerQueues(input: { target: { workers: ["a@y"] }, timeout: "1h", add: ["../x"], remove: ["ok"] })`,
    );
    expect(errors).toMatchObject([
      { code: "INVALID_INPUT", path: ["input", "add"], message: expect.stringContaining('got "../x"') },
      { code: "INVALID_INPUT", path: ["input", "timeout"], message: expect.stringContaining("up to 20 s") },
      { code: "NOT_FOUND", path: ["input", "target", "workers", "0"], hint: 'Did you mean "a@x"?' },
    ]);
    for (const wrong of [
      "resizeWorkerPool(input: { target: { all: true }, concurrency: 0 })",
      "autoscaleWorkers(input: { target: { all: true }, min: 3, max: 2 })",
      "setWorkerQueues(input: { target: { all: true } })",
      `setWorkerQueues(input: { target: { all: true }, add: ["a"], remove: ["a"] })`,
      "pauseWorkers(input: { target: { workers: [] } })",
      "pauseWorkers(input: { target: { all: false } })",
    ])
      expect((await command(wrong)).errors).toMatchObject([{ code: "INVALID_INPUT" }]);
    expect((await api.data("{ controlLog { nodes { id } } }"))["controlLog"].nodes).toEqual([]);
  });

  test("a command without a target is not an operation of the schema", async () => {
    for (const input of [
      "{}",
      "{ drain: false }",
      "{ target: {} }",
      '{ target: { all: true, workers: ["a@x"] } }',
    ]) {
      const { data, errors } = await api.run(`mutation { shutdownWorkers(input: ${input}) { silent } }`);
      expect(data).toBeUndefined();
      expect(errors![0]!.message).toMatch(/"target"|"ShutdownWorkersInput\.target"|"WorkerTarget"/);
    }
  });

  test("a worker shows between which bounds its size moves", async () => {
    await Lifecycle.begin(api, { name: "s@x", autoscale: { min: 2, max: 9 }, concurrency: 4 });
    expect(await api.data(`{ worker(name: "s@x") { pool { concurrency min max } } }`)).toEqual({
      worker: { pool: { concurrency: 4, min: 2, max: 9 } },
    });
  });
});

describe("settings of task definitions", () => {
  test("show the effective values, and which of them are overridden", async () => {
    const heard = await workers("a@x");
    await Lifecycle.begin(api, { name: "other@x", definitions: ["math.add"] });
    const read = async () =>
      (
        await api.data(
          `{ taskDefinition(name: "mail.send") { timeLimit timeLimitSeconds softTimeLimit softTimeLimitSeconds rateLimit overridden } }`,
        )
      )["taskDefinition"];
    const own = {
      ...{ timeLimit: "PT30S", timeLimitSeconds: 30, softTimeLimit: null, softTimeLimitSeconds: null },
      ...{ rateLimit: null, overridden: [] },
    };
    expect(await read()).toEqual(own);
    const answer = await command(`setTaskRateLimit(input: { name: "mail.send", rateLimit: "5/m" })`);
    // Only who knows the definition is asked.
    expect(answer).toMatchObject({ replies: [{ worker: "a@x" }], silent: [], errors: [] });
    expect(heard).toMatchObject([{ ask: "look", task: "mail.send" }]);
    const limit = `setTaskTimeLimit(input: { name: "mail.send", soft: "5s", hard: "10s" })`;
    const { setTaskTimeLimit } = await api.data(
      `mutation { ${limit} { definition { name timeLimit rateLimit overridden } } }`,
    );
    expect(setTaskTimeLimit.definition).toEqual({
      ...{ name: "mail.send", timeLimit: "PT10S", rateLimit: "5/m" },
      overridden: ["RATE_LIMIT", "TIME_LIMIT", "SOFT_TIME_LIMIT"],
    });
    await command(`pauseTask(input: { name: "mail.send" })`);
    const told = ["RATE_LIMIT", "TIME_LIMIT", "SOFT_TIME_LIMIT", "PAUSED"];
    const all = {
      ...{ timeLimit: "PT10S", timeLimitSeconds: 10, softTimeLimit: "PT5S", softTimeLimitSeconds: 5 },
      ...{ rateLimit: "5/m", overridden: told },
    };
    expect(await read()).toEqual(all);
    // What is left out stays.
    await command(`setTaskTimeLimit(input: { name: "mail.send", hard: null })`);
    expect(await read()).toMatchObject({ timeLimit: "PT30S", softTimeLimit: "PT5S" });
    await command(`setTaskTimeLimit(input: { name: "mail.send", soft: null })`);
    await command(`setTaskRateLimit(input: { name: "mail.send" })`);
    await command(`resumeTask(input: { name: "mail.send" })`);
    expect(await read()).toEqual(own);
  });

  test("can be overridden without any live worker", async () => {
    expect(await command(`setTaskRateLimit(input: { name: "mail.send", rateLimit: "5/m" })`)).toEqual({
      replies: [],
      silent: [],
      errors: [],
    });
    expect((await command(`pauseTask(input: { name: "mail.sned" })`)).errors).toMatchObject([
      { code: "NOT_REGISTERED", path: ["input", "name"], hint: 'Did you mean "mail.send"?' },
    ]);
  });
});

describe("the log of commands", () => {
  test("is read in pages, newest first, and is bounded by the janitor", async () => {
    await workers("a@x");
    for (const size of [1, 2, 3])
      await command(`resizeWorkerPool(input: { target: { all: true }, concurrency: ${size} })`);
    const page = (after?: string) =>
      api.data(
        "query ($after: String) { controlLog(first: 2, after: $after) { nodes { id at changes { after } } edges { cursor node { id } } totalCount pageInfo { hasNextPage endCursor } } }",
        { after },
      );
    const { controlLog: first } = await page();
    expect(first).toMatchObject({
      nodes: [{ changes: [{ after: { concurrency: 3 } }] }, { changes: [{ after: { concurrency: 2 } }] }],
      pageInfo: { hasNextPage: true },
    });
    expect(first.totalCount).toBe(3);
    expect(first.edges.map(({ node }: Data) => node.id)).toEqual(first.nodes.map(({ id }: Data) => id));
    const { controlLog: second } = await page(first.edges[1].cursor);
    expect(second).toMatchObject({
      nodes: [{ changes: [{ after: { concurrency: 1 } }] }],
      pageInfo: { hasNextPage: false },
    });
    const { errors } = await api.run(`{ controlLog(after: "x") { nodes { id } } }`);
    expect(errors![0]!.message).toBe(
      'after: expected a cursor of this list, got "x". Take one from pageInfo.',
    );
    const { maintenance, workers: store, control } = api.services.stores;
    const parts = { maintenance, workers: store, control };
    await new Janitor(parts, () => undefined, { maxLog: 2, batchSize: 1 }).clean();
    expect((await page())["controlLog"].pageInfo.hasNextPage).toBe(false);
    await api.sql.run("update lovage.control_log set at = now() - interval '91 days'");
    await new Janitor(parts, () => undefined).clean();
    expect((await page())["controlLog"].nodes).toEqual([]);
  });
});
