import { expect, test } from "vitest";
import { type LogFields, type Logger, silentLogger } from "../../../src/lib/log/log.ts";
import { fieldsText } from "../../../src/worker/logs/log-text.ts";
import { RunLog } from "../../../src/worker/logs/run-log.ts";

/** What the process's log gets, and what is kept with the task. */
function openLog(secrets: Record<string, string>) {
  const records: unknown[] = [];
  const loggerWith = (bound: LogFields): Logger => ({
    ...silentLogger,
    info: (message, fields) => void records.push([message, { ...bound, ...fields }]),
    child: (fields) => loggerWith({ ...bound, ...fields }),
  });
  const keep = (_level: unknown, message: unknown, fields: unknown): void =>
    void records.push([message, { ...(fields as object) }]);
  return {
    records,
    log: new RunLog(loggerWith({}), keep, () => secrets),
  };
}

test("sensitive values of a task's input are hidden in both logs, in every part of a record", () => {
  const { log, records } = openLog({ "/token": "open sesame" });
  const circular: Record<string, unknown> = { deep: ["say open sesame now"] };
  circular.self = circular;
  log
    .child({ token: "open sesame" })
    .info("open sesame", { list: [{ token: "an open sesame" }], error: new Error("open sesame?"), circular });
  expect(records).toHaveLength(2);
  for (const record of records) {
    expect(record).toMatchObject([
      "[redacted]",
      { token: "[redacted]", list: [{ token: "an [redacted]" }], error: { message: "[redacted]?" } },
    ]);
    expect(JSON.stringify(record)).not.toContain("sesame");
  }
});

test("without sensitive values the process's log receives records unchanged", () => {
  const { log, records } = openLog({});
  const error = new Error("here");
  log.info("said", { error });
  expect(records).toEqual([
    ["said", { error }],
    ["said", { error }],
  ]);
});

test("a value that JSON would drop is stored as a string", () => {
  const text = fieldsText(
    {
      map: new Map([["a", 1]]),
      set: new Set([1]),
      nan: Number.NaN,
      at: new Date("x"),
      big: 1n,
      f: () => 1,
      bytes: new Uint8Array([1]),
      no: undefined,
      none: null,
      on: new Date(0),
      r: /x/,
    },
    8_192,
  )!;
  expect(JSON.parse(text)).toEqual({
    ...{
      map: "Map(1) { 'a' => 1 }",
      set: "Set(1) { 1 }",
      nan: "NaN",
      at: "Invalid Date",
      big: "1",
      f: "[Function: f]",
    },
    ...{ bytes: "Uint8Array(1) [ 1 ]", none: null, on: "1970-01-01T00:00:00.000Z", r: "/x/" },
  });
});
