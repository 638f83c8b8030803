import { expect, test } from "vitest";
import { createApp } from "../../../src/app/create-app.ts";
import { ConfigError } from "../../../src/errors.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";

const task = defineTask({ name: "test.task", run: () => null });

test.each([
  ["no tasks", {}, /^tasks: expected an array of definitions, got undefined\.$/],
  ["tasks that are none", { tasks: [task, 5] }, /^tasks\.1: expected what defineTask returns, got 5\.$/],
  [
    "an unknown role",
    { tasks: [task], roles: ["wrker"] },
    /^roles: expected an array of server, worker, maintenance, beat, got \["wrker"\]\.$/,
  ],
  [
    "a mistyped option",
    { tasks: [task], role: ["worker"] },
    /^role: there is no such option\. Did you mean roles\?$/,
  ],
  [
    "a mistyped setting",
    { tasks: [task], config: { concurency: 5 } },
    /^config\.concurency: there is no such option\. Did you mean config\.concurrency\?$/,
  ],
])("an app with %s is refused", (_, options, message) => {
  const make = (): unknown => createApp(options as never);
  expect(make).toThrow(ConfigError);
  expect(make).toThrow(message);
});

test("a server that would be open to everybody is refused from code, too", () => {
  const make = (config: object): unknown => createApp({ tasks: [task], roles: ["server"], config });
  expect(() => make({ host: "0.0.0.0" })).toThrow(/other machines can reach, and there is no token/);
  expect(() => make({ production: true, allowedHosts: ["a.example"] })).toThrow(
    /allowedHosts .* is set in production, and there is no token/,
  );
  expect(() => createApp({ tasks: [task], config: { host: "0.0.0.0" } })).not.toThrow();
});

test("options that are left undefined count as not given", () => {
  expect(() => createApp({ tasks: [task], roles: undefined, config: undefined } as never)).not.toThrow();
});
