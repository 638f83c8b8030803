import { expect, test } from "vitest";
import { matchesError } from "../../../src/task/retry/error-match.ts";
import { customDelay, resolveRetry, retryDelay, type RetryOptions } from "../../../src/task/retry/retry.ts";

const delays = (options: RetryOptions, random = () => 0): number[] => {
  const policy = resolveRetry(options, []);
  return [1, 2, 3, 4, 60].map((attempt) => retryDelay(policy, attempt, random));
};

test("delays grow by the policy, up to the longest", () => {
  const base = { initialDelay: "1s", maxDelay: "7s", jitter: false } as const;
  expect(delays({ ...base, backoff: "fixed" })).toEqual([1_000, 1_000, 1_000, 1_000, 1_000]);
  expect(delays({ ...base, backoff: "linear" })).toEqual([1_000, 2_000, 3_000, 4_000, 7_000]);
  expect(delays({ ...base, backoff: "exponential" })).toEqual([1_000, 2_000, 4_000, 7_000, 7_000]);
});

test("jitter draws from the upper half", () => {
  const options = { initialDelay: 1_000, backoff: "fixed" } as const;
  expect(delays(options, () => 0)[0]).toBe(500);
  expect(delays(options, () => 0.999_999)[0]).toBe(1_000);
});

test("mistakes are named, all of them", () => {
  const problems: string[] = [];
  resolveRetry(
    { maxAttempts: 0, backoff: "cubic" as never, initialDelay: "soon", maxDelay: "400d" },
    problems,
  );
  expect(problems).toEqual([
    "retry.maxAttempts: expected an integer from 1 to 1000, got 0",
    'retry.backoff: expected "fixed", "linear", "exponential", or a function, got "cubic"',
    expect.stringContaining('retry.initialDelay: expected a duration such as "90s"'),
    expect.stringContaining('at most 365 days, got "400d"'),
  ]);
});

test("a value that selects no errors is refused by name", () => {
  const problems: string[] = [];
  resolveRetry({ on: TypeError as never, notOn: [() => true] as never, for: "0s" }, problems);
  resolveRetry({ on: { name: "TypeError" } as never, notOn: [""], for: "366d" }, problems);
  expect(problems).toEqual([
    "retry.for: expected a duration above zero, got 0",
    expect.stringMatching(/^retry\.on: expected an array.*got the class TypeError\. Put it into an array$/),
    expect.stringMatching(/^retry\.notOn: expected an array.*got an array with the function /),
    expect.stringMatching(/^retry\.for: expected a duration.*at most 365 days/),
    expect.stringMatching(/^retry\.on: expected an array/),
    expect.stringMatching(/^retry\.notOn: expected an array.*an array with ""$/),
  ]);
});

test("errors are meant by class, by name, by the name of a class of theirs, and by a function", () => {
  class HttpError extends Error {
    constructor(readonly status: number) {
      super(`HTTP ${status}`);
    }
  }
  class Busy extends HttpError {}
  const named = Object.assign(new Error("x"), { name: "Executor" });
  expect(matchesError([HttpError], new Busy(503))).toBe(true);
  expect(matchesError(["HttpError"], new Busy(503))).toBe(true);
  expect(matchesError(["Executor"], named)).toBe(true);
  expect(matchesError([Busy, "Executor"], new HttpError(503))).toBe(false);
  expect(matchesError(["Error"], "a text")).toBe(false);
  expect(matchesError((error) => error instanceof HttpError && error.status === 503, new Busy(503))).toBe(
    true,
  );
  expect(() => matchesError((() => Promise.resolve(false)) as never, named)).toThrow("not a boolean");
  class Executor extends Error {}
  expect(matchesError([Executor], named)).toBe(true);
});

test("a function gives the pause, up to the longest, and nothing else but a duration", () => {
  const asked: unknown[] = [];
  const policy = resolveRetry({
    maxDelay: "1m",
    backoff: (attempt, error) => {
      asked.push(error);
      return [1_500.4, "10s", "2h", "soon", -1, Number.NaN, undefined][attempt - 1] as never;
    },
  });
  expect(policy).toMatchObject({ backoff: "CUSTOM", jitter: false, maxAttempts: 3 });
  expect([1, 2, 3].map((attempt) => customDelay(policy, attempt, "why"))).toEqual([1_500, 10_000, 60_000]);
  for (const attempt of [4, 5, 6, 7])
    expect(() => customDelay(policy, attempt, "why")).toThrow("It must return");
  expect(asked).toEqual(Array(7).fill("why"));
  expect(resolveRetry({ backoff: () => 0 }).maxDelayMs).toBe(365 * 24 * 3_600_000);
});

test("a duration allows as many attempts as fit, unless the policy has a number", () => {
  expect(resolveRetry({ for: "2h" })).toMatchObject({ forMs: 7_200_000, maxAttempts: 1_000 });
  expect(resolveRetry({ for: "2h", maxAttempts: 5 })).toMatchObject({ maxAttempts: 5 });
});
