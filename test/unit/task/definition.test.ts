import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { DefinitionError } from "../../../src/errors.ts";
import { TaskFailedError } from "../../../src/errors.ts";
import { declaredError } from "../../../src/task/definition/declared-failure.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import type { TaskDefinition } from "../../../src/task/definition/definition.ts";
import { Registry } from "../../../src/task/definition/registry.ts";

const input = z.object({ to: z.email(), body: z.string().default("") });

test("a definition is a frozen value with its defaults filled in", () => {
  const task = defineTask({
    name: "mail.send",
    input,
    output: z.object({ id: z.string() }),
    run: () => ({ id: "1" }),
  });
  expect(Object.isFrozen(task)).toBe(true);
  expect(task).toMatchObject({
    name: "mail.send",
    mutationField: "enqueueMailSend",
    queue: null,
    priority: null,
    timeLimitMs: null,
    retry: {
      maxAttempts: 3,
      backoff: "EXPONENTIAL",
      initialDelayMs: 1_000,
      maxDelayMs: 600_000,
      jitter: true,
    },
    inputJsonSchema: { type: "object", required: ["to"] },
  });
});

test("callers and authors see the types of the schemas", () => {
  const task = defineTask({
    name: "mail.send",
    input,
    output: z.object({ id: z.string() }),
    run: (given, ctx) => {
      expectTypeOf(given).toEqualTypeOf<{ to: string; body: string }>();
      expectTypeOf(ctx.input).toEqualTypeOf<{ to: string; body: string }>();
      return { id: "1" };
    },
  });
  expectTypeOf(task).toEqualTypeOf<
    TaskDefinition<{ to: string; body?: string | undefined }, { id: string }, "mail.send">
  >();
  const plain = defineTask({ name: "plain", run: async () => 3 });
  expectTypeOf(plain).toEqualTypeOf<TaskDefinition<unknown, number, "plain">>();
});

test("declared errors are typed for the code and for callers that await the result", () => {
  const task = defineTask({
    name: "mail.send",
    errors: { NoSuchAccount: z.object({ account: z.string() }), Full: z.object({ until: z.int() }) },
    run: (_, ctx) => {
      // @ts-expect-error -- it is not declared
      expect(ctx.error("Other", {})).toBeDefined();
      // @ts-expect-error -- the data do not fit
      throw ctx.error("Full", { account: "a" });
    },
  });
  const thrown = new TaskFailedError({
    taskId: "1",
    state: "FAILURE",
    declared: { task: "mail.send", name: "Full", data: { until: 5 } },
  });
  const error = declaredError(task, thrown);
  if (error?.name === "Full") expectTypeOf(error.data).toEqualTypeOf<{ until: number }>();
  expect(error).toEqual({ name: "Full", data: { until: 5 } });
  expect(declaredError({ ...task, name: "other" }, thrown)).toBeNull();
  expect(declaredError(task, new Error("other"))).toBeNull();
});

