import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { newId } from "../../../src/lib/uuid.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import type { RoutedTask } from "../../../src/task/call/route.ts";
import { newWorker } from "../../support/store-rows.ts";
import { type Api, type Loose, openApi } from "./api.ts";

const mail = defineTask({
  name: "mail.send",
  input: z.object({ to: z.string() }),
  retry: { maxAttempts: 5 },
  timeLimit: "30s",
  run: () => null,
});
const report = defineTask({ name: "report.make", queue: "reports", run: () => null });
const odd = defineTask({ name: "odd", run: () => null });

const seen: RoutedTask[] = [];
const routes = [
  { match: "mail.*", queue: "mail", priority: "HIGH" },
  {
    match: (task: RoutedTask) => task.name === "odd",
    queue: (task: RoutedTask) => {
      seen.push(task);
      const { to } = task.args as { to?: string };
      if (to === undefined) throw new Error("nowhere to go");
      return to;
    },
  },
];

let api: Api;
beforeAll(async () => {
  const settings = { routes, queuePolicy: "refuse", knownQueues: ["spare"] };
  api = await openApi([mail, report, odd], 60_000, settings);
});
afterAll(() => api[Symbol.asyncDispose]());

const ERRORS = "errors { code message path hint }";
async function enqueue(input: object): Promise<Loose> {
  const mutation = `mutation ($input: EnqueueTaskInput!) { enqueueTask(input: $input) { task { id queue: queueName priority } ${ERRORS} } }`;
  return (await api.data(mutation, { input })).enqueueTask;
}

describe("enqueueing", () => {
  test.each([
    ["a route", { name: "mail.send", args: { to: "a" } }, { queue: "mail", priority: "HIGH" }],
    ["the definition", { name: "report.make" }, { queue: "reports", priority: "NORMAL" }],
    [
      "the call",
      { name: "mail.send", args: { to: "a" }, options: { queue: "spare", priority: "LOW" } },
      { queue: "spare", priority: "LOW" },
    ],
    ["a function", { name: "odd", args: { to: "reports" } }, { queue: "reports", priority: "NORMAL" }],
    [
      "a worker",
      { name: "odd", args: { to: "spare" }, options: { worker: "worker@host" } },
      { queue: "@worker@host", priority: "NORMAL" },
    ],
  ])("%s decides", async (_who, input, task) => {
    expect(await enqueue(input)).toMatchObject({ task, errors: [] });
  });

  test("typed mutations are routed, too, and functions receive the options of the call", async () => {
    const { enqueueMailSend } = await api.data(
      'mutation { enqueueMailSend(input: { to: "b" }) { task { queue: queueName } } }',
    );
    expect(enqueueMailSend.task).toEqual({ queue: "mail" });
    await enqueue({ name: "odd", args: { to: "spare" }, options: { tags: ["x"], maxAttempts: 2 } });
    expect(seen.at(-1)).toEqual({
      name: "odd",
      args: { to: "spare" },
      options: { tags: ["x"], maxAttempts: 2 },
      tags: ["x"],
    });
  });

  test("a route that fails refuses the enqueue, and nothing is stored", async () => {
    const before = (await api.services.stores.reader.counts([{ names: ["odd"] }], 1_000))[0]!.count;
    expect(await enqueue({ name: "odd" })).toMatchObject({
      task: null,
      errors: [
        {
          code: "ILLEGAL_STATE",
          path: ["input", "options", "queue"],
          message: "input.options.queue: Route 1 failed: Error: nowhere to go",
        },
      ],
    });
    expect((await api.services.stores.reader.counts([{ names: ["odd"] }], 1_000))[0]!.count).toBe(before);
  });

  test("no route is asked about input that does not fit, or bad options", async () => {
    const asked = seen.length;
    await enqueue({ name: "odd", args: { to: "spare" }, options: { maxAttempts: 0 } });
    expect(seen).toHaveLength(asked);
  });

  test.each([
    [
      { name: "report.make", options: { queue: "repots" } },
      'input.options.queue: Queue "repots" does not exist.',
      'Did you mean "reports"?',
    ],
    [
      { name: "odd", args: { to: "zzz" } },
      'input.options.queue: Queue "zzz" does not exist.',
      expect.stringContaining("Known: "),
    ],
  ])("unknown queues are refused: %j", async (input, message, hint) => {
    expect((await enqueue(input)).errors).toEqual([
      { code: "NOT_FOUND", path: ["input", "options", "queue"], message, hint },
    ]);
  });

  test("queue and worker exclude each other, and a worker's name must be valid", async () => {
    const options = { queue: "spare", worker: "two words" };
    const path = ["input", "options", "worker"];
    expect((await enqueue({ name: "odd", options })).errors).toMatchObject([
      {
        code: "INVALID_INPUT",
        path,
        message: expect.stringMatching(/^input\.options\.worker: expected the name of a worker/),
      },
      {
        path,
        message: expect.stringMatching(
          /^input\.options\.worker: excludes queue: each worker has its own queue\.$/,
        ),
      },
    ]);
    expect((await enqueue({ name: "odd", options: { queue: "@worker@host" } })).errors[0]).toMatchObject({
      path: ["input", "options", "queue"],
    });
  });
});

