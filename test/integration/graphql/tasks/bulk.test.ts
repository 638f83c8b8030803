import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "../../../../src/lib/uuid.ts";
import { type Api, type Loose, openApi } from "../api.ts";
import { DEFINITIONS } from "../definitions.ts";
import { Lifecycle } from "../lifecycle.ts";

let api: Api;
beforeAll(async () => void (api = await openApi(DEFINITIONS)));
afterAll(() => api[Symbol.asyncDispose]());

const PAYLOAD =
  "affectedCount skippedCount tasks { id state args queue: queueName } errors { code message path hint }";

async function enqueue(tag: string, options = {}): Promise<string> {
  const mutation = `mutation ($options: EnqueueOptions) { enqueueMathAdd(input: { x: 1, y: 2 }, options: $options) { task { id } } }`;
  const { enqueueMathAdd } = await api.data(mutation, { options: { tags: [tag], ...options } });
  return enqueueMathAdd.task.id as string;
}

async function bulk(field: string, select: object, more: Record<string, unknown> = {}): Promise<Loose> {
  const extra = Object.keys(more).map((key) => `, ${key}: ${JSON.stringify(more[key])}`);
  const mutation = `mutation ($select: TaskSelection!) { ${field}(input: { select: $select${extra.join("")} }) { ${PAYLOAD} } }`;
  return (await api.data(mutation, { select }))[field];
}

test("revokes waiting tasks; running tasks only with terminate", async () => {
  const lifecycle = await Lifecycle.begin(api);
  const [waiting, running] = [await enqueue("revoke"), await enqueue("revoke")];
  await lifecycle.start(running);
  const first = await bulk("revokeTasks", { ids: [waiting, running, newId()] });
  expect(first).toMatchObject({
    affectedCount: 1,
    skippedCount: 2,
    errors: [],
    tasks: [{ id: waiting, state: "REVOKED" }],
  });
  const second = await bulk("revokeTasks", { filter: { tags: ["revoke"] } }, { terminate: true });
  expect(second).toMatchObject({
    affectedCount: 1,
    skippedCount: 1,
    tasks: [{ id: running, state: "STARTED" }],
  });
  const started = await api.services.stores.tasks.startedBy(lifecycle.worker.id);
  expect(started.flatMap((task) => (task.cancelRequested ? task.summary.id : []))).toEqual([running]);
});

test("retries finished tasks, with other input and queue when asked", async () => {
  const lifecycle = await Lifecycle.begin(api);
  const id = await enqueue("retry");
  await lifecycle.fail(await lifecycle.start(id));
  const same = await bulk("retryTasks", { ids: [id] });
  expect(same).toMatchObject({
    affectedCount: 1,
    tasks: [{ state: "QUEUED", args: { x: 1, y: 2 }, queue: "default" }],
  });
  const edit = `mutation ($id: ID!) { retryTasks(input: { select: { ids: [$id] }, args: { x: 5, y: 6 }, queue: "slow" }) { ${PAYLOAD} } }`;
  expect((await api.data(edit, { id }))["retryTasks"]).toMatchObject({
    tasks: [{ args: { x: 5, y: 6 }, queue: "slow" }],
  });
});

test("input that does not fit is refused where the caller gave it", async () => {
  const lifecycle = await Lifecycle.begin(api);
  const id = await enqueue("retry-bad");
  await lifecycle.fail(await lifecycle.start(id));
  const mutation = `mutation ($id: ID!) { retryTasks(input: { select: { ids: [$id] }, args: { x: "five", y: 6 }, queue: "!" }) { ${PAYLOAD} } }`;
  const { retryTasks } = await api.data(mutation, { id });
  expect(retryTasks).toMatchObject({ affectedCount: 0, tasks: [] });
  expect(retryTasks.errors.map((error: Loose) => error.path)).toEqual([
    ["input", "args", "x"],
    ["input", "queue"],
  ]);
});

test("runs delayed tasks now", async () => {
  const [delayed, waiting] = [await enqueue("now", { delay: "1h" }), await enqueue("now")];
  expect(await bulk("runTasksNow", { ids: [delayed, waiting] })).toMatchObject({
    affectedCount: 1,
    skippedCount: 1,
    tasks: [{ id: delayed, state: "QUEUED" }],
  });
});

test("never takes all tasks there are by mistake", async () => {
  const errors = [
    {
      code: "INVALID_INPUT",
      message: "input.select.filter: expected at least one condition, got none.",
      path: ["input", "select", "filter"],
      hint: "Add a condition, or select by ids.",
    },
  ];
  for (const filter of [{}, { search: " " }, { argsContain: {} }, { createdAt: {} }, { states: null }]) {
    expect(await bulk("revokeTasks", { filter })).toEqual({
      affectedCount: 0,
      skippedCount: 0,
      tasks: [],
      errors,
    });
  }
});

test("refuses selections that break a rule, in the payload", async () => {
  const many = Array.from({ length: 1_001 }, () => newId());
  expect((await bulk("retryTasks", { ids: many })).errors).toMatchObject([
    {
      code: "INVALID_INPUT",
      path: ["input", "select", "ids"],
      message: "input.select.ids: expected 1 to 1000 values, got 1001.",
    },
  ]);
  expect((await bulk("retryTasks", { ids: ["x"] })).errors).toMatchObject([
    { path: ["input", "select", "ids", "0"] },
  ]);
  expect((await bulk("runTasksNow", { filter: { states: [] } })).errors).toMatchObject([
    { path: ["input", "select", "filter", "states"] },
  ]);
});

test("takes exactly one of ids and filter", async () => {
  const id = newId();
  const literal = await api.run(
    `mutation { revokeTasks(input: { select: { ids: ["${id}"], filter: { ids: ["${id}"] } } }) { affectedCount } }`,
  );
  expect(literal.errors![0]!.message).toBe(
    'OneOf Input Object "TaskSelection" must specify exactly one key.',
  );
  const mutation =
    "mutation ($select: TaskSelection!) { revokeTasks(input: { select: $select }) { affectedCount } }";
  for (const select of [{}, { ids: [id], filter: { ids: [id] } }]) {
    const { errors } = await api.run(mutation, { select });
    expect(errors![0]!.message).toContain(
      'Exactly one key must be specified for OneOf type "TaskSelection".',
    );
  }
});
