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

test("the threshold decides what is written, by children that there are already, too", () => {
  const lines: string[] = [];
  const log = createLogger({ level: "warn", destination: { write: (line) => void lines.push(line) } });
  const child = log.child({ part: "a" });
  const take = (): string[] => lines.splice(0).map((line) => (JSON.parse(line) as { msg: string }).msg);
  for (const logger of [log, child]) logger.info("hidden");
  child.warn("shown");
  expect(take()).toEqual(["shown"]);
  log.threshold!.level = "trace";
  child.trace("now shown");
  expect(take()).toEqual(["now shown"]);
  child.threshold!.level = "silent";
  log.fatal("silent");
  expect(take()).toEqual([]);
});
