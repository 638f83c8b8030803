import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, openApi } from "./api.ts";
import { DEFINITIONS } from "./definitions.ts";

let api: Api;
beforeAll(async () => void (api = await openApi(DEFINITIONS)));
afterAll(() => api[Symbol.asyncDispose]());

const NESTED = `{ a: ${"[".repeat(40)}${"]".repeat(40)} }`;

test.each([
  [
    String.raw`{ a: { b: "x\u0000" } }`,
    ["input", "options", "meta", "a", "b"],
    /^input\.options\.meta\.a\.b: holds U\+0000/,
  ],
  [
    NESTED,
    ["input", "options", "meta", "a", "0", "0", "0"],
    /^input\.options\.meta\.a\.0\.0\.0: is nested more than 32 deep/,
  ],
  [
    `{ a: "${"x".repeat(300 * 1024)}" }`,
    ["input", "options", "meta"],
    /^input\.options\.meta: is 301 KiB; the limit is 256 KiB/,
  ],
])("meta %.40s is refused with its path, and nothing is enqueued", async (meta, path, message) => {
  const { enqueueTask } = await api.data(
    `mutation { enqueueTask(input: { name: "any.json", options: { meta: ${meta} } }) { task { id } errors { code path message } } }`,
  );
  expect(enqueueTask).toEqual({
    task: null,
    errors: [{ code: "INVALID_INPUT", path, message: expect.stringMatching(message) }],
  });
});
