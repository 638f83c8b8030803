import { expect, test } from "vitest";
import { createApp } from "../../../src/app/create-app.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";

const add = defineTask({ name: "calls.add", run: () => null });
// It is never started: what is wrong with a call as a whole is told before anything is done.
const app = createApp({ tasks: [add] });

test.each<[string, () => Promise<unknown>, RegExp]>([
  [
    "a name for a definition",
    () => app.enqueue("calls.add" as never, 1),
    /^definition: expected what defineTask.*got "calls.add"/,
  ],
  ["no definition", () => app.enqueue(undefined as never, 1), /^definition: expected .*got undefined/],
  [
    "a text for a list",
    () => app.enqueueMany(add, "abc" as never),
    /^items: expected an array of .*got "abc"/,
  ],
  [
    "an input for an item",
    () => app.enqueueMany(add, [{ input: null }, 5] as never),
    /^items\.1: expected .*got 5/,
  ],
  [
    "a name for names",
    () => app.broadcast(add, null, { workers: "w1" as never }),
    /^workers: expected an array of names, got "w1"/,
  ],
  ["a name to explain", () => app.explain("calls.add" as never, null), /^definition: expected/],
])("%s is refused with an error that names it", async (_, call, message) => {
  await expect(call()).rejects.toThrow(TypeError);
  await expect(call()).rejects.toThrow(message);
});
