import { execute, parse } from "graphql";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { SharedExecutions } from "../../../../src/graphql/http/operations/shared-executions.ts";
import { newId } from "../../../../src/lib/uuid.ts";
import { newWorker } from "../../../support/store-rows.ts";
import { type Api, type Loose, openApi, type Watcher } from "../api.ts";
import { DEFINITIONS } from "../definitions.ts";
import { Lifecycle } from "../lifecycle.ts";

let api: Api;
beforeAll(async () => void (api = await openApi(DEFINITIONS)));
afterAll(() => api[Symbol.asyncDispose]());

async function enqueue(options = {}): Promise<string> {
  const mutation = `mutation ($options: EnqueueOptions) { enqueueMathAdd(input: { x: 1, y: 2 }, options: $options) { task { id } } }`;
  const { enqueueMathAdd } = await api.data(mutation, { options });
  await api.services.publisher.flush();
  return enqueueMathAdd.task.id as string;
}

describe("tasks", () => {
  const WATCH = `subscription ($filter: TaskFilter, $after: String, $maxRate: Int! = 1000) {
    tasks(filter: $filter, after: $after, maxRate: $maxRate) { __typename ... on StreamHeartbeat { cursor } ... on TaskUpdate { cursor type task { id state result workerName } } } }`;

  /** Begins to listen, after the greeting that every subscriber without a cursor gets. */
  async function watch(filter: object | null, after?: string): Promise<Watcher> {
    const watcher = await api.watch(WATCH, { filter, after });
    if (after === undefined)
      expect(await watcher.next()).toMatchObject({
        __typename: "StreamHeartbeat",
        cursor: await api.feed.head(),
      });
    return watcher;
  }

  test("sends events that match the filter, and no others", async () => {
    const lifecycle = await Lifecycle.begin(api);
    const watchers = {
      tagged: await watch({ tags: ["seen"] }),
      done: await watch({ states: ["SUCCESS"], tags: ["seen"] }),
      byWorker: await watch({ workers: [lifecycle.worker.name], names: ["math.add"], queues: ["default"] }),
      later: await watch({ tags: ["seen"], createdAt: { from: "2999-01-01T00:00:00Z" } }),
      ran: await watch({ tags: ["seen"], finishedAt: { from: "2020-01-01T00:00:00Z" }, runTime: { min: 0 } }),
    };
    await enqueue({ tags: ["unseen"] });
    const id = await enqueue({ tags: ["seen"] });
    await lifecycle.succeed(await lifecycle.start(id), 3);
    const types = async (watcher: Watcher, count: number): Promise<string[]> => {
      const told: string[] = [];
      while (told.length < count) told.push((await watcher.next()).type);
      return told;
    };
    expect(await types(watchers.tagged, 3)).toEqual(["ENQUEUED", "STARTED", "SUCCEEDED"]);
    expect(await watchers.done.next()).toMatchObject({ type: "SUCCEEDED", task: { id, result: 3 } });
    expect(await types(watchers.byWorker, 2)).toEqual(["STARTED", "SUCCEEDED"]);
    expect(await types(watchers.ran, 1)).toEqual(["SUCCEEDED"]);
    const none = watchers.later.ended();
    await watchers.later.leave();
    expect(await none).toBe(true);
  });

  test("continues after a cursor", async () => {
    const lifecycle = await Lifecycle.begin(api);
    const watcher = await watch({ tags: ["resume"] });
    const id = await enqueue({ tags: ["resume"] });
    const { cursor } = await watcher.next();
    await watcher.leave();
    await lifecycle.start(id);
    await api.services.publisher.flush();
    expect(await (await watch({ tags: ["resume"] }, cursor)).next()).toMatchObject({ type: "STARTED" });
  });

  test("data that an event must load are loaded once for all subscribers of one document, whatever their filters", async () => {
    const lifecycle = await Lifecycle.begin(api);
    const shared = new SharedExecutions({ execute, isLarge: () => false });
    const document = parse(WATCH);
    const watchers = await Promise.all(
      [
        { tags: ["shared"] },
        { names: ["math.add"], tags: ["shared"] },
        { queues: ["default"], tags: ["shared"] },
      ].map(async (filter) => {
        const variableValues = { filter: { ...filter, states: ["SUCCESS"] } };
        const args = { schema: api.schema, document, variableValues, contextValue: api.context() };
        const stream = await shared.subscribe(args, null);
        if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream.errors));
        onTestFinished(async () => void (await stream.return()));
        await stream.next();
        return stream;
      }),
    );
    // As a server does: it waits for the next message before that happens, so the event comes live
    // and not from the backlog.
    const told = watchers.map((watcher) => watcher.next());
    const id = await enqueue({ tags: ["shared"] });
    const started = await lifecycle.start(id);
    const before = { ...api.calls };
    await lifecycle.succeed(started, 3);
    for (const message of await Promise.all(told))
      expect(message).toMatchObject({
        value: { data: { tasks: { type: "SUCCEEDED", task: { id, result: 3 } } } },
      });
    expect(api.calls).toEqual({ ...before, values: before.values + 1 });
  });

  test("by ids", async () => {
    const [one, other] = [await enqueue(), await enqueue()];
    const lifecycle = await Lifecycle.begin(api);
    const watcher = await watch({ ids: [other] });
    await lifecycle.start(one);
    await lifecycle.start(other);
    expect(await watcher.next()).toMatchObject({ type: "STARTED", task: { id: other } });
  });

  test.each<[Record<string, unknown>, string]>([
    [
      { filter: { search: "x" } },
      "filter.search: cannot be used in a subscription, because events do not carry this value.",
    ],
    [{ filter: { argsContain: { a: 1 } } }, "filter.argsContain: cannot be used in a subscription"],
    [{ filter: { fingerprint: "x" } }, "filter.fingerprint: cannot be used in a subscription"],
    [{ filter: { ids: [] } }, "filter.ids: expected 1 to 1000 values, got 0."],
    [{ maxRate: 0 }, "maxRate: expected 1 to 1000, got 0."],
  ])("refuses %j", async (variables, message) => {
    expect(await api.refusedWatch(WATCH, variables)).toMatchObject([
      { message: expect.stringContaining(message), extensions: { code: "BAD_USER_INPUT" } },
    ]);
  });
});

