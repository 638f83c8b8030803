import { afterAll, beforeAll, expect, test } from "vitest";
import { UnavailableError } from "../../../../src/errors.ts";
import { createContextFactory } from "../../../../src/graphql/context.ts";
import { Registry } from "../../../../src/task/definition/registry.ts";
import { type Api, Client, openApi } from "../api.ts";
import { DEFINITIONS } from "../definitions.ts";

let api: Api;
beforeAll(async () => void (api = await openApi(DEFINITIONS)));
afterAll(() => api[Symbol.asyncDispose]());

const ERRORS = "errors { code message path hint }";

test("a typed mutation enqueues a task with the defaults of the definition", async () => {
  const { data } = await api.run(
    `mutation { enqueueMailSend(input: { to: "a@b.de" }) { deduplicated ${ERRORS} task {
       id name state queue: queueName priority attempt maxAttempts args tags createdBy runAt
       definition { mutationField } viewerActions waitTime runTime result error { type } attempts { number }
     } } }`,
    {},
    "ann",
  );
  expect(data!["enqueueMailSend"]).toEqual({
    deduplicated: false,
    errors: [],
    task: {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: "mail.send",
      state: "QUEUED",
      queue: "mail",
      priority: "HIGH",
      attempt: 0,
      maxAttempts: 5,
      args: { to: "a@b.de", body: "" },
      tags: ["outside"],
      createdBy: "ann",
      runAt: null,
      definition: { mutationField: "enqueueMailSend" },
      viewerActions: ["REVOKE"],
      waitTime: null,
      runTime: null,
      result: null,
      error: null,
      attempts: [],
    },
  });
});

test("options override the defaults", async () => {
  const { enqueueTask } = await api.data(
    `mutation ($options: EnqueueOptions) {
       enqueueTask(input: { name: "any.json", args: [1, { a: null }], options: $options }) { ${ERRORS} task {
         state queue: queueName priority maxAttempts args tags uniqueKey idempotencyKey meta runAt createdAt expiresAt viewerActions timeLimit softTimeLimit
       } } }`,
    {
      options: {
        queue: "slow",
        priority: "LOW",
        delay: "1h",
        expiresIn: 7_200_000,
        maxAttempts: 1,
        tags: ["x"],
        uniqueKey: "u-1",
        idempotencyKey: "i-1",
        meta: { from: "test" },
        timeLimit: null,
        softTimeLimit: "90s",
      },
    },
  );
  const { createdAt, runAt, expiresAt, ...task } = enqueueTask.task;
  expect(enqueueTask.errors).toEqual([]);
  expect(task).toEqual({
    state: "SCHEDULED",
    queue: "slow",
    timeLimit: null,
    softTimeLimit: "PT1M30S",
    priority: "LOW",
    maxAttempts: 1,
    args: [1, { a: null }],
    tags: ["x"],
    uniqueKey: "u-1",
    idempotencyKey: "i-1",
    meta: { from: "test" },
    viewerActions: ["REVOKE", "RUN_NOW"],
  });
  expect(Date.parse(runAt) - Date.parse(createdAt)).toBe(3_600_000);
  expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(7_200_000);
});

test("the same key gives the same task", async () => {
  const enqueue = `mutation { enqueueMathAdd(input: { x: 1, y: 2 }, options: { idempotencyKey: "sum-1" }) {
    deduplicated task { id args } } }`;
  const first = (await api.data(enqueue))["enqueueMathAdd"];
  const second = (await api.data(enqueue))["enqueueMathAdd"];
  expect(first.deduplicated).toBe(false);
  expect(second).toEqual({ deduplicated: true, task: { id: first.task.id, args: { x: 1, y: 2 } } });
  const other =
    await api.data(`mutation { enqueueMathAdd(input: { x: 9, y: 2 }, options: { idempotencyKey: "sum-1" }) {
    task { id } ${ERRORS} } }`);
  expect(other["enqueueMathAdd"]).toEqual({
    task: null,
    errors: [
      {
        code: "CONFLICT",
        message: `options.idempotencyKey: was used with another task or other input (task ${first.task.id}).`,
        path: ["options", "idempotencyKey"],
        hint: "Use a new key, or send the same input.",
      },
    ],
  });
});

