import { expect, test } from "vitest";

import { shareOut } from "../../../src/broker/share-out.ts";

/** Reads from queues that have so many hints; returns what was asked of whom, in order. */
async function share(
  has: Record<string, number>,
  max: number,
  slack: readonly string[] = [],
): Promise<string[]> {
  const left = { ...has };
  const asked: string[] = [];
  const read = (queue: string, count: number): { entries: number; usable: number } => {
    asked.push(`${queue} ${count}`);
    const entries = Math.min(count, left[queue]!);
    left[queue]! -= entries;
    return { entries, usable: entries };
  };
  await shareOut(Object.keys(has), max, read, (queue) => slack.includes(queue));
  return asked;
}

test("queues get equal shares, and unused shares go to the others", async () => {
  expect(await share({ a: 100, b: 100 }, 9)).toEqual(["a 5", "b 4"]);
  expect(await share({ a: 100, b: 1, c: 100 }, 9)).toEqual(["a 3", "b 3", "c 3", "a 1", "c 1"]);
  expect(await share({ a: 100, b: 100 }, 1)).toEqual(["a 1"]);
});

test("queues that were empty just now get the remaining slots, and only then", async () => {
  expect(await share({ own: 0, mail: 100 }, 32, ["own"])).toEqual(["mail 32"]);
  expect(await share({ own: 3, mail: 10 }, 32, ["own"])).toEqual(["mail 32", "own 22"]);
  expect(await share({ own: 3, mail: 10 }, 32, ["own", "mail"])).toEqual(["own 16", "mail 16"]);
});
