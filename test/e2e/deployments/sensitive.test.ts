import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import type { App } from "../../../src/app/app.ts";
import type { TaskHandle } from "../../../src/app/handle.ts";
import { ApiClient } from "../api-client.ts";
import { SplitDeployment } from "../../support/split-deployment.ts";
import type { Child } from "../../support/child.ts";
import { openGate } from "../../support/gate.ts";
import { redisContents } from "../../support/servers/redis-contents.ts";
import { ANOTHER, digestOf, inProcess, inThread, inWorker, keyless, strict } from "./sensitive.tasks.ts";

vi.setConfig({ testTimeout: 90_000 });
const timeout = "40s";
const TASKS = [inWorker, inProcess, inThread];
/** A file of settings for those who have two keys. */
const BOTH_KEYS = "both.config.mjs";
const newKey = (id: string): string => `${id}:${randomBytes(32).toString("base64")}`;
const [oldKey, key] = [newKey("k1"), newKey("k2")];

/** What nobody but the code that runs may see, and what is no secret. */
const HIDDEN = ["4000-1234-5678-9010", "MIIsecretline", "pin-of-a-part"];
const SHOWN = "ada lovelace";
type End = "well" | "badly" | "again" | "unfit" | "late" | "carelessly" | "crash";
const inputOf = (end: End, gate?: string) => ({
  user: SHOWN,
  card: { holder: SHOWN, number: "4000-1234-5678-9010" },
  token: '-----BEGIN "KEY"-----\nMIIsecretline\n-----END KEY-----\n',
  parts: [{ pin: "first pin-of-a-part" }, { pin: "second pin-of-a-part" }],
  end,
  ...(gate === undefined ? {} : { gate }),
});

let deployment: SplitDeployment;
/** In this process; what runs is in others. */
let app: App;
let api: ApiClient;
let one: Child;
let redis: Redis;
let monitor: Redis;
/** What Redis was told of these values, and all that the server answered. */
const traffic: string[] = [];
const answers: string[] = [];
beforeAll(async () => {
  redis = new Redis(inject("redisUrl"));
  monitor = await redis.monitor();
  monitor.on("monitor", (_at: string, args: readonly string[]) => {
    // Other tests talk to this Redis, too.
    const text = args.join(" ");
    if ([SHOWN, ...HIDDEN].some((value) => text.includes(value))) traffic.push(text);
  });
  const LOVAGE_TASKS = fileURLToPath(new URL("./sensitive.tasks.ts", import.meta.url));
  const env = { LOVAGE_TASKS, LOVAGE_ENCRYPTION_KEYS: oldKey, LOVAGE_LOG_LEVEL: "trace" };
  const files = {
    [BOTH_KEYS]: `export default { encryptionKeys: ${JSON.stringify([key, oldKey])} };`,
  };
  deployment = await SplitDeployment.open({ files, env: { ...env, LOVAGE_TASK_LOG_LEVEL: "trace" } });
  app = await deployment.app([...TASKS, strict, keyless]);
  api = new ApiClient(deployment.url);
  void listen();
  one = await deployment.worker("one@box", ["-Q", "default", "--pool-size", "1"]);
}, 90_000);
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  monitor.disconnect();
  redis.disconnect();
  await deployment[Symbol.asyncDispose]();
});

const ERROR = "error { type message stack causes { type message } }";
const TASK = `id args meta result idempotencyKey uniqueKey progress { message } ${ERROR} attempts { ${ERROR} }`;
async function ask(query: string, variables: object = {}) {
  const answer = await deployment.ask(query, variables);
  answers.push(JSON.stringify(answer));
  return answer;
}
async function listen(): Promise<void> {
  const updates = api.subscribe(`subscription { tasks { ... on TaskUpdate { type task { ${TASK} } } } }`);
  for await (const update of updates) answers.push(JSON.stringify(update));
}

/** All rows of all tables. */
async function databaseContents(): Promise<string> {
  type Table = { readonly name: string };
  const tables = await deployment.sql<Table>(
    "select table_name as name from information_schema.tables where table_schema = 'lovage'",
  );
  const rows = tables.map(({ name }) => deployment.sql(`select * from lovage."${name}"`));
  return JSON.stringify(await Promise.all(rows));
}

