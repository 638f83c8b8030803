import { expect, test } from "vitest";
import { restoreError } from "../../../src/app/handle.ts";
import { TaskFailedError } from "../../../src/errors.ts";
import { describeError } from "../../../src/worker/attempt/task-error.ts";

test("an error that was recorded is made again: name, message, stack and causes", () => {
  const cause = new TypeError("deep", { cause: new Error("deeper") });
  const error = Object.assign(new Error("on top", { cause }), { name: "HttpError" });
  const restored = restoreError(describeError(error, true));
  expect(restored).toMatchObject({ name: "HttpError", message: "on top", stack: error.stack });
  expect(restored.cause).toMatchObject({ name: "TypeError", message: "deep", stack: cause.stack });
  expect((restored.cause as Error).cause).toMatchObject({ name: "Error", message: "deeper" });
  const failed = new TaskFailedError({ taskId: "1", state: "FAILURE", cause: restored });
  expect(failed).toMatchObject({ message: "on top", type: "HttpError", cause: restored, state: "FAILURE" });
});

test("a chain that leads back to itself ends, and an error without a stack is one too", () => {
  const error = new Error("round");
  error.cause = error;
  const described = describeError(error, true);
  expect(described.causes).toHaveLength(4);
  const restored = restoreError({
    type: "Odd",
    message: "bare",
    stack: null,
    retryable: true,
    fingerprint: "x",
  });
  expect(restored).toMatchObject({ stack: "Odd: bare" });
  expect("cause" in restored).toBe(false);
  expect(new TaskFailedError({ taskId: "1", state: "REVOKED" })).toMatchObject({
    ...{ message: "The task ended as REVOKED.", type: null },
  });
});
