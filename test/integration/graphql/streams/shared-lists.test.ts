import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newId } from "../../../../src/lib/uuid.ts";
import { type Api, type Loose, openApi, type Watcher } from "../api.ts";
import { DEFINITIONS } from "../definitions.ts";
import { Lifecycle } from "../lifecycle.ts";

const LIST = `subscription ($filter: TaskFilter, $first: Int! = 10) { taskList(filter: $filter, first: $first) {
  __typename ... on StreamMessage { cursor } ... on TaskListSnapshot { hasMore tasks { id } }
  ... on TaskListUpdate { type task { id state } } } }`;

async function enqueue(api: Api, tag: string): Promise<string> {
  const mutation = `mutation ($tag: String!) { enqueueMathAdd(input: { x: 1, y: 2 }, options: { tags: [$tag] }) { task { id } } }`;
  const { enqueueMathAdd } = await api.data(mutation, { tag });
  await api.services.publisher.flush();
  return enqueueMathAdd.task.id as string;
}

async function next(watcher: Watcher, type: string): Promise<Loose> {
  for (;;) {
    const message = await watcher.next();
    if (message.type === type || message.__typename === type) return message;
  }
}

describe("subscribers of equal filters", () => {
  let api: Api;
  beforeAll(async () => void (api = await openApi(DEFINITIONS)));
  afterAll(() => api[Symbol.asyncDispose]());

  test("share one read and one subscription to the events, whatever their order of values and their size", async () => {
    const [tag, other] = [newId(), newId()];
    const id = await enqueue(api, tag);
    const [pages, subscribers] = [api.calls.pages, api.feed.subscribers];
    const watchers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => {
        const tags = index % 2 === 0 ? [tag, other] : [other, tag];
        const filter = { tags, states: ["STARTED", "QUEUED"] };
        return api.watch(LIST, { filter, first: (index % 3) + 1 });
      }),
    );
    for (const watcher of watchers) expect((await watcher.next()).tasks).toEqual([{ id }]);
    const waiting = watchers.map((watcher) => next(watcher, "UPDATED"));
    const lifecycle = await Lifecycle.begin(api);
    await lifecycle.start(id);
    for (const message of await Promise.all(waiting))
      expect(message).toMatchObject({ type: "UPDATED", task: { id, state: "STARTED" } });
    expect([api.calls.pages - pages, api.feed.subscribers - subscribers]).toEqual([1, 1]);
    // A late one receives the list as it is now, without another read.
    const late = await api.watch(LIST, { filter: { states: ["QUEUED", "STARTED"], tags: [other, tag] } });
    expect((await late.next()).tasks).toEqual([{ id }]);
    expect(api.calls.pages - pages).toBe(1);
    await Promise.all([...watchers, late].map((watcher) => watcher.leave()));
    expect(api.feed.subscribers).toBe(subscribers);
    const again = await api.watch(LIST, { filter: { tags: [tag, other], states: ["STARTED", "QUEUED"] } });
    expect((await again.next()).tasks).toEqual([{ id }]);
    expect(api.calls.pages - pages).toBe(2);
  });

  test("more than 100 different filters are refused; equal ones are not", async () => {
    const base = api.context().liveLists.size;
    const filters = Array.from({ length: 100 - base }, () => ({ tags: [newId()] }));
    const watchers = await Promise.all(filters.map((filter) => api.watch(LIST, { filter })));
    expect(await api.refusedWatch(LIST, { filter: { tags: ["one more"] } })).toMatchObject([
      {
        message: expect.stringContaining("filter: expected at most 100 different filters"),
        extensions: { code: "SUBSCRIPTION_LIMIT" },
      },
    ]);
    const equal = await api.watch(LIST, { filter: filters[0] });
    expect((await equal.next()).tasks).toEqual([]);
    await watchers[1]!.leave();
    const free = await api.watch(LIST, { filter: { tags: ["one more"] } });
    expect((await free.next()).tasks).toEqual([]);
  });
});

test("a deleted task, which has no event, leaves the list with the next check", async () => {
  await using api = await openApi(DEFINITIONS, 100);
  const tag = newId();
  const [first, second] = [await enqueue(api, tag), await enqueue(api, tag)];
  const watcher = await api.watch(LIST, { filter: { tags: [tag] } });
  expect((await watcher.next()).tasks).toEqual([{ id: second }, { id: first }]);
  await api.data(`mutation ($id: ID!) { revokeTasks(input: { select: { ids: [$id] } }) { affectedCount } }`, {
    id: first,
  });
  expect(await next(watcher, "UPDATED")).toMatchObject({ task: { id: first, state: "REVOKED" } });
  await api.sql.run("delete from lovage.task where id = $1", [first]);
  expect(await next(watcher, "REMOVED")).toMatchObject({ task: { id: first } });
  expect(await next(watcher, "StreamHeartbeat")).toMatchObject({ cursor: await api.feed.head() });
  await watcher.leave();
});