test("refusals are in the payload, with paths into the arguments of the mutation that was called", async () => {
  const paths = async (mutation: string): Promise<unknown> => {
    const [payload] = Object.values(await api.data(`mutation { ${mutation} }`));
    return payload.errors.map((error: { code: string; path: string[] }) => [
      error.code,
      error.path.join("."),
    ]);
  };
  expect(
    await paths(`enqueueMailSend(input: { to: "nobody" }, options: { queue: "!" }) { ${ERRORS} }`),
  ).toEqual([
    ["INVALID_INPUT", "input.to"],
    ["INVALID_INPUT", "options.queue"],
  ]);
  const input = `{ name: "mail.send", args: { to: "nobody", tpo: 1 }, options: { maxAttempts: 0 } }`;
  expect(await paths(`enqueueTask(input: ${input}) { task { id } ${ERRORS} }`)).toEqual([
    ["INVALID_INPUT", "input.args.to"],
    ["INVALID_INPUT", "input.args.tpo"],
    ["INVALID_INPUT", "input.options.maxAttempts"],
  ]);
  expect(await paths(`enqueueTask(input: { name: "emial.send" }) { ${ERRORS} }`)).toEqual([
    ["NOT_REGISTERED", "input.name"],
  ]);
  const good = `{ name: "math.add", args: { x: 1, y: 2 }, options: { tags: ["all-or-nothing"] } }`;
  expect(
    await paths(`enqueueTasks(input: { tasks: [${good}, ${input}] }) { ids tasks { id } ${ERRORS} }`),
  ).toEqual([
    ["INVALID_INPUT", "input.tasks.1.args.to"],
    ["INVALID_INPUT", "input.tasks.1.args.tpo"],
    ["INVALID_INPUT", "input.tasks.1.options.maxAttempts"],
  ]);
  expect(
    (await api.data(`{ tasks(filter: { tags: ["all-or-nothing"] }) { totalCount } }`))["tasks"].totalCount,
  ).toBe(0);
});

test("many at once come back in the order of the inputs", async () => {
  const inputs = [3, 1, 2].map((x) => ({ name: "math.add", args: { x, y: 0 } }));
  const mutation = `mutation ($inputs: [EnqueueTaskInput!]!) { enqueueTasks(input: { tasks: $inputs }) { ids tasks { id args } ${ERRORS} } }`;
  const { enqueueTasks } = await api.data(mutation, { inputs });
  expect(enqueueTasks.tasks.map((task: { args: { x: number } }) => task.args.x)).toEqual([3, 1, 2]);
  expect(enqueueTasks.ids).toEqual(enqueueTasks.tasks.map((task: { id: string }) => task.id));
  const tooMany = Array.from({ length: 10_001 }, () => inputs[0]);
  expect((await api.data(mutation, { inputs: tooMany }))["enqueueTasks"]).toEqual({
    ids: [],
    tasks: [],
    errors: [
      {
        code: "INVALID_INPUT",
        message: "input.tasks: expected at most 10000 tasks, got 10001.",
        path: ["input", "tasks"],
        hint: "Send them in several requests.",
      },
    ],
  });
});

test("a database that is away is a retryable error; other errors stay as they are", async () => {
  const failing = (error: Error): Client => {
    const registry = new Registry(DEFINITIONS.map((definition) => ({ definition, file: null })));
    const createContext = createContextFactory({
      registry,
      enqueuer: { enqueueMany: () => Promise.reject(error) },
    } as never);
    return new Client(api.schema, () => createContext({ requestId: "1", actor: null }));
  };
  const mutation = "mutation { enqueueMathAdd(input: { x: 1, y: 2 }) { deduplicated } }";
  const away = await failing(new UnavailableError("database")).run(mutation);
  expect(away.data).toBeNull();
  expect(away.errors![0]!.message).toMatch(/^The database does not answer: nothing is confirmed\./);
  expect(away.errors![0]!.extensions).toMatchObject({
    code: "SERVICE_UNAVAILABLE",
    retryAfter: 2,
    http: { status: 503 },
  });
  const broken = await failing(new TypeError("a secret")).run(mutation);
  expect(broken.errors![0]!.extensions).toBeUndefined();
  const trap = (): never => {
    throw new Error("trap");
  };
  for (const odd of [
    Object.defineProperty(new Error("x"), "message", { get: trap }),
    new Proxy(new Error("x"), { get: trap }),
    Object.create(null) as Error,
  ])
    expect(await failing(odd).run(mutation)).toMatchObject({
      data: null,
      errors: [{ path: ["enqueueMathAdd"] }],
    });
});

