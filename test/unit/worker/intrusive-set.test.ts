import { expect, test } from "vitest";
import { IntrusiveSet, type SetItem } from "../../../src/worker/attempt/intrusive-set.ts";
import { Random } from "../../fault/support/random.ts";

const item = (): SetItem => ({ setIndex: -1 });

test("it contains items that were added and not removed, in any order of these calls", () => {
  const chance = new Random("set");
  const set = new IntrusiveSet();
  const expected = new Set<SetItem>();
  for (let step = 0; step < 2_000; step += 1) {
    if (expected.size > 0 && (expected.size > 20 || chance.next() < 0.5)) {
      const gone = chance.pick([...expected]);
      set.remove(gone);
      expected.delete(gone);
    } else {
      const came = item();
      set.add(came);
      expected.add(came);
    }
    expect(new Set(set.all())).toEqual(expected);
    expect(set.all()).toHaveLength(expected.size);
  }
});

test("an item that is removed twice, or was never in, removes no other", () => {
  const set = new IntrusiveSet();
  const [first, second] = [item(), item()];
  set.add(first);
  set.add(second);
  set.remove(first);
  set.remove(first);
  set.remove(item());
  expect(set.all()).toEqual([second]);
});

test("one may empty it while one walks through it", () => {
  const set = new IntrusiveSet();
  for (let count = 0; count < 10; count += 1) set.add(item());
  for (const each of set.all()) set.remove(each);
  expect(set.all()).toEqual([]);
});
