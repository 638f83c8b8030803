import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { App } from "../../src/app.ts";
import { resolveConfig } from "../../src/config.ts";
import { RetryTask } from "../../src/task/control-errors.ts";
import type { Logger } from "../../src/lib/log.ts";
import { silentLogger } from "../../src/lib/log.ts";
import { warnOfPlainSecrets } from "../../src/app/plain-secrets.ts";
import { defineTask } from "../../src/task/definition.ts";
import type { LogLine } from "../../src/task/log-line.ts";
import { Registry } from "../../src/task/registry.ts";
import { FORMS, type Installation } from "../support/forms.ts";

const SECRET = "correct horse";
const newKey = (id: string): string => `${id}:${randomBytes(32).toString("base64")}`;
const [oldKey, key] = [newKey("k1"), newKey("k2")];

const seen: unknown[] = [];
const login = defineTask({
  name: "secret.login",
  input: z.object({ user: z.string(), password: z.string().meta({ sensitive: true }) }),
  sensitive: ["user"],
  retry: { maxAttempts: 1 },
  run: (input) => {
    seen.push(input);
    if (input.user === "nobody!") throw new Error(`wrong password: ${input.password}`);
    return null;
  },
});
const strict = defineTask({
  name: "secret.strict",
  input: z.object({
    pin: z
      .string()
      .refine((pin) => pin.length < 5, { error: (issue) => `${String(issue.input)} is too long` }),
  }),
  sensitive: ["pin"],
  run: () => null,
});
const paged = defineTask({
  name: "secret.paged",
  input: z.object({ token: z.string(), page: z.int() }),
  sensitive: ["token"],
  retry: { initialDelay: 1 },
  run: ({ token, page }, { attempt }) => {
    if (attempt === 1) throw new RetryTask({ input: { token: `${token} of ${page + 1}`, page: page + 1 } });
    return `${token.length} ${page}`;
  },
});
const talk = defineTask({
  name: "secret.talk",
  input: z.object({ password: z.string(), pin: z.int() }),
  sensitive: ["password", "pin"],
  run: ({ password, pin }, ctx) => {
    const failure = new Error(`not ${password}`);
    ctx.log.info(`it is "${password}"`, { pin, list: [{ password, pages: 12 }], failure });
    ctx.log.child({ password }).warn("bound");
    ctx.progress(1, 2, `with ${password}`);
    ctx.emit("secret.told", { password, pin });
    return null;
  },
});
const TASKS = [login, strict, paged, talk];

const SETTINGS = [
  { keys: "with keys", settings: { encryptionKeys: `${key},${oldKey}` } },
  { keys: "without keys", settings: {} },
];