test("unique keys, results and sensitive fields by the API", async () => {
  const enqueue = `mutation ($password: String!, $options: EnqueueOptions) {
    enqueueUserLogin(input: { user: "ada", password: $password }, options: $options) {
      deduplicated ${ERRORS} task { id state args uniqueKey result resultGone } } }`;
  const call = async (password: string, options: object | null = null) =>
    (await api.data(enqueue, { password, options }))["enqueueUserLogin"];
  const first = await call("first one");
  expect(first).toMatchObject({
    deduplicated: false,
    task: {
      ...{ state: "SCHEDULED", uniqueKey: "user.login:ada", result: null, resultGone: false },
      args: { user: "ada", password: "[redacted]" },
    },
  });
  const { id } = first.task;
  expect(await call("second one", { resultsExpire: { failure: "1h" }, ignoreResult: true })).toMatchObject({
    deduplicated: true,
    task: { id, state: "SCHEDULED" },
  });
  expect((await call("third one", { onConflict: "REJECT" })).errors).toEqual([
    {
      code: "CONFLICT",
      message: `options.uniqueKey: "user.login:ada" is held by the unfinished task ${id}.`,
      path: ["options", "uniqueKey"],
      hint: 'Wait for its end, or use onConflict "RETURN" or "REPLACE".',
    },
  ]);
  const [row] = await api.sql.run<{ options: object }>("select options from lovage.task where id = $1", [id]);
  expect(row!.options).toEqual({
    ignoreResult: true,
    keep: { SUCCESS: 86_400_000, FAILURE: 3_600_000 },
    hidden: { secrets: { "/password": "second one" } },
  });
  const { taskDefinition } = await api.data(
    `{ taskDefinition(name: "user.login") { sensitive onConflict debounce maxWait resultBackend
       resultsExpire { success failure } } }`,
  );
  expect(taskDefinition).toEqual({
    ...{
      sensitive: ["password"],
      onConflict: "REPLACE",
      debounce: "PT1M",
      maxWait: "PT1H",
      resultBackend: "REDIS",
    },
    resultsExpire: { success: "P1D", failure: null },
  });
});

test("args of a schedule are masked, and so are those of its tasks", async () => {
  const { createSchedule } = await api.data(
    `mutation { createSchedule(input: { name: "logins", taskName: "user.login", timing: { interval: { every: "1h" } },
       args: { user: "bob", password: "of a schedule" }, options: { onConflict: RETURN, resultsExpire: { all: "1d" } } }) {
       ${ERRORS} schedule { id args options } } }`,
  );
  expect(createSchedule).toMatchObject({
    errors: [],
    schedule: { args: { user: "bob", password: "[redacted]" }, options: { onConflict: "RETURN" } },
  });
  const refused = await api.data(
    `mutation { createSchedule(input: { name: "more", taskName: "user.login", timing: { interval: { every: "1h" } },
       args: { user: "bob", password: "[redacted]" }, options: { debounce: "1s" } }) { errors { path } } }`,
  );
  expect(refused["createSchedule"].errors.map(({ path }: { path: string[] }) => path.at(-1)).sort()).toEqual([
    ...["debounce", "password"],
  ]);
  await api.data(
    `mutation { runSchedulesNow(input: { select: { ids: ["${createSchedule.schedule.id}"] } }) { errors { message } } }`,
  );
  const [row] = await api.sql.run<{ input: object; options: object; unique_key: string }>(
    "select input, options, unique_key from lovage.task where schedule_name = 'logins'",
  );
  expect(row).toMatchObject({
    ...{ unique_key: "user.login:bob", input: { user: "bob", password: "[redacted]" } },
    options: { hidden: { secrets: { "/password": "of a schedule" } } },
  });
});
