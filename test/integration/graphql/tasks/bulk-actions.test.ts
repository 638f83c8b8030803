import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "../../../../src/lib/uuid.ts";
import { type Api, type Loose, openApi } from "../api.ts";
import { DEFINITIONS } from "../definitions.ts";
import { Lifecycle } from "../lifecycle.ts";

let api: Api;
beforeAll(async () => void (api = await openApi(DEFINITIONS)));
afterAll(() => api[Symbol.asyncDispose]());

async function enqueue(tag: string): Promise<string> {
  const mutation = `mutation ($options: EnqueueOptions) { enqueueMathAdd(input: { x: 1, y: 2 }, options: $options) { task { id } } }`;
  const { enqueueMathAdd } = await api.data(mutation, { options: { tags: [tag] } });
  return enqueueMathAdd.task.id as string;
}

test("a cancel shows its author and reason, in the task and to subscribers", async () => {
  const id = await enqueue("why");
  const watcher = await api.watch(
    `subscription { task(id: "${id}") { ... on TaskUpdate { type task { revokedBy revokeReason } } } }`,
  );
  expect(await watcher.next()).toEqual({ type: "QUEUED", task: { revokedBy: null, revokeReason: null } });
  const mutation = `mutation ($id: ID!, $reason: String) {
    revokeTasks(input: { select: { ids: [$id] }, reason: $reason }) { affectedCount tasks { revokedBy revokeReason } errors { path } } }`;
  const { data } = await api.run(mutation, { id, reason: "wrong file" }, "ada");
  const task = { revokedBy: "ada", revokeReason: "wrong file" };
  expect(data!["revokeTasks"]).toEqual({ affectedCount: 1, tasks: [task], errors: [] });
  expect(await watcher.next()).toEqual({ type: "REVOKED", task });
  const refused = await api.data(mutation, { id: await enqueue("why"), reason: "x".repeat(501) });
  expect(refused["revokeTasks"]).toMatchObject({ affectedCount: 0, errors: [{ path: ["input", "reason"] }] });
});

test("deletes finished tasks, counts skipped ones, and names the place where those can be deleted", async () => {
  const lifecycle = await Lifecycle.begin(api);
  const [ended, waiting] = [await enqueue("delete"), await enqueue("delete")];
  await lifecycle.fail(await lifecycle.start(ended));
  const actions = async (id: string): Promise<Loose> =>
    (await api.data("query ($id: ID!) { task(id: $id) { viewerActions } }", { id })).task;
  expect(await actions(ended)).toEqual({ viewerActions: ["RETRY", "DELETE"] });
  expect(await actions(waiting)).toEqual({ viewerActions: ["REVOKE"] });
  const mutation =
    "mutation ($select: TaskSelection!) { deleteTasks(input: { select: $select }) { deletedIds deletedCount skippedCount errors { path } } }";
  const remove = async (select: object): Promise<Loose> => (await api.data(mutation, { select })).deleteTasks;
  expect(await remove({ ids: [ended, waiting, newId()] })).toEqual({
    deletedIds: [ended],
    deletedCount: 1,
    skippedCount: 2,
    errors: [],
  });
  expect(await actions(ended)).toBeNull();
  expect(await remove({ filter: { tags: ["delete"] } })).toMatchObject({ deletedCount: 0, skippedCount: 1 });
  expect(await remove({ filter: {} })).toEqual({
    deletedIds: [],
    deletedCount: 0,
    skippedCount: 0,
    errors: [{ path: ["input", "select", "filter"] }],
  });
});

test("tasks that cannot be retried are named, and the others are retried", async () => {
  const lifecycle = await Lifecycle.begin(api);
  const [good, bad] = [await enqueue("named"), await enqueue("named")];
  for (const id of [good, bad]) await lifecycle.fail(await lifecycle.start(id));
  await api.sql.run(`update lovage.task set input = '{"x":"one","y":2}' where id = $1`, [bad]);
  const { retryTasks } = await api.data(
    `mutation { retryTasks(input: { select: { filter: { tags: ["named"] } } }) { affectedCount skippedCount tasks { retryOf { id } } errors { path message } } }`,
  );
  expect(retryTasks).toEqual({
    affectedCount: 1,
    skippedCount: 1,
    tasks: [{ retryOf: { id: good } }],
    errors: [{ path: ["input", "select"], message: expect.stringContaining(`(Task ${bad}, math.add.)`) }],
  });
});
