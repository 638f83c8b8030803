import { expect, test } from "vitest";
import { Turnstile } from "../../../src/lib/turnstile.ts";

test("lets in so many at once, the others in their order, also when one leaves twice", async () => {
  const turnstile = new Turnstile(2);
  const entered: number[] = [];
  const enter = async (n: number) => {
    const leave = await turnstile.enter();
    entered.push(n);
    return leave!;
  };
  const [first, second] = await Promise.all([enter(1), enter(2)]);
  const [third, fourth] = [enter(3), enter(4)];
  first();
  first();
  const leaveThird = await third;
  expect(entered).toEqual([1, 2, 3]);
  second();
  const leaveFourth = await fourth;
  expect(entered).toEqual([1, 2, 3, 4]);
  leaveThird();
  leaveFourth();
  await Promise.all([enter(5), enter(6)]);
  expect(entered).toEqual([1, 2, 3, 4, 5, 6]);
});

test("one that is aborted while it waits takes no place, and keeps nobody waiting", async () => {
  const turnstile = new Turnstile(1);
  const leave = await turnstile.enter();
  const ended = new AbortController();
  const gone = Array.from({ length: 100 }, () => turnstile.enter(ended.signal));
  const next = turnstile.enter();
  ended.abort();
  expect(await Promise.all(gone)).toEqual(Array.from({ length: 100 }, () => null));
  expect(await turnstile.enter(ended.signal)).toBeNull();
  leave!();
  const leaveNext = await next;
  leaveNext!();
  expect(await turnstile.enter()).not.toBeNull();
});