describe("mistakes name the task and every option", () => {
  const run = (): null => null;
  test.each([
    ["a name that begins with a digit", { name: "1st" }, /name: expected a letter, then/],
    ["a name of a path", { name: "../x" }, /name: expected/],
    ["a name without a letter", { name: "a".repeat(200) }, /name: expected/],
    [
      "an error with the name of one of Lovage",
      { name: "x", errors: { RetryTask: z.string() } },
      /errors: expected names of up to 64 letters and digits.* got "RetryTask"/,
    ],
    ["an error whose data have no JSON Schema", { name: "x", errors: { Odd: z.date() } }, /errors\.Odd/],
    [
      "an error whose data have no schema",
      { name: "x", errors: { Odd: 5, Empty: null } },
      /errors\.Odd: expected a schema of zod 4, arktype 2 or valibot, got 5; errors\.Empty: expected .* got null/,
    ],
    [
      "errors without names",
      { name: "x", errors: [] },
      /errors: expected an object of schemas by the names of errors, got \[\]/,
    ],
    [
      "an input that is not a schema",
      { name: "x", input: "text" },
      /input: expected a schema of .* got "text"/,
    ],
    [
      "a queue with a space",
      { name: "x", queue: "my queue" },
      /queue: expected a letter or digit.*"my queue"/,
    ],
    [
      "an unknown priority",
      { name: "x", priority: "high" },
      /priority: expected one of LOW, NORMAL, HIGH, CRITICAL, got "high"/,
    ],
    ["a time limit of zero", { name: "x", timeLimit: 0 }, /timeLimit: expected .* above zero, got 0/],
    [
      "a time limit that no timer takes",
      { name: "x", timeLimit: "30d" },
      /timeLimit: expected at most 24 days/,
    ],
    [
      "a soft time limit of rubbish",
      { name: "x", softTimeLimit: "soon" },
      /softTimeLimit: expected a duration/,
    ],
    [
      "a soft time limit that leaves no time",
      { name: "x", softTimeLimit: "2s", timeLimit: 2_000 },
      /softTimeLimit: expected less than timeLimit, got "2s" and 2000/,
    ],
    [
      "a schema without JSON Schema",
      { name: "x", input: z.object({ at: z.date() }) },
      /input\.at: expected a type that JSON has, got "date"\. Use a string, such as z\.iso\.datetime\(\)/,
    ],
    ["a key that is no function", { name: "x", uniqueKey: "k" }, /uniqueKey: expected a function/],
    [
      "an unknown conflict",
      { name: "x", onConflict: "KEEP" },
      /onConflict: expected one of RETURN, REPLACE, REJECT/,
    ],
    [
      "a bound without debounce",
      { name: "x", maxWait: "1m" },
      /maxWait: expected together with debounce, which is not given/,
    ],
    [
      "a bound below debounce",
      { name: "x", debounce: "2m", maxWait: "1m" },
      /maxWait: expected at least debounce/,
    ],
    [
      "debounce that rejects",
      { name: "x", debounce: "2m", onConflict: "REJECT" },
      /onConflict: expected REPLACE/,
    ],
    [
      "results kept for no time",
      { name: "x", resultsExpire: { success: 0 } },
      /resultsExpire: expected .* above zero/,
    ],
    [
      "an unknown result backend",
      { name: "x", resultBackend: "s3" },
      /resultBackend: expected one of database, redis/,
    ],
    ["a sensitive path that is no text", { name: "x", sensitive: [1] }, /sensitive: expected paths/],
    ["a tag without text", { name: "x", tags: [""] }, /tags: expected 1 to 128 characters.*got ""/],
    ["a tag that is no text", { name: "x", tags: [5] }, /tags: expected an array of strings, got \[5\]/],
    [
      "a text for a list of tags",
      { name: "x", tags: "mail" },
      /tags: expected an array of strings, got "mail"/,
    ],
    ["too many tags", { name: "x", tags: Array(51).fill("t") }, /tags: expected at most 50, got 51/],
    [
      "a mistyped option",
      { name: "x", timeLimits: "1s" },
      /there is no option "timeLimits"; did you mean timeLimit\?/,
    ],
    ["an option of Celery", { name: "x", acks_late: true }, /no option "acks_late"; known: name, .*, run/],
    [
      "a mistyped option of retry",
      { name: "x", retry: { maxAttemps: 5 } },
      /no option "retry.maxAttemps"; did you mean retry.maxAttempts\?/,
    ],
    [
      "a mistyped option of a rate",
      { name: "x", rateLimit: { limit: "1/s", keyy: "id" } },
      /no option "rateLimit.keyy"; did you mean rateLimit.key\?/,
    ],
    [
      "a mistyped option of one of several limits",
      { name: "x", concurrency: [{ max: 1 }, { max: 2, keys: "id" }] },
      /no option "concurrency.keys"; did you mean concurrency.key\?/,
    ],
    ["no function", { name: "x", run: undefined }, /run: expected a function/],
  ])("%s", (_, options, message) => {
    const define = (): unknown => defineTask({ run, ...options } as never);
    expect(define).toThrow(DefinitionError);
    expect(define).toThrow(message);
    expect(define).toThrow(JSON.stringify(options.name));
  });
});

test("two definitions with one name or one mutation are refused, naming both files", () => {
  const one = { definition: defineTask({ name: "mail.send", input, run: () => 1 }), file: "a.tasks.ts" };
  const twin = { definition: defineTask({ name: "mail.send", run: () => 1 }), file: "b.tasks.ts" };
  const clash = { definition: defineTask({ name: "mail_send", input, run: () => 1 }), file: "c.tasks.ts" };
  expect(() => new Registry([one, twin])).toThrow(/the name "mail.send".*a\.tasks\.ts, b\.tasks\.ts/);
  expect(() => new Registry([one, clash])).toThrow(
    /the mutation "enqueueMailSend".*a\.tasks\.ts, c\.tasks\.ts/,
  );
  expect(new Registry([one, one]).names()).toEqual(["mail.send"]);
});