describe("workers", () => {
  const WATCH = `subscription ($after: String) { workers(after: $after) { __typename
    ... on StreamMessage { cursor } ... on WorkerUpdate { type worker { id status busy pool { busy } } } ... on StreamReset { reason } } }`;

  test("sends every known worker, then changes", async () => {
    const [first, second] = [await Lifecycle.begin(api), await Lifecycle.begin(api)];
    await api.services.stores.workers.setOffline(second.worker.id);
    const watcher = await api.watch(WATCH.replace("busy pool", "pool"));
    const known = new Map<string, Loose>();
    while (!known.has(first.worker.id) || !known.has(second.worker.id)) {
      const update = await watcher.next();
      known.set(update.worker.id, update);
    }
    expect(known.get(first.worker.id)).toMatchObject({ __typename: "WorkerUpdate", type: "ONLINE" });
    expect(known.get(second.worker.id)).toMatchObject({ type: "OFFLINE", worker: { status: "OFFLINE" } });
    const total = (await api.services.stores.workers.list()).length;
    for (let count = known.size; count < total; count += 1) await watcher.next();
    const worker = { ...first.worker, busy: 3 };
    api.services.publisher.publish([{ kind: "worker", type: "HEARTBEAT", at: new Date(), worker }]);
    expect(await watcher.next()).toMatchObject({
      type: "HEARTBEAT",
      worker: { id: worker.id, pool: { busy: 3 } },
    });
  });

  test("continues after a cursor without sending the known ones; after a reset it sends them again", async () => {
    const query = WATCH.replace("busy pool", "pool");
    const after = await api.feed.head();
    const worker = newWorker();
    await api.services.stores.workers.register(worker);
    api.services.publisher.publish([{ kind: "worker", type: "ONLINE", at: new Date(), worker }]);
    await api.services.publisher.flush();
    expect(await (await api.watch(query, { after })).next()).toMatchObject({
      type: "ONLINE",
      worker: { id: worker.id },
    });
    const gone = `${after.split(".")[0]!.replace(/^./, (first) => (first === "0" ? "1" : "0"))}.1`;
    const reset = await api.watch(query, { after: gone });
    expect(await reset.next()).toMatchObject({ __typename: "StreamReset" });
    expect(await reset.next()).toMatchObject({ __typename: "WorkerUpdate", worker: { id: worker.id } });
  });
});

describe("queues", () => {
  const WATCH = "subscription ($interval: Duration!) { queues(interval: $interval) { name waiting } }";
  const waitingIn = (queues: Loose, name: string): number =>
    queues.find((queue: Loose) => queue.name === name)?.waiting ?? 0;

  test("sends all queues now, and again every interval", async () => {
    const watcher = await api.watch(WATCH, { interval: "PT0.2S" });
    const queue = `watched-${newId()}`;
    expect((await watcher.next()).map((one: Loose) => one.name)).toEqual(
      expect.arrayContaining(["default", "mail"]),
    );
    await enqueue({ queue });
    let queues = await watcher.next();
    while (waitingIn(queues, queue) === 0) queues = await watcher.next();
    expect(waitingIn(queues, queue)).toBe(1);
  });

  test("refuses intervals that are too short or too long", async () => {
    for (const [interval, shown] of [
      ["100ms", "PT0.1S"],
      ["2m", "PT2M"],
    ]) {
      expect(await api.refusedWatch(WATCH, { interval })).toMatchObject([
        {
          message: `interval: expected PT0.2S to PT1M, got ${shown}.`,
          extensions: { code: "BAD_USER_INPUT" },
        },
      ]);
    }
  });
});