/** All that somebody can read, by place. */
async function readAll(): Promise<Record<string, string>> {
  await ask(`{ tasks(first: 50) { nodes { ${TASK} } } }`);
  await ask(`{ failureGroups { name type message sample { id args error { message stack } } } }`);
  const logs = deployment.processes.flatMap(({ stdoutLines, stderrLines }) => [
    ...stdoutLines,
    ...stderrLines,
  ]);
  return {
    database: await databaseContents(),
    "Redis, stored": await redisContents(redis, deployment.env.LOVAGE_PREFIX!),
    "Redis, told": traffic.join("\n"),
    logs: logs.join("\n"),
    answers: answers.join("\n"),
  };
}
/** Where something hidden can be read, with what stands around it. */
async function findLeaks(): Promise<string[]> {
  return Object.entries(await readAll()).flatMap(([place, text]) =>
    HIDDEN.map((value) => [text.indexOf(value), value] as const)
      .filter(([at]) => at !== -1)
      .map(([at, value]) => `${place}: ${text.slice(Math.max(0, at - 200), at + value.length + 100)}`),
  );
}
const errorOf = (handle: TaskHandle<unknown>): Promise<{ readonly cause: Error }> =>
  handle.result({ timeout }).then(
    () => expect.unreachable(),
    (error: unknown) => error as { readonly cause: Error },
  );

test.each(TASKS)(
  "$name: its code gets the whole input and no key; a hidden value is shown nowhere, before, during and after the run",
  async (definition) => {
    const gate = `${definition.name}.gate`;
    const input = inputOf("well", gate);
    const handle = await app.enqueue(definition, input, { delay: "1h" });
    expect(await findLeaks()).toEqual([]);
    await ask("mutation ($ids: [ID!]) { runTasksNow(input: { select: { ids: $ids } }) { affectedCount } }", {
      ids: [handle.id],
    });
    await vi.waitFor(async () => expect(await handle.state()).toBe("STARTED"), 20_000);
    expect(await findLeaks()).toEqual([]);
    await openGate(deployment.folder, gate);
    // In the worker's own thread they are within reach; children have no need of them.
    const hasKeys = definition.pool === null;
    expect(await handle.result({ timeout })).toEqual({ user: SHOWN, digest: digestOf(input), hasKeys });
    expect((await handle.read()).input).toMatchObject({
      card: { holder: SHOWN, number: "[redacted]" },
      token: "[redacted]",
    });
    expect(await findLeaks()).toEqual([]);
  },
);

test.each(TASKS)(
  "$name: an error that quotes them is reported without them, in every way",
  async (definition) => {
    const handle = await app.enqueue(definition, inputOf("badly"));
    const { cause } = await errorOf(handle);
    expect(cause.message).toBe("wrong token [redacted]");
    expect(String(cause.cause)).toContain(
      `{"user":"${SHOWN}","card":{"holder":"${SHOWN}","number":"[redacted]"}`,
    );
    // Failures that differ in a hidden value are equal, and their fingerprint tells nothing of it.
    const other = await app.enqueue(definition, {
      ...inputOf("badly"),
      token: "the MIIsecretline of somebody",
    });
    await errorOf(other);
    const prints = [handle, other].map(async (one) => (await one.read()).error!.fingerprint);
    expect(new Set(await Promise.all(prints)).size).toBe(1);
    const shown = [await deployment.lovage("task", handle.id), await deployment.lovage("result", handle.id)];
    answers.push(JSON.stringify(shown));
    expect(await findLeaks()).toEqual([]);
  },
);

test.each(TASKS)(
  "$name: an input that the code gives its next attempt is hidden as well",
  async (definition) => {
    const input = inputOf("again");
    const handle = await app.enqueue(definition, input);
    const digest = digestOf({ ...input, token: ANOTHER });
    expect(await handle.result({ timeout })).toMatchObject({ digest });
    const { cause } = await errorOf(await app.enqueue(definition, inputOf("unfit")));
    expect(cause).toMatchObject({
      name: "MisfitError",
      message: expect.stringContaining("token: [redacted] is no token"),
    });
    expect(await findLeaks()).toEqual([]);
  },
);

test.each([inProcess, inThread])(
  "$name: the last output of a child that dies of an error contains none of them",
  async (definition) => {
    const handle = await app.enqueue(definition, inputOf("crash"));
    const { cause } = await errorOf(handle);
    expect(cause.name).toBe("ChildDied");
    expect(await findLeaks()).toEqual([]);
  },
);

test.each([inProcess, inThread])(
  "$name: an unhandled rejection is logged without them",
  async (definition) => {
    const handle = await app.enqueue(definition, inputOf("carelessly"));
    await handle.result({ timeout });
    const lines = await Array.fromAsync(handle.logs());
    answers.push(JSON.stringify(lines));
    expect(JSON.stringify(lines)).toContain("nobody waits for [redacted]");
    expect(await findLeaks()).toEqual([]);
  },
);

test("an error after the task's transaction is logged without them", async () => {
  const handle = await app.enqueue(inWorker, inputOf("late"));
  expect(await handle.result({ timeout })).toEqual({ user: SHOWN });
  await one.waitForLine(/too late for \[redacted\]/);
  expect(await findLeaks()).toEqual([]);
});

