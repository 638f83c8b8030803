import { expect, test } from "vitest";
import { TaskWindow } from "../../../src/engine/lists/task-window.ts";
import type { TaskSummary } from "../../../src/task/records/task.ts";
import { taskEvent } from "../../support/some-events.ts";

const idOf = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, "0")}`;
const matches = (task: TaskSummary): boolean => task.state === "QUEUED";

test("is what a query would return, whatever happens to tasks, if it is read again when it is short", () => {
  const random = generator(7);
  const stored = new Map<string, TaskSummary>();
  const wanted = (): TaskSummary[] =>
    [...stored.values()].filter(matches).toSorted((a, b) => (a.id < b.id ? 1 : -1));
  const window = new TaskWindow(20);
  const read = (): void => window.replace(wanted().slice(0, 20), wanted().length > 20);
  read();
  let reads = 0;
  for (let step = 0; step < 20_000; step += 1) {
    // Ids of several processes do not come in order.
    const id = idOf(Math.floor(random() * 200));
    const version = (stored.get(id)?.version ?? 0) + 1;
    const state = random() < 0.2 ? "QUEUED" : "STARTED";
    const { task } = taskEvent({ id, version, state });
    stored.set(id, task);
    window.apply(task, matches(task));
    // An event that the tasks that were read show already. The feed drops other late ones.
    if (window.has(id)) window.apply(taskEvent({ id, version: version - 1, state: "STARTED" }).task, false);
    if (!window.isComplete && window.tasks.length < 10) {
      read();
      reads += 1;
    }
    const shown = window.tasks.map((one) => one.id);
    expect(shown.slice(0, 10)).toEqual(
      wanted()
        .slice(0, 10)
        .map((one) => one.id),
    );
    expect(shown.length).toBeLessThanOrEqual(20);
  }
  expect(reads).toBeGreaterThan(0);
});

test("tasks that were read do not take the place of newer ones, also of newer progress", () => {
  const window = new TaskWindow(5);
  const at = (ms: number) => ({ current: ms, total: null, message: null, updatedAt: new Date(ms) });
  const [one, other] = [idOf(1), idOf(2)];
  window.replace(
    [taskEvent({ id: other, version: 2, progress: at(1) }).task, taskEvent({ id: one }).task],
    false,
  );
  expect(window.apply(taskEvent({ id: other, version: 2, progress: at(5) }).task, true)).toBe(true);
  const before = window.tasks;
  window.replace(
    [taskEvent({ id: other, version: 2, progress: at(3) }).task, taskEvent({ id: one }).task],
    false,
  );
  expect(window.tasks).toEqual(before);
  expect(window.tasks[0]).toBe(before[0]);
  window.replace([taskEvent({ id: one }).task], false);
  expect(window.tasks.map(({ id }) => id)).toEqual([one]);
});

/** Numbers from 0 to 1 that are the same in each run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
