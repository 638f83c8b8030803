import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { newId } from "../../../../src/lib/uuid.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import { type Deployment, shared } from "../../../support/deployments.ts";
import { type RedisServer, startRedis } from "../../../support/servers/redis-server.ts";
import { openStream, type StreamReader, TRANSPORTS } from "../../../support/stream-client.ts";

const listed = defineTask({
  name: "list.task",
  input: z.object({ password: z.string().optional() }),
  sensitive: ["password"],
  run: () => 1,
});

let deployment: Deployment;
let redis: RedisServer;
let url: string;
beforeAll(async () => {
  deployment = await shared();
  redis = await startRedis();
  // Tasks of other queues wait.
  const settings = { redisUrl: redis.url, queues: ["run"] };
  const app = await deployment.app([listed], ["maintenance", "worker", "server"], settings);
  url = app.describe().url!;
});
afterAll(async () => {
  await deployment[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
});

const LIST = `subscription ($filter: TaskFilter, $first: Int!, $delivery: StreamDelivery) {
  taskList(filter: $filter, first: $first, delivery: $delivery) {
    __typename
    ... on TaskListSnapshot { hasMore tasks { id state } }
    ... on TaskListUpdate { type merged task { id state args } }
    ... on StreamReset { reason } } }`;

// oxlint-disable-next-line typescript/no-explicit-any -- looked at field by field
async function ask(query: string, variables: object = {}): Promise<any> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function enqueue(tag: string, count = 1, queue = "default"): Promise<string[]> {
  const tasks = Array.from({ length: count }, () => ({
    name: "list.task",
    args: { password: "hunter2" },
    options: { tags: [tag], queue },
  }));
  const query = `mutation ($tasks: [EnqueueTaskInput!]!) { enqueueTasks(input: { tasks: $tasks }) { ids } }`;
  return (await ask(query, { tasks })).enqueueTasks.ids;
}

const select = (name: string, ids: readonly string[]) =>
  ask(`mutation ($ids: [ID!]) { ${name}(input: { select: { ids: $ids } }) { errors { message } } }`, { ids });

/** The list that a client has, by the rules of the documentation. */
class ListClient implements AsyncDisposable {
  readonly tasks = new Map<string, string>();
  readonly kinds: string[] = [];
  merged = 0;
  failure: unknown = null;
  readonly #reader: StreamReader;
  #done: Promise<void> | null = null;

  constructor(...args: Parameters<typeof openStream>) {
    this.#reader = openStream(...args);
  }

  get ids(): string[] {
    return [...this.tasks.keys()].toSorted().toReversed();
  }

  /** Reads the first message, then all others as they come. */
  async begin(): Promise<this> {
    this.#take(await this.#reader.next());
    this.#done = (async () => {
      for (let message = await this.#reader.next(); message; message = await this.#reader.next())
        this.#take(message);
    })();
    this.#done.catch((error: unknown) => (this.failure = error));
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader[Symbol.asyncDispose]();
    await this.#done?.catch(() => undefined);
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- looked at field by field
  #take(message: any): void {
    this.kinds.push(message.type ?? message.__typename);
    if (message.__typename === "TaskListSnapshot") {
      this.tasks.clear();
      for (const { id, state } of message.tasks) this.tasks.set(id, state);
    } else if (message.type === "REMOVED") {
      expect(this.tasks.delete(message.task.id)).toBe(true);
    } else if (message.__typename === "TaskListUpdate") {
      expect(this.tasks.has(message.task.id)).toBe(message.type === "UPDATED");
      expect(message.task.args?.password).not.toBe("hunter2");
      this.tasks.set(message.task.id, message.task.state);
    }
    this.merged += message.merged ?? 0;
  }
}