describe.each(FORMS)("sensitive fields, $form", ({ install }) => {
  describe.each(SETTINGS)("$keys", ({ settings }) => {
    let place: Installation;
    let app: App;
    beforeAll(async () => {
      place = await install();
      app = await place.app(TASKS, ["upkeep", "worker", "server"], settings);
    });
    afterAll(() => place[Symbol.asyncDispose]());

    const ask = async (query: string): Promise<string> => {
      const body = JSON.stringify({ query });
      const headers = { "content-type": "application/json" };
      return (await fetch(`${app.describe().url}/graphql`, { method: "POST", headers, body })).text();
    };
    const rowOf = async (id: string): Promise<string> =>
      JSON.stringify(await app.em().execute("select * from lovage.task where id = ?", [id]));
    const input = { user: "ada lovelace", password: SECRET };

    test("the code gets them; nobody who reads the task does, nor finds it by them", async () => {
      const handle = await app.enqueue(login, input);
      await handle.result({ timeout: "20s" });
      expect(seen.at(-1)).toEqual(input);
      expect(JSON.stringify(await handle.read())).not.toContain(SECRET);
      expect(await ask(`{ task(id: "${handle.id}") { args state } }`)).toContain(
        '"args":{"user":"[redacted]","password":"[redacted]"}',
      );
      for (const filter of [`search: "${SECRET}"`, `argsContain: { password: "${SECRET}" }`])
        expect(await ask(`{ tasks(filter: { ${filter} }) { totalCount } }`)).toContain('"totalCount":0');
      expect((await rowOf(handle.id)).includes(SECRET)).toBe(!("encryptionKeys" in settings));
    });

    test("a retry has the real values", async () => {
      const handle = await app.enqueue(login, input);
      await handle.result({ timeout: "20s" });
      const retried = await ask(
        `mutation { retryTasks(select: { ids: ["${handle.id}"] }) { tasks { id args } errors { message } } }`,
      );
      expect(retried).not.toContain(SECRET);
      const { id } = (JSON.parse(retried) as { data: { retryTasks: { tasks: { id: string }[] } } }).data
        .retryTasks.tasks[0]!;
      await (await app.task(id)).result({ timeout: "20s" });
      expect(seen.at(-1)).toEqual(input);
    });

    test("errors that quote them do not show them, at enqueue and at the end", async () => {
      const failed = await app.enqueue(login, { user: "nobody!", password: SECRET });
      await expect(failed.result({ timeout: "20s" })).rejects.toThrow("wrong password: [redacted]");
      expect(await ask(`{ task(id: "${failed.id}") { error { message stack } } }`)).not.toContain(SECRET);
      await expect(app.enqueue(strict, { pin: "1234567" })).rejects.toThrow(
        "args.pin: [redacted] is too long",
      );
    });

    test("an idempotency key goes with the same values, not with others", async () => {
      const options = { idempotencyKey: "once" };
      const first = await app.enqueue(login, input, options);
      const again = await app.enqueue(login, { ...input }, options);
      expect([again.id, again.deduplicated]).toEqual([first.id, true]);
      await expect(app.enqueue(login, { ...input, password: "another" }, options)).rejects.toThrow(
        /other input/,
      );
    });

    test("an input that the code gives its next attempt is hidden too; the first one is what a key goes with", async () => {
      const [first, options] = [{ token: SECRET, page: 1 }, { idempotencyKey: "paged" }];
      const handle = await app.enqueue(paged, first, options);
      expect(await handle.result({ timeout: "20s" })).toBe(`${SECRET.length + 5} 2`);
      expect((await handle.read()).input).toEqual({ token: "[redacted]", page: 2 });
      expect((await app.enqueue(paged, first, options)).id).toBe(handle.id);
      const other = app.enqueue(paged, { ...first, token: "another" }, options);
      await expect(other).rejects.toThrow(/other input/);
      if ("encryptionKeys" in settings) expect(await rowOf(handle.id)).not.toContain(SECRET);
    });

    test("what the code logs, tells as progress and emits does not show them", async () => {
      // Who listens hears what comes from then on: it begins when somebody listens.
      const input = { password: `two\nlines of ${SECRET}`, pin: 8_642 };
      const handle = await app.enqueue(talk, input, { delay: "3s" });
      const told: unknown[] = [];
      for await (const event of handle.events()) told.push(event);
      expect(told).toContainEqual(
        expect.objectContaining({
          emitted: { type: "secret.told", payload: { password: "[redacted]", pin: "[redacted]" } },
        }),
      );
      expect((await handle.read()).progress).toMatchObject({ message: "with [redacted]" });
      const lines: LogLine[] = [];
      for await (const line of handle.logs()) lines.push(line);
      expect(lines).toMatchObject([
        {
          message: 'it is "[redacted]"',
          fields: {
            pin: "[redacted]",
            list: [{ password: "[redacted]", pages: 12 }],
            failure: { type: "Error", message: "not [redacted]" },
          },
        },
        { message: "bound", fields: { password: "[redacted]" } },
      ]);
      expect(JSON.stringify([told, lines, await handle.read()])).not.toContain("lines of");
    });

    test("a value that is longer than a message may be is hidden in it, too", async () => {
      const password = `begin ${"secret words ".repeat(200)}`;
      const handle = await app.enqueue(talk, { password, pin: 8_642 });
      await handle.result({ timeout: "20s" });
      expect((await handle.read()).progress).toMatchObject({ message: "with [redacted]" });
    });

    test("a placeholder is no value", async () => {
      await expect(app.enqueue(login, { ...input, password: "[redacted]" })).rejects.toThrow(
        /args\.password: is "\[redacted\]", which stands for a value/,
      );
    });
  });

  test("keys change: the old one opens what it sealed; a task whose key is gone fails, and says so", async () => {
    await using place = await install();
    const roles = ["upkeep"] as const;
    const before = await place.app(TASKS, roles, { encryptionKeys: oldKey });
    const [kept, lost] = [
      await before.enqueue(login, { user: "kept", password: SECRET }, { idempotencyKey: "kept" }),
      await before.enqueue(login, { user: "lost", password: SECRET }, { delay: "1h" }),
    ];
    await before.stop();
    const both = await place.app(TASKS, ["upkeep", "worker"], { encryptionKeys: [key, oldKey] });
    const twin = await both.enqueue(login, { user: "kept", password: SECRET }, { idempotencyKey: "kept" });
    expect(twin.id).toBe(kept.id);
    await twin.result({ timeout: "20s" });
    expect(seen.at(-1)).toEqual({ user: "kept", password: SECRET });
    await both.stop();
    const after = await place.app(TASKS, ["upkeep", "worker", "server"], { encryptionKeys: key });
    await fetch(`${after.describe().url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        query: `mutation { runTasksNow(select: { ids: ["${lost.id}"] }) { affectedCount } }`,
      }),
    });
    const handle = await after.task(lost.id);
    await expect(handle.result({ timeout: "20s" })).rejects.toThrow(/the key "k1" is not known here/);
    expect((await handle.read()).error).toMatchObject({ type: "SecretsUnreadable", retryable: false });
  });
});

test("at start a warning says once that they are not encrypted", () => {
  const warnings: string[] = [];
  const log: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
  const registry = new Registry(TASKS.map((definition) => ({ definition, file: null })));
  const configOf = (flags: object) => resolveConfig({ flags, env: {} }).config;
  warnOfPlainSecrets(configOf({ encryptionKeys: key }), registry, log);
  warnOfPlainSecrets(configOf({}), new Registry([]), log);
  expect(warnings).toEqual([]);
  warnOfPlainSecrets(configOf({}), registry, log);
  expect(warnings).toEqual([expect.stringContaining("LOVAGE_ENCRYPTION_KEYS")]);
});
