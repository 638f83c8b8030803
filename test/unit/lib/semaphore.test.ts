import { expect, test } from "vitest";
import { Semaphore, type SemaphoreOptions } from "../../../src/lib/async/semaphore.ts";

const errors = {
  aborted: () => new Error("aborted"),
  full: (waitedMs: number) => new Error(`full after ${waitedMs}`),
};

function semaphore(options: Omit<SemaphoreOptions, "errors">) {
  const semaphore_ = new Semaphore({ ...options, errors });
  const entered: string[] = [];
  const enter = async (name: string, request: Partial<Parameters<Semaphore["acquire"]>[0]> = {}) => {
    const release = await semaphore_.acquire({ key: "one", ...request });
    entered.push(name);
    return release;
  };
  return { enter, entered };
}

test("lets in so many at once, the others of a key in their order, also when one releases twice", async () => {
  const { enter, entered } = semaphore({ permits: 2, maxRestMs: 500 });
  const [first, second] = await Promise.all([enter("1"), enter("2")]);
  const [third, fourth] = [enter("3"), enter("4")];
  first();
  first();
  const releaseThird = await third;
  expect(entered).toEqual(["1", "2", "3"]);
  second();
  const releaseFourth = await fourth;
  expect(entered).toEqual(["1", "2", "3", "4"]);
  releaseThird();
  releaseFourth();
  await Promise.all([enter("5"), enter("6")]);
  expect(entered).toEqual(["1", "2", "3", "4", "5", "6"]);
});

test("one that is aborted while it waits takes no permit, and blocks no other", async () => {
  const { enter } = semaphore({ permits: 1 });
  const release = await enter("first");
  const ended = new AbortController();
  const { signal } = ended;
  const gone = Array.from({ length: 100 }, () => enter("gone", { signal }));
  const next = enter("next");
  ended.abort();
  for (const { status } of await Promise.allSettled(gone)) expect(status).toBe("rejected");
  await expect(enter("late", { signal })).rejects.toThrow("aborted");
  release();
  (await next)();
  await enter("last");
});

test("keys take turns, however many requests of one of them wait", async () => {
  const { enter, entered } = semaphore({ permits: 1 });
  const release = await enter("a0", { key: "a" });
  const chain = (name: string, key: string) => enter(name, { key }).then((free) => free());
  const all = [
    ...["a1", "a2", "a3", "a4"].map((name) => chain(name, "a")),
    ...["b1", "b2"].map((name) => chain(name, "b")),
    chain("c1", "c"),
  ];
  release();
  await Promise.all(all);
  expect(entered).toEqual(["a0", "a1", "b1", "c1", "a2", "b2", "a3", "a4"]);
});

test("a permit goes to the key that holds the fewest, and no key holds more than its share", async () => {
  const { enter, entered } = semaphore({ permits: 3, perKey: 2 });
  const held = await Promise.all([enter("a1", { key: "a" }), enter("a2", { key: "a" })]);
  const waiting = enter("a3", { key: "a" });
  const other = await enter("b1", { key: "b" });
  const [late, later] = [enter("a4", { key: "a" }), enter("c1", { key: "c" })];
  other();
  await later;
  expect(entered).toEqual(["a1", "a2", "b1", "c1"]);
  for (const release of held) release();
  await Promise.all([waiting, late]);
  expect(entered).toEqual(["a1", "a2", "b1", "c1", "a3", "a4"]);
});

test("urgent requests go first, and let another through now and then", async () => {
  const { enter, entered } = semaphore({ permits: 1 });
  const release = await enter("0");
  const chain = (name: string, urgent: boolean) => enter(name, { key: null, urgent }).then((free) => free());
  const all = [chain("patient", false), ...Array.from({ length: 6 }, () => chain("urgent", true))];
  release();
  await Promise.all(all);
  expect(entered.indexOf("patient")).toBe(5);
});

test("one that waits without result is refused, at once where too many wait", async () => {
  const { enter } = semaphore({ permits: 1, maxWaiting: 1 });
  const release = await enter("held");
  const vain = enter("vain", { key: "other", waitMs: 20 });
  await expect(enter("one too many")).rejects.toThrow("full after 0");
  await expect(vain).rejects.toThrow("full after 20");
  release();
  await enter("next");
});