describe.each(TRANSPORTS)("a client of %s", (transport) => {
  test("receives the list, then each change: new tasks, other states, and those that no longer match", async () => {
    const tag = newId();
    const [first, second] = await enqueue(tag, 2);
    const filter = { tags: [tag], states: ["QUEUED", "STARTED"] };
    await using list = await new ListClient(transport, url, LIST, { filter, first: 10 }).begin();
    expect([list.ids, list.kinds]).toEqual([[second, first], ["TaskListSnapshot"]]);
    const [third] = await enqueue(tag);
    await vi.waitFor(() => expect(list.ids).toEqual([third, second, first]));
    await select("revokeTasks", [second!]);
    await vi.waitFor(() => expect(list.ids).toEqual([third, first]));
    const [run] = await enqueue(tag, 1, "run");
    await vi.waitFor(() => expect(list.kinds.slice(3)).toEqual(["INSERTED", "UPDATED", "REMOVED"]));
    expect(list.kinds.slice(0, 3)).toEqual(["TaskListSnapshot", "INSERTED", "REMOVED"]);
    expect(list.tasks.has(run!)).toBe(false);
  });

  test("has at most `first` tasks: new ones push the oldest out, and the next take the place of removed ones", async () => {
    const tag = newId();
    // More than the server keeps of a list, so it must read again.
    const ids = (await enqueue(tag, 320)).toReversed();
    const filter = { tags: [tag], states: ["QUEUED"] };
    await using list = await new ListClient(transport, url, LIST, { filter, first: 3 }).begin();
    expect(list.ids).toEqual(ids.slice(0, 3));
    const [newest] = await enqueue(tag);
    await vi.waitFor(() => expect(list.ids).toEqual([newest, ...ids.slice(0, 2)]));
    expect(list.kinds.slice(1).toSorted()).toEqual(["INSERTED", "REMOVED"]);
    await select("revokeTasks", [newest!, ...ids.slice(0, 300)]);
    await vi.waitFor(() => expect(list.ids).toEqual(ids.slice(300, 303)), { timeout: 5_000 });
  });

  test("that wants LATEST has the same list in fewer messages", async () => {
    const tag = newId();
    const filter = { tags: [tag] };
    const delivery = { mode: "LATEST", every: "PT1S" };
    await using every = await new ListClient(transport, url, LIST, { filter, first: 20 }).begin();
    await using latest = await new ListClient(transport, url, LIST, { filter, first: 20, delivery }).begin();
    for (let round = 0; round < 5; round += 1) await enqueue(tag, 4, "run");
    await vi.waitFor(() => expect([...every.tasks.values()]).toEqual(Array(20).fill("SUCCESS")));
    await vi.waitFor(() => expect(latest.tasks).toEqual(every.tasks), { timeout: 5_000 });
    expect(latest.kinds.length).toBeLessThan(every.kinds.length);
    expect(latest.kinds.length + latest.merged).toBe(every.kinds.length);
    expect(every.merged).toBe(0);
  });

  test("receives a reset and the list again after Redis was flushed, and then its changes", async () => {
    const tag = newId();
    const filter = { tags: [tag], states: ["QUEUED"] };
    const [first, second] = await enqueue(tag, 2);
    await using list = await new ListClient(transport, url, LIST, { filter, first: 10 }).begin();
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    await select("revokeTasks", [first!]);
    await vi.waitFor(() => expect(list.kinds).toContain("StreamReset"), { timeout: 15_000 });
    await vi.waitFor(() => expect(list.ids).toEqual([second]));
    const reset = list.kinds.indexOf("StreamReset");
    expect(list.kinds.slice(reset, reset + 2)).toEqual(["StreamReset", "TaskListSnapshot"]);
    const [third] = await enqueue(tag);
    await vi.waitFor(() => expect(list.ids).toEqual([third, second]));
  });

  test.each<[Record<string, unknown>, string]>([
    [
      { filter: { search: "x" } },
      "filter.search: cannot be used in a subscription, because events do not carry this value.",
    ],
    [{ filter: { uniqueKey: "x" } }, "filter.uniqueKey: cannot be used in a subscription"],
    [{ first: 101 }, "first: expected 1 to 100, got 101."],
    [{ filter: { ids: ["7"] } }, 'filter.ids.0: expected a UUID, got "7".'],
    [{ delivery: { mode: "ALL", every: "1s" } }, "delivery.every: expected none with mode ALL"],
  ])("is refused %j", async (variables, message) => {
    await using reader = openStream(transport, url, LIST, { first: 10, ...variables });
    await expect(reader.next()).rejects.toMatchObject({
      errors: [{ message: expect.stringContaining(message), extensions: { code: "BAD_USER_INPUT" } }],
    });
  });
});

/** Without values that each message would have to load. */
const LIGHT = LIST.replace(" args", "");

test("lists that begin amid changes lose none of them: in the end each is what a query returns", async () => {
  const tag = newId();
  const filter = { tags: [tag], states: ["QUEUED", "STARTED"] };
  await using scope = new AsyncDisposableStack();
  const lists: ListClient[] = [];
  const changes = (async () => {
    while (lists.length < 40) {
      const ids = await enqueue(tag, 6);
      await Promise.all([enqueue(tag, 4, "run"), select("revokeTasks", ids.slice(0, 5))]);
    }
  })();
  for (let index = 0; index < 40; index += 1) {
    // Different filters, so that each list is read anew.
    const own = { ...filter, tags: [tag, `list ${index}`] };
    const variables = { filter: own, first: 1 + index * 2 };
    const list = new ListClient(TRANSPORTS[index % 2]!, url, LIGHT, variables);
    scope.use(list);
    lists.push(await list.begin());
  }
  await changes;
  const query = `query ($filter: TaskFilter) { tasks(filter: $filter, first: 100) { nodes { id } } }`;
  await vi.waitFor(
    async () => {
      const { tasks } = await ask(query, { filter });
      const ids = tasks.nodes.map(({ id }: { id: string }) => id);
      expect(lists.flatMap(({ failure }) => failure ?? [])).toEqual([]);
      for (const [index, list] of lists.entries())
        expect([index, list.ids, list.kinds.length > 1]).toEqual([index, ids.slice(0, 1 + index * 2), true]);
    },
    { timeout: 20_000, interval: 200 },
  );
});

test("a list whose snapshot costs more than an event may is refused", async () => {
  const wide = `subscription { taskList(first: 100) { ... on TaskListSnapshot { tasks { id name state attempt
    queueName workerName createdAt queuedAt startedAt finishedAt priority tags maxAttempts runAt
    definition { name } worker { name } schedule { name } } } } }`;
  await using reader = openStream("WebSocket", url, wide);
  await expect(reader.next()).rejects.toMatchObject({ errors: [{ extensions: { code: "COST_LIMIT" } }] });
});
