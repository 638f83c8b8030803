import { expect, test } from "vitest";
import { createLogger } from "../../src/lib/log.ts";

test("a record of megabytes becomes a short one that says so, still one line of JSON", () => {
  const lines: string[] = [];
  const log = createLogger({ destination: { write: (line) => void lines.push(line) } });
  log.info("before", { task: "a" });
  log.info("huge", { input: "x".repeat(5_000_000) });
  expect(lines).toHaveLength(2);
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: "info", msg: "before", task: "a" });
  expect(lines[1]!.length).toBeLessThan(3_000);
  expect(JSON.parse(lines[1]!)).toMatchObject({
    level: "warn",
    msg: expect.stringMatching(/^A log record of 5000\d+ characters was dropped; the limit is 262144\./),
    start: expect.stringContaining('"input":"xxx'),
  });
  expect(lines[1]!.endsWith("}\n")).toBe(true);
});
