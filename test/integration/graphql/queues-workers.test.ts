import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Api, type Loose, openApi } from "./api.ts";
import { DEFINITIONS } from "./definitions.ts";
import { Lifecycle } from "./lifecycle.ts";

let api: Api;
beforeAll(async () => void (api = await openApi(DEFINITIONS)));
afterAll(() => api[Symbol.asyncDispose]());

const QUEUE = "queue { name paused waiting scheduled active latency } errors { code message path hint }";

async function enqueue(queue: string, options = {}): Promise<string> {
  const mutation = `mutation ($options: EnqueueOptions) { enqueueMathAdd(input: { x: 1, y: 2 }, options: $options) { task { id } } }`;
  return (await api.data(mutation, { options: { queue, ...options } }))["enqueueMathAdd"].task.id as string;
}

describe("server and definitions", () => {
  test("reports its version and settings", async () => {
    const { server } = await api.data("{ server { version broker database timeZone uptime } }");
    expect(server).toEqual({
      version: "1.2.3",
      broker: "memory",
      database: "embedded",
      timeZone: "Asia/Shanghai",
      uptime: expect.stringMatching(/^PT[\d.]+S$/),
    });
  });

  test("shows definitions with their schemas, retry policy and workers", async () => {
    const lifecycle = await Lifecycle.begin(api, { definitions: ["mail.send"] });
    const { taskDefinition } = await api.data(`{ taskDefinition(name: "mail.send") {
      name description tags deprecationReason inputSchema outputSchema mutationField queueName queue { name } priority timeLimit softTimeLimit
      retry { maxAttempts backoff initialDelay maxDelay jitter for } workers { id } } }`);
    expect(taskDefinition).toMatchObject({
      name: "mail.send",
      description: "Sends one mail.",
      tags: ["outside"],
      deprecationReason: null,
      inputSchema: { type: "object", properties: { to: { format: "email" } }, required: ["to"] },
      outputSchema: { type: "object", properties: { messageId: { type: "string" } } },
      mutationField: "enqueueMailSend",
      queueName: "mail",
      queue: { name: "mail" },
      priority: "HIGH",
      timeLimit: "PT30S",
      softTimeLimit: null,
      retry: {
        ...{ maxAttempts: 5, backoff: "LINEAR", initialDelay: "PT2S", maxDelay: "PT1M", jitter: false },
        for: null,
      },
      workers: [{ id: lifecycle.worker.id }],
    });
    expect(await api.data(`{ taskDefinition(name: "__proto__") { name } }`)).toEqual({
      taskDefinition: null,
    });
  });

  test("finds definitions by a string; one without a schema has no mutation", async () => {
    const names = async (search: string): Promise<string[]> =>
      (await api.data(`query ($s: String) { taskDefinitions(search: $s) { name } }`, { s: search }))[
        "taskDefinitions"
      ].map((definition: Loose) => definition.name);
    expect(await names("")).toEqual(["any.json", "mail.send", "math.add", "user.login"]);
    expect(await names("SENDS one")).toEqual(["mail.send"]);
    expect(await names("outside")).toEqual(["mail.send"]);
    const { taskDefinition } = await api.data(
      `{ taskDefinition(name: "any.json") { inputSchema mutationField deprecationReason } }`,
    );
    expect(taskDefinition).toEqual({
      inputSchema: null,
      mutationField: null,
      deprecationReason: "Use math.add.",
    });
  });

  test("lists the runs of a definition", async () => {
    const id = await enqueue("runs");
    const runs = `query ($filter: TaskFilter) { taskDefinition(name: "math.add") { runs(first: 5, filter: $filter) { nodes { id } totalCount } } }`;
    const { taskDefinition } = await api.data(runs, { filter: { queues: ["runs"] } });
    expect(taskDefinition.runs).toEqual({ nodes: [{ id }], totalCount: 1 });
    const { errors } = await api.run(runs, { filter: { names: ["mail.send"] } });
    expect(errors![0]!.message).toBe(
      "filter.names: cannot be used here, because runs belong to one task definition. Omit it.",
    );
  });
});

