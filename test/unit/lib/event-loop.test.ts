import { expect, test } from "vitest";
import { TurnQueue } from "../../../src/lib/async/event-loop.ts";

test("each piece of work has its own turn, in order, and others get theirs in between", async () => {
  const turns = new TurnQueue();
  const seen: string[] = [];
  let others = true;
  const other = (): void => {
    seen.push("other");
    if (others) setImmediate(other);
  };
  setImmediate(other);
  const work = ["a", "b", "c"].map((name) => turns.run(() => seen.push(name)));
  await Promise.all(work);
  others = false;
  expect(seen.join(" ")).toMatch(/^(other )*a (other )+b (other )+c/);
});

test("work that throws fails its own caller, and the next piece continues", async () => {
  const turns = new TurnQueue();
  const failing = turns.run(() => {
    throw new Error("broken");
  });
  const next = turns.run(() => "fine");
  await expect(failing).rejects.toThrow("broken");
  expect(await next).toBe("fine");
});
