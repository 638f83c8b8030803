import { expect, test } from "vitest";
import type { Issue } from "../../../src/errors.ts";
import { resolveEnqueueOptions } from "../../../src/task/call/enqueue-options.ts";

const NOW = new Date("2026-01-01T00:00:00Z");

test.each<[string, object, Issue["path"], RegExp, RegExp?]>([
  [
    "a mistyped option",
    { dela: "5s" },
    ["0", "dela"],
    /is not an option of a call/,
    /^Did you mean delay\?$/,
  ],
  [
    "an option of Celery",
    { countdown: 5 },
    ["0", "countdown"],
    /is not an option of a call/,
    /^Known: queue, .*, ignoreResult\.$/,
  ],
  ["options of a text", { 0: "x" }, ["0", "0"], /is not an option of a call/],
  ["a key that is no text", { uniqueKey: 5 }, ["0", "uniqueKey"], /expected 1 to 255 characters .* got 5/],
  ["a list as a key", { idempotencyKey: ["a"] }, ["0", "idempotencyKey"], /got \["a"\]/],
  ["a queue that is no text", { queue: 5 }, ["0", "queue"], /got 5/],
])("%s is refused with its name, and the actual value or a suggestion", (_, options, path, message, hint) => {
  const issues: Issue[] = [];
  resolveEnqueueOptions(options, ["0"], NOW, issues);
  expect(issues).toHaveLength(1);
  expect(issues[0]).toMatchObject({ path, message: expect.stringMatching(message) });
  if (hint) expect(issues[0]!.hint).toMatch(hint);
});