describe("queues", () => {
  test("are the queues of the definitions and the queues in use", async () => {
    const lifecycle = await Lifecycle.begin(api);
    await enqueue("busy");
    await enqueue("busy", { delay: "1h" });
    await lifecycle.start(await enqueue("busy"));
    const { queues } = await api.data("{ queues { name paused waiting scheduled active latency } }");
    expect(queues.map((queue: Loose) => queue.name)).toEqual(
      expect.arrayContaining(["busy", "default", "mail"]),
    );
    expect(queues.find((queue: Loose) => queue.name === "busy")).toEqual({
      name: "busy",
      paused: false,
      waiting: 1,
      scheduled: 1,
      active: 1,
      latency: expect.stringMatching(/^PT/),
    });
    expect((await api.data(`{ queue(name: "mail") { waiting } }`))["queue"]).toEqual({ waiting: 0 });
    expect(
      await api.data(`{ a: queue(name: "nobody") { name } b: queue(name: "\\u0000") { name } }`),
    ).toEqual({ a: null, b: null });
  });

  test("pause and resume", async () => {
    const lifecycle = await Lifecycle.begin(api);
    const id = await enqueue("stop");
    const paused = await api.data(`mutation { pauseQueue(input: { name: "stop" }) { ${QUEUE} } }`);
    expect(paused["pauseQueue"]).toMatchObject({
      queue: { name: "stop", paused: true, waiting: 1 },
      errors: [],
    });
    await expect(lifecycle.start(id)).rejects.toThrow("could not be claimed");
    const resumed = await api.data(`mutation { resumeQueue(input: { name: "stop" }) { ${QUEUE} } }`);
    expect(resumed["resumeQueue"]).toMatchObject({ queue: { name: "stop", paused: false } });
    expect((await lifecycle.start(id)).summary.id).toBe(id);
  });

  test("purge asks for the name twice", async () => {
    const ids = [await enqueue("old"), await enqueue("old")];
    const purge = (confirm: string) =>
      api.data(
        `mutation ($confirm: String!) { purgeQueue(input: { name: "old", confirm: $confirm }) { affectedCount ${QUEUE} } }`,
        {
          confirm,
        },
      );
    expect((await purge("Old"))["purgeQueue"]).toEqual({
      queue: null,
      affectedCount: 0,
      errors: [
        {
          code: "INVALID_INPUT",
          message: 'input.confirm: expected the queue\'s name "old", got "Old".',
          path: ["input", "confirm"],
          hint: "Nothing was purged.",
        },
      ],
    });
    expect((await purge("old"))["purgeQueue"]).toMatchObject({
      affectedCount: 2,
      queue: { waiting: 0 },
      errors: [],
    });
    const { tasks } = await api.data(
      "query ($ids: [ID!]) { tasks(filter: { ids: $ids }) { nodes { state } } }",
      { ids },
    );
    expect(tasks.nodes).toEqual([{ state: "REVOKED" }, { state: "REVOKED" }]);
  });

  test("a name that no queue can have is refused", async () => {
    const { pauseQueue } = await api.data(`mutation { pauseQueue(input: { name: "../x" }) { ${QUEUE} } }`);
    expect(pauseQueue.errors).toMatchObject([
      { code: "INVALID_INPUT", path: ["input", "name"], message: expect.stringContaining('got "../x".') },
    ]);
  });
});

describe("workers", () => {
  test("show their settings and their running tasks", async () => {
    const lifecycle = await Lifecycle.begin(api, {
      name: "main@box",
      hostname: "box",
      concurrency: 8,
      busy: 1,
      processed: 5_000_000_000,
    });
    const id = await enqueue("mine");
    await lifecycle.start(id);
    const { worker } =
      await api.data(`{ worker(name: "main@box") { id name hostname pid version status startedAt lastHeartbeatAt queueNames queues { name }
      definitionNames definitions { name } pool { kind concurrency busy } load { cpuPercent memoryBytes eventLoopLagMs loadAverage }
      processed succeeded failed retried active { id state } } }`);
    expect(worker).toEqual({
      ...{
        id: lifecycle.worker.id,
        name: "main@box",
        hostname: "box",
        pid: 1,
        version: "0.0.0",
        status: "ONLINE",
      },
      startedAt: expect.stringMatching(/Z$/),
      lastHeartbeatAt: expect.stringMatching(/Z$/),
      queueNames: ["default"],
      queues: [{ name: "default" }],
      definitionNames: ["test.task"],
      definitions: [], // This server does not know it.
      pool: { kind: "ASYNC", concurrency: 8, busy: 1 },
      load: { cpuPercent: 0, memoryBytes: 0, eventLoopLagMs: 0, loadAverage: [0, 0, 0] },
      ...{ processed: 5_000_000_000, succeeded: 0, failed: 0, retried: 0 },
      active: [{ id, state: "STARTED" }],
    });
    expect(await api.data(`{ a: worker(name: "nobody") { id } b: worker(name: "\\u0000") { id } }`)).toEqual({
      a: null,
      b: null,
    });
  });

  test("are listed by status", async () => {
    const gone = await Lifecycle.begin(api);
    await api.services.stores.workers.setOffline(gone.worker.id);
    const { offline, all } = await api.data(
      "{ offline: workers(statuses: [OFFLINE]) { id } all: workers { id } }",
    );
    expect(offline).toEqual([{ id: gone.worker.id }]);
    expect(all.length).toBeGreaterThan(1);
  });
});
