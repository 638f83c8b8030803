import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { MAX_ISSUES, RefusedError } from "../../../../src/errors.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import { type Api, type Loose, openApi } from "../api.ts";

const many = defineTask({
  name: "many.numbers",
  input: z.object({ list: z.array(z.number()) }),
  run: () => null,
});
const wrong = (count: number): string[] => Array.from({ length: count }, (_, index) => `v${index}`);
const ENQUEUE =
  "mutation($inputs:[EnqueueTaskInput!]!){enqueueTasks(input: { tasks: $inputs }){ids errors{code message path hint}}}";

let api: Api;
beforeAll(async () => {
  api = await openApi([many]);
});
afterAll(() => api[Symbol.asyncDispose]());

async function errorsOf(inputs: readonly object[]): Promise<Loose[]> {
  const { enqueueTasks } = await api.data(ENQUEUE, { inputs });
  expect(enqueueTasks.ids).toEqual([]);
  return enqueueTasks.errors;
}

describe("payloads", () => {
  test("9,000 wrong values of one input give 19 errors, and how many more there are", async () => {
    const errors = await errorsOf([{ name: "many.numbers", args: { list: wrong(9_000) } }]);
    expect(errors).toHaveLength(MAX_ISSUES);
    expect(errors[18].path).toEqual(["input", "tasks", "0", "args", "list", "18"]);
    expect(errors[19]).toEqual({
      ...{ code: "INVALID_INPUT", message: "8981 more errors are not shown.", path: null },
      hint: "Correct the errors above first.",
    });
    expect(JSON.stringify(errors).length).toBeLessThan(5_000);
  });

  test("9,000 wrong inputs too", async () => {
    const errors = await errorsOf(wrong(9_000).map((name) => ({ name })));
    expect(errors).toHaveLength(MAX_ISSUES);
    expect(errors[19].message).toBe("8981 more errors are not shown.");
  });

  test("20 are shown as they are, 21 are not", async () => {
    const twenty = await errorsOf([{ name: "many.numbers", args: { list: wrong(20) } }]);
    expect(twenty.at(-1).path).toEqual(["input", "tasks", "0", "args", "list", "19"]);
    const more = await errorsOf([{ name: "many.numbers", args: { list: wrong(21) } }]);
    expect(more).toHaveLength(20);
    expect(more[19].message).toBe("2 more errors are not shown.");
  });

  test("explainTask has the same bound", async () => {
    const { explainTask } = await api.data(
      "query($input:EnqueueTaskInput!){explainTask(input:$input){errors{message}}}",
      { input: { name: "many.numbers", args: { list: wrong(500) } } },
    );
    expect(explainTask.errors).toHaveLength(20);
    expect(explainTask.errors[19].message).toBe("481 more errors are not shown.");
  });

  test("a retry of many tasks that no longer fit reports how many were left out", async () => {
    const { enqueueTasks } = await api.data(ENQUEUE, {
      inputs: Array.from({ length: 300 }, () => ({ name: "many.numbers", args: { list: [1] } })),
    });
    const ids = enqueueTasks.ids;
    await api.data("mutation($ids:[ID!]!){revokeTasks(input: { select:{ids:$ids} }){affectedCount}}", {
      ids,
    });
    const { retryTasks } = await api.data(
      'mutation($ids:[ID!]!){retryTasks(input: { select:{ids:$ids}, args:{list:"no"} }){affectedCount skippedCount errors{message path}}}',
      { ids },
    );
    expect(retryTasks).toMatchObject({ affectedCount: 0, skippedCount: 300 });
    expect(retryTasks.errors).toHaveLength(20);
    expect(retryTasks.errors[19]).toEqual({ message: "281 more errors are not shown.", path: null });
  });
});

test("in TypeScript a refusal lists 20 and counts the rest", async () => {
  const enqueue = api.services.enqueuer.enqueueMany(
    Array.from({ length: 30 }, () => ({ name: "many.numbers", args: { list: wrong(100) } })),
  );
  const error = await enqueue.then(
    () => null,
    (thrown: unknown) => thrown as RefusedError,
  );
  expect(error).toBeInstanceOf(RefusedError);
  expect(error!.issues).toHaveLength(20);
  expect(error!.moreIssues).toBe(2_980);
  expect(error!.heads.size).toBe(30);
  expect(error!.message.split("\n")).toHaveLength(21);
  expect(error!.message).toMatch(/\n2980 more errors are not shown\.$/);
});
