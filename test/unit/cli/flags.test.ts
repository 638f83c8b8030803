import { expect, test } from "vitest";
import { describeRefusal } from "../../../src/cli/refusal.ts";

test.each([
  [["input", "options", "debounce"], "--debounce"],
  [["input", "options", "maxWait"], "--max-wait"],
  [["input", "options", "tags", "0"], "--tag.0"],
  [["input", "args", "to"], "args.to"],
  [["input", "name"], "name"],
  [["input", "select", "ids", "3"], "ids.3"],
  [["input", "select", "filter", "names"], "--task"],
  [["input", "select", "filter", "createdAt"], "--created-at"],
  [["input", "select", "filter", "finishedAt", "to"], "--finished-before"],
  [["input", "select", "filter", "uniqueKey"], "--unique-key"],
  [["confirm"], "confirm"],
])("a refusal of %j names %s, once", (path, shown) => {
  const message = `${path.join(".")}: expected shorter.`;
  const issue = { code: "INVALID_INPUT" as const, path, message, hint: "Cut it." };
  expect(describeRefusal(issue)).toBe(`${shown}: expected shorter. Cut it.`);
  // As servers of before send it.
  expect(describeRefusal({ ...issue, message: "expected shorter." })).toBe(
    `${shown}: expected shorter. Cut it.`,
  );
});
