import { expect, test } from "vitest";
import { Bag, type Placed } from "../../src/lib/intrusive-set.ts";
import { Random } from "../fault/random.ts";

const item = (): Placed => ({ place: -1 });

test("it holds what was added and not removed, in whatever order that goes", () => {
  const chance = new Random("bag");
  const bag = new Bag();
  const expected = new Set<Placed>();
  for (let step = 0; step < 2_000; step += 1) {
    if (expected.size > 0 && (expected.size > 20 || chance.next() < 0.5)) {
      const gone = chance.pick([...expected]);
      bag.remove(gone);
      expected.delete(gone);
    } else {
      const came = item();
      bag.add(came);
      expected.add(came);
    }
    expect(new Set(bag.all())).toEqual(expected);
    expect(bag.all()).toHaveLength(expected.size);
  }
});

test("what is removed twice, or was never in, takes nothing else with it", () => {
  const bag = new Bag();
  const [first, second] = [item(), item()];
  bag.add(first);
  bag.add(second);
  bag.remove(first);
  bag.remove(first);
  bag.remove(item());
  expect(bag.all()).toEqual([second]);
});

test("one may empty it while one walks through it", () => {
  const bag = new Bag();
  for (let count = 0; count < 10; count += 1) bag.add(item());
  for (const each of bag.all()) bag.remove(each);
  expect(bag.all()).toEqual([]);
});