test("definitions show the queues of their tasks, queues whether they are known", async () => {
  const { taskDefinitions, queues } = await api.data(
    "{ taskDefinitions { name queue: queueName priority } queues { name } }",
  );
  expect(taskDefinitions).toEqual([
    { name: "mail.send", queue: "mail", priority: "HIGH" },
    { name: "odd", queue: "default", priority: "NORMAL" },
    { name: "report.make", queue: "reports", priority: "NORMAL" },
  ]);
  expect(queues.map((queue: Loose) => queue.name)).toEqual(
    expect.arrayContaining(["default", "mail", "reports", "spare"]),
  );
});

describe("explainTask", () => {
  const FIELDS = `accepted queue: queueName queueDecidedBy priority priorityDecidedBy route maxAttempts timeLimit runAt expiresAt
    duplicateOf { id } duplicateKey queuePaused waitingBefore workers { name } problem ${ERRORS}`;
  async function explain(input: object): Promise<Loose> {
    const query = `query ($input: EnqueueTaskInput!) { explainTask(input: $input) { ${FIELDS} } }`;
    return (await api.data(query, { input })).explainTask;
  }

  test("reports all mistakes, and enqueues nothing either way", async () => {
    const before = (await api.services.stores.reader.counts([{}], 1_000))[0]!.count;
    const input = { name: "mail.send", args: { too: "a" }, options: { priority: "LOW", maxAttempts: 0 } };
    const { accepted, queue, errors } = await explain(input);
    expect({ accepted, queue }).toEqual({ accepted: false, queue: null });
    expect(errors.map((error: Loose) => error.path.join("."))).toEqual([
      "input.args.to",
      "input.args.too",
      "input.options.maxAttempts",
    ]);
    expect(await explain({ name: "mail.sent" })).toMatchObject({ errors: [{ code: "NOT_REGISTERED" }] });
    expect(await explain({ name: "mail.send", args: { to: "a" } })).toMatchObject({
      accepted: true,
      errors: [],
    });
    expect((await api.services.stores.reader.counts([{}], 1_000))[0]!.count).toBe(before);
  });

  test("reports the queue, the rule that chose it, the limits, and the tasks ahead", async () => {
    await api.services.enqueuer.enqueueMany(
      (["LOW", "NORMAL", "HIGH"] as const).map((priority) => ({
        name: "report.make",
        options: { queue: "spare", priority },
      })),
    );
    const found = await explain({
      name: "mail.send",
      args: { to: "a" },
      options: { queue: "spare", delay: "1h", expiresIn: "2h", maxAttempts: 2 },
    });
    expect(found).toMatchObject({
      queue: "spare",
      queueDecidedBy: "CALL",
      priority: "HIGH",
      priorityDecidedBy: "ROUTE",
      route: 0,
      maxAttempts: 2,
      timeLimit: "PT30S",
      queuePaused: false,
      waitingBefore: 1,
    });
    const ahead = (time: string): number => Math.round((Date.parse(time) - Date.now()) / 60_000);
    expect([ahead(found.runAt), ahead(found.expiresAt)]).toEqual([60, 120]);
    expect(await explain({ name: "report.make" })).toMatchObject({
      queueDecidedBy: "DEFINITION",
      priorityDecidedBy: "DEFAULT",
      maxAttempts: 3,
      timeLimit: null,
      runAt: null,
      expiresAt: null,
    });
  });

  test("reports the task that holds its key, and a conflict", async () => {
    const one = { name: "report.make", args: { n: 1 }, options: { uniqueKey: "u" } };
    const { task } = await enqueue(one);
    expect(await explain(one)).toMatchObject({ duplicateOf: { id: task.id }, duplicateKey: "UNIQUE_KEY" });
    const two = { name: "report.make", args: { n: 2 }, options: { idempotencyKey: "i" } };
    const other = await enqueue(two);
    expect(await explain(two)).toMatchObject({
      duplicateOf: { id: other.task.id },
      duplicateKey: "IDEMPOTENCY_KEY",
    });
    expect(await explain({ ...two, args: { n: 3 } })).toMatchObject({
      accepted: false,
      errors: [{ code: "CONFLICT", path: ["input", "options", "idempotencyKey"] }],
    });
    await api.services.taskControl.revoke({ ids: [task.id] }, { terminate: false });
    expect(await explain(one)).toMatchObject({ duplicateOf: null, duplicateKey: null });
  });

  test("reports a key that is taken, where the call would be rejected", async () => {
    const one = { name: "report.make", args: { n: 1 }, options: { uniqueKey: "r", onConflict: "REJECT" } };
    const { task } = await enqueue(one);
    const refused = [
      {
        code: "CONFLICT",
        path: ["input", "options", "uniqueKey"],
        message: expect.stringContaining(task.id),
      },
    ];
    expect(await explain(one)).toMatchObject({ accepted: false, errors: refused });
    const other = {
      name: "mail.send",
      args: { to: "a" },
      options: { uniqueKey: "r", onConflict: "REPLACE" },
    };
    expect(await explain(other)).toMatchObject({ accepted: false, errors: refused });
    const own = { ...one, options: { uniqueKey: "r", onConflict: "REPLACE" } };
    expect(await explain(own)).toMatchObject({ accepted: true, duplicateOf: { id: task.id } });
    expect((await enqueue(other)).errors).toMatchObject(refused);
  });

  test("reports overrides of the definition: its pause and its time limits", async () => {
    const input = { name: "mail.send", args: { to: "a" } };
    const { taskOverrideControl: settings } = api.services;
    await settings.setTimeLimit("mail.send", { soft: "4s", hard: "5s" }, null);
    await settings.setPaused("mail.send", true, null);
    expect(await explain(input)).toMatchObject({
      timeLimit: "PT5S",
      problem: 'The task definition "mail.send" is paused.',
    });
    expect(await explain({ ...input, options: { timeLimit: "9s" } })).toMatchObject({ timeLimit: "PT9S" });
    await settings.setPaused("mail.send", false, null);
    await settings.setTimeLimit("mail.send", { soft: null, hard: null }, null);
    expect(await explain(input)).toMatchObject({ timeLimit: "PT30S", problem: "No worker is alive." });
  });

  test("reports the workers that could run it, and a paused queue", async () => {
    const input = { name: "report.make" };
    expect(await explain(input)).toMatchObject({ workers: [], problem: "No worker is alive." });
    const worker = newWorker({ name: "w@host", queues: ["reports"], definitions: ["report.make"] });
    await api.services.stores.workers.register(worker);
    expect(await explain(input)).toMatchObject({ workers: [{ name: "w@host" }], problem: null });
    await api.services.stores.workers.heartbeat({ ...worker, status: "DRAINING" });
    expect(await explain(input)).toMatchObject({
      workers: [],
      problem: "No worker that could run it is taking tasks: w@host is DRAINING.",
    });
    await api.services.queueControl.pause("reports");
    expect(await explain(input)).toMatchObject({
      queuePaused: true,
      problem: 'The queue "reports" is paused.',
    });
    await api.services.queueControl.resume("reports");
    await api.services.stores.workers.setOffline(worker.id);
  });
});

