import { expect, test } from "vitest";
import { createLogger } from "../../../src/lib/log/log.ts";

test("a record of megabytes becomes a short one that reports it, still one line of JSON", () => {
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

test("the level decides which records are written, also by existing children", () => {
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

test("an error that cannot be read whole, and fields that throw, are logged as far as possible: the report of a failure does not fail", () => {
  const lines: string[] = [];
  const log = createLogger({ destination: { write: (line) => void lines.push(line) } });
  const trap = (): never => {
    throw new Error("trap");
  };
  log.error("getter", { err: Object.defineProperty(new TypeError("said"), "message", { get: trap }) });
  log.error("proxy", { err: new Proxy(new Error("said"), { get: trap }) });
  log.error("field", Object.defineProperty({}, "token", { get: trap, enumerable: true }));
  log.error("several", { err: new AggregateError([new Error("first"), new Error("second")], "both") });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { msg: "getter", err: { type: "TypeError" } },
    { msg: "proxy", err: { type: "Error" } },
    { msg: "field", fieldsProblem: "trap" },
    {
      msg: "several",
      err: { type: "AggregateError", aggregateErrors: [{ message: "first" }, { message: "second" }] },
    },
  ]);
});

test("of an error only harmless facts are written: not the client, the command and the values that drivers hang on it", () => {
  const lines: string[] = [];
  const log = createLogger({ level: "debug", destination: { write: (line) => void lines.push(line) } });
  const cause = Object.assign(new Error("WRONGPASS"), {
    command: { name: "auth", args: ["app", "K2hunter"] },
  });
  const error = Object.assign(new Error("broken", { cause }), {
    code: "57P01",
    port: 5432,
    detail: "Key (token)=(K2hunter) already exists.",
    client: { connectionParameters: { password: "K2hunter" } },
    parent: cause,
  });
  Object.defineProperty(error, "address", {
    enumerable: true,
    get: (): never => {
      throw new Error("K2hunter");
    },
  });
  log.debug("A connection broke", { err: error, other: new AggregateError([error], "all"), task: "a" });
  expect(lines.join("")).not.toContain("K2hunter");
  const record = JSON.parse(lines[0]!) as object;
  expect(record).toMatchObject({
    msg: "A connection broke",
    task: "a",
    err: { type: "Error", message: "broken: WRONGPASS", code: "57P01", port: 5432 },
    other: { type: "AggregateError", message: "all", aggregateErrors: [{ message: "broken: WRONGPASS" }] },
  });
  expect(record).toHaveProperty(
    "err.stack",
    expect.stringMatching(/Error: broken\n[^]*caused by: Error: WRONGPASS/),
  );
});