test("the API accepts them and returns none: enqueued, refused, explained, repeated", async () => {
  const mutation = `mutation ($input: EnqueueTaskInput!) { enqueueTask(input: $input) { task { ${TASK} } errors { message path } } }`;
  const input = { name: inWorker.name, args: inputOf("well") };
  const { enqueueTask } = await ask(mutation, { input });
  expect(await (await app.task(enqueueTask.task.id)).result({ timeout })).toMatchObject({
    digest: digestOf(input.args),
  });
  for (const [{ name }, message] of [
    [strict, "input.args.pin: [redacted] is too long"],
    [
      keyless,
      "input.options.uniqueKey: could not be computed by the definition's uniqueKey: [redacted] makes no key.",
    ],
  ] as const) {
    const refused = await ask(mutation, { input: { name, args: { pin: HIDDEN[0] } } });
    expect(refused.enqueueTask).toMatchObject({ task: null, errors: [{ message }] });
  }
  await ask(
    "query ($input: EnqueueTaskInput!) { explainTask(input: $input) { accepted errors { message } } }",
    { input },
  );
  const retry = `mutation ($ids: [ID!]) { retryTasks(input: { select: { ids: $ids } }) { tasks { ${TASK} } errors { message } } }`;
  const { retryTasks } = await ask(retry, { ids: [enqueueTask.task.id] });
  expect(await (await app.task(retryTasks.tasks[0].id)).result({ timeout })).toMatchObject({
    digest: digestOf(input.args),
  });
  const found = await ask(`query ($text: String) { tasks(filter: { search: $text }) { totalCount } }`, {
    text: HIDDEN[1],
  });
  expect(found.tasks.totalCount).toBe(0);
  expect(await findLeaks()).toEqual([]);
});

test.each(TASKS)(
  "$name: keys change: a worker with the new and the old key runs tasks that were enqueued under each",
  async (definition) => {
    const queue = `both.${definition.name}`;
    const before = await app.enqueue(definition, inputOf("well"), { queue });
    const flags = ["-Q", queue, "--pool-size", "1", "--config", BOTH_KEYS];
    await using _worker = await deployment.worker("both@box", flags, { LOVAGE_ENCRYPTION_KEYS: "" });
    const digest = digestOf(inputOf("well"));
    expect(await before.result({ timeout })).toMatchObject({ digest });
    // What this worker hides itself is under the new key: the old one alone does not open it.
    const again = await app.enqueue(definition, inputOf("again"), { queue });
    expect(await again.result({ timeout })).not.toMatchObject({ digest });
    const sealed = await deployment.sql<{ sealed: string }>(
      `select options->'hidden'->>'sealed' as sealed from lovage.task where id in ('${before.id}', '${again.id}') order by id`,
    );
    expect(sealed.map((row) => row.sealed.split(".")[0])).toEqual(["k1", "k2"]);
    expect(await findLeaks()).toEqual([]);
  },
);

test.each([
  { keys: "with another key", LOVAGE_ENCRYPTION_KEYS: key },
  { keys: "without any", LOVAGE_ENCRYPTION_KEYS: "" },
])(
  "a worker $keys fails the task at once and names the key that is missing; it runs where that is",
  async ({ keys, LOVAGE_ENCRYPTION_KEYS }) => {
    const queue = keys.replaceAll(" ", ".");
    await using worker = await deployment.worker(`${queue}@box`, ["-Q", queue, "--pool-size", "1"], {
      LOVAGE_ENCRYPTION_KEYS,
    });
    for (const definition of TASKS) {
      const handle = await app.enqueue(definition, inputOf("well"), { queue });
      const { cause } = await errorOf(handle);
      expect(cause).toMatchObject({
        name: "SecretsUnreadable",
        message: expect.stringContaining('the key "k1" is not known here'),
      });
      expect(await handle.read()).toMatchObject({
        state: "FAILURE",
        attempt: 1,
        error: { retryable: false },
      });
      const retry = `mutation ($ids: [ID!]) { retryTasks(input: { select: { ids: $ids }, queue: "default" }) { tasks { id } errors { message } } }`;
      const { retryTasks } = await ask(retry, { ids: [handle.id] });
      expect(await (await app.task(retryTasks.tasks[0].id)).result({ timeout })).toMatchObject({
        digest: digestOf(inputOf("well")),
      });
    }
    await worker.waitForLine(/SecretsUnreadable.*k1/);
    expect(await findLeaks()).toEqual([]);
  },
);

test("a value that is not secret appears in all of these places: the search would have found a secret", async () => {
  const places = Object.entries(await readAll());
  expect(places.filter(([, text]) => !text.includes(SHOWN)).map(([place]) => place)).toEqual([]);
});
