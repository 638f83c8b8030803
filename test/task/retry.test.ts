import { expect, test } from "vitest";
import { resolveRetry, retryDelay, type RetryOptions } from "../../src/task/retry.ts";

const delays = (options: RetryOptions, random = () => 0): number[] => {
  const policy = resolveRetry(options, []);
  return [1, 2, 3, 4, 60].map((attempt) => retryDelay(policy, attempt, random));
};

test("pauses grow as the policy says, up to the longest", () => {
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
    "retry.maxAttempts must be an integer from 1 to 1000, got 0",
    'retry.backoff must be "fixed", "linear" or "exponential", got "cubic"',
    expect.stringContaining('retry.initialDelay must be a duration such as "90s"'),
    expect.stringContaining('at most 365 days, got "400d"'),
  ]);
});
