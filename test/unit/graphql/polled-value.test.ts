import { expect, test, vi } from "vitest";
import { PolledValue } from "../../../src/graphql/streams/polled-value.ts";
import type { QueueRecord } from "../../../src/store/queues/queue-store.ts";

function setup(failing: readonly number[] = []) {
  const state = { reads: 0 };
  const watch = new PolledValue("test", async () => {
    state.reads += 1;
    if (failing.includes(state.reads)) throw new Error("away");
    return [{ name: `read ${state.reads}` } as QueueRecord];
  });
  return { state, watch };
}

const nameIn = async (queues: AsyncIterator<readonly QueueRecord[]>): Promise<string> =>
  ((await queues.next()).value as readonly QueueRecord[])[0]!.name;

test("reads once for all subscribers of one interval", async () => {
  const { state, watch } = setup();
  const [first, second] = [watch.watch(10_000), watch.watch(10_000)];
  expect(await Promise.all([nameIn(first), nameIn(second)])).toEqual(["read 1", "read 1"]);
  // One who comes later is told at once what the others know.
  const late = watch.watch(10_000);
  expect(await nameIn(late)).toBe("read 1");
  expect(state.reads).toBe(1);
  await Promise.all([first.return!(), second.return!(), late.return!()]);
});

test("reads only while a subscriber listens, and starts again", async () => {
  const { state, watch } = setup();
  const only = watch.watch(5);
  await vi.waitFor(() => expect(state.reads).toBeGreaterThan(2));
  await only.return!();
  const { reads } = state;
  const again = watch.watch(60_000);
  expect(await nameIn(again)).toBe(`read ${reads + 1}`);
  await again.return!();
});

test("a slow reader gets the newest list, and a failed read is left out", async () => {
  const { state, watch } = setup([2]);
  const queues = watch.watch(5);
  await vi.waitFor(() => expect(state.reads).toBeGreaterThan(3));
  expect(await nameIn(queues)).toBe(`read ${state.reads}`);
  await queues.return!();
  expect((await queues.next()).done).toBe(true);
});