describe("broadcastTask", () => {
  async function broadcast(input: object, workers?: readonly string[]): Promise<Loose> {
    const mutation = `mutation ($input: BroadcastTaskInput!) {
      broadcastTask(input: $input) { workers: workerNames ids tasks { id queue: queueName createdBy } ${ERRORS} } }`;
    const { data } = await api.run(mutation, { input: { ...input, workers } }, "ada");
    return data!["broadcastTask"];
  }

  test("makes a task for each live worker that knows it, in order, or none", async () => {
    expect(await broadcast({ name: "report.make" })).toMatchObject({
      ids: [],
      errors: [{ code: "NO_WORKER_REPLIED", path: ["input", "workers"] }],
    });
    const knowing = { definitions: ["report.make"] };
    for (const part of [
      { name: "b@host", ...knowing },
      { name: "a@host", ...knowing },
      { name: "a@host", ...knowing },
      { name: "leaving@host", status: "DRAINING" as const, ...knowing },
      { name: "foreign@host", definitions: ["other"] },
    ])
      await api.services.stores.workers.register(newWorker(part));
    const all = await broadcast({ name: "report.make" });
    expect(all).toMatchObject({
      workers: ["a@host", "b@host"],
      tasks: [
        { queue: "@a@host", createdBy: "ada" },
        { queue: "@b@host", createdBy: "ada" },
      ],
      errors: [],
    });
    expect(all.ids).toEqual(all.tasks.map((task: Loose) => task.id));
    expect((await broadcast({ name: "report.make" }, ["b@host", "a@host"])).workers).toEqual([
      "b@host",
      "a@host",
    ]);
    expect(await broadcast({ name: "report.make" }, ["a@host", "foreign@host"])).toMatchObject({
      workers: [],
      ids: [],
      errors: [{ code: "NOT_FOUND", path: ["input", "workers", "1"] }],
    });
    expect(await broadcast({ name: "report.make" }, [])).toMatchObject({
      errors: [{ path: ["input", "workers"] }],
    });
    expect(await broadcast({ name: "none" })).toMatchObject({
      errors: [{ code: "NOT_REGISTERED", path: ["input", "name"] }],
    });
  });
});

test("a retry of a task that was for one worker is for that worker", async () => {
  const { task } = await enqueue({ name: "report.make", options: { worker: "w@host" } });
  await api.services.taskControl.revoke({ ids: [task.id] }, { terminate: false });
  const { retryTasks } = await api.data(
    "mutation ($ids: [ID!]) { retryTasks(input: { select: { ids: $ids } }) { tasks { queue: queueName } errors { message } } }",
    { ids: [task.id, newId()] },
  );
  expect(retryTasks).toEqual({ tasks: [{ queue: "@w@host" }], errors: [] });
});
