import { expect, test } from "vitest";
import { Turnstile } from "../../src/lib/turnstile.ts";

test("lets in so many at once, the others in their order, also when one leaves twice", async () => {
  const turnstile = new Turnstile(2);
  const entered: number[] = [];
  const enter = async (n: number) => {
    const leave = await turnstile.enter();
    entered.push(n);
    return leave;
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
