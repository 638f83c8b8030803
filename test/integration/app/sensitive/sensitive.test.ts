import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { App } from "../../../../src/app/app.ts";
import { resolveConfig } from "../../../../src/config/config.ts";
import { RetryTask } from "../../../../src/task/retry/control-errors.ts";
import type { Logger } from "../../../../src/lib/log/log.ts";
import { silentLogger } from "../../../../src/lib/log/log.ts";
import { ConfigError } from "../../../../src/errors.ts";
import { refusePlainSecretKeys, warnOfPlainSecrets } from "../../../../src/app/start-checks.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import type { LogLine } from "../../../../src/task/records/log-line.ts";
import { Registry } from "../../../../src/task/definition/registry.ts";
import { DEPLOYMENTS, type Deployment } from "../../../support/deployments.ts";

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
const noted = defineTask({
  name: "secret.noted",
  input: z.object({ pin: z.string(), page: z.int() }),
  sensitive: ["pin"],
  run: () => null,
});
/** What it is counted by, and unique by, is in its input. */
const keyed = defineTask({
  name: "secret.keyed",
  input: z.object({ by: z.enum(["pin", "page"]), pin: z.string(), page: z.int() }),
  sensitive: ["pin"],
  uniqueKey: (input) => String(input[input.by]),
  concurrency: { max: 1, key: (input) => String(input[input.by]) },
  run: () => null,
});
/** Its keys are values of the caller too. `isNarrowed`: a later version of the code takes fewer. */
let isNarrowed = false;
const record = defineTask({
  name: "secret.record",
  input: z.object({
    m: z.record(
      z.string().refine((key) => !isNarrowed && key !== "KEY-4110"),
      z.string(),
    ),
  }),
  sensitive: ["m"],
  run: () => null,
});
const TASKS = [login, strict, paged, talk, noted, keyed, record];

const SETTINGS = [
  { keys: "with keys", settings: { encryptionKeys: `${key},${oldKey}` } },
  { keys: "without keys", settings: {} },
];

describe.each(DEPLOYMENTS)("sensitive fields, $kind", ({ deploy }) => {
  describe.each(SETTINGS)("$keys", ({ settings }) => {
    let deployment: Deployment;
    let app: App;
    beforeAll(async () => {
      deployment = await deploy();
      app = await deployment.app(TASKS, ["maintenance", "worker", "server"], settings);
    });
    afterAll(() => deployment[Symbol.asyncDispose]());

    const ask = async (query: string): Promise<string> => {
      const body = JSON.stringify({ query });
      const headers = { "content-type": "application/json" };
      return (await fetch(`${app.describe().url}/graphql`, { method: "POST", headers, body })).text();
    };
    const rowOf = async (id: string): Promise<string> =>
      JSON.stringify(await app.em().execute("select * from lovage.task where id = ?", [id]));
    const keysOf = async (id: string) =>
      (
        await app
          .em()
          .execute<{ unique_key: string; limit_key: string }[]>(
            "select unique_key, limit_key from lovage.task where id = ?",
            [id],
          )
      )[0]!;
    const input = { user: "ada lovelace", password: SECRET };

    test("the code gets them; no reader of the task sees them or finds the task by them", async () => {
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
        `mutation { retryTasks(input: { select: { ids: ["${handle.id}"] } }) { tasks { id args } errors { message } } }`,
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

    test("the keys of a sensitive record are not shown, at enqueue and at the end", async () => {
      for (const m of [{ "KEY-4110": "x" }, { "KEY-4110": Number.NaN as never }])
        await expect(app.enqueue(record, { m })).rejects.toThrow(
          expect.toSatisfy(
            ({ message }: Error) => message.includes("args.m.[redacted]: ") && !message.includes("KEY-"),
          ),
        );
      const { id } = await app.enqueue(record, { m: { "KEY-4111": "x" } });
      isNarrowed = true;
      await expect((await app.task(id)).result({ timeout: "10s" })).rejects.toThrow();
      isNarrowed = false;
      const task = await (await app.task(id)).read();
      expect(task?.error?.message).toContain("args.m.[redacted]: ");
      expect(JSON.stringify(task)).not.toContain("KEY-4111");
    });

    test("an idempotency key ignores sensitive values: any of them is the same call; visible values are compared", async () => {
      const options = { idempotencyKey: "once" };
      const given = { pin: "4321", page: 1 };
      const first = await app.enqueue(noted, given, options);
      for (const pin of ["4321", "1234", "0"]) {
        const again = await app.enqueue(noted, { ...given, pin }, options);
        expect([again.id, again.deduplicated]).toEqual([first.id, true]);
      }
      await expect(app.enqueue(noted, { ...given, page: 2 }, options)).rejects.toThrow(/other input/);
    });

    test("a key that contains sensitive values cannot be guessed; any other stays unchanged", async () => {
      const later = { delay: "1h" } as const;
      const byPage = await app.enqueue(keyed, { by: "page", pin: "4321", page: 7 }, later);
      expect((await keysOf(byPage.id)).unique_key).toBe("secret.keyed:7");
      expect((await keysOf(byPage.id)).limit_key).toBe(
        createHash("sha256").update('"7"').digest("base64url").slice(0, 16),
      );
      const byPin = app.enqueue(keyed, { by: "pin", pin: "4321", page: 7 }, later);
      if (!("encryptionKeys" in settings))
        return expect(byPin).rejects.toThrow(/sensitive field, and there are no encryption keys/);
      const { id } = await byPin;
      const made = await keysOf(id);
      expect(made.unique_key).toMatch(/^secret\.keyed:[\w-]{43}$/);
      for (const guess of ["4321", '"4321"', "secret.keyed:4321", '["secret.keyed","4321"]'])
        for (const encoding of ["hex", "base64url"] as const)
          expect(JSON.stringify(made)).not.toContain(
            createHash("sha256").update(guess).digest(encoding).slice(0, 16),
          );
      // Equal values still are one unfinished task, and others are not.
      expect((await app.enqueue(keyed, { by: "pin", pin: "4321", page: 8 }, later)).id).toBe(id);
      expect((await app.enqueue(keyed, { by: "pin", pin: "4322", page: 7 }, later)).deduplicated).toBe(false);
    });

    test("an input that the code gives its next attempt is hidden too; an idempotency key compares the first one", async () => {
      const [first, options] = [{ token: SECRET, page: 1 }, { idempotencyKey: "paged" }];
      const handle = await app.enqueue(paged, first, options);
      expect(await handle.result({ timeout: "20s" })).toBe(`${SECRET.length + 5} 2`);
      expect((await handle.read()).input).toEqual({ token: "[redacted]", page: 2 });
      expect((await app.enqueue(paged, first, options)).id).toBe(handle.id);
      const other = app.enqueue(paged, { ...first, page: 3 }, options);
      await expect(other).rejects.toThrow(/other input/);
      if ("encryptionKeys" in settings) expect(await rowOf(handle.id)).not.toContain(SECRET);
    });

    test("logs, progress and events of the code do not show them", async () => {
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

    test("a placeholder is not a value", async () => {
      await expect(app.enqueue(login, { ...input, password: "[redacted]" })).rejects.toThrow(
        /args\.password: is "\[redacted\]", which stands for a value/,
      );
    });
  });

  test("keys change: the old one opens values that it sealed; a task whose key is gone fails, and names it", async () => {
    await using deployment = await deploy();
    const roles = ["maintenance"] as const;
    const before = await deployment.app(TASKS, roles, { encryptionKeys: oldKey });
    const [kept, lost] = [
      await before.enqueue(login, { user: "kept", password: SECRET }, { idempotencyKey: "kept" }),
      await before.enqueue(login, { user: "lost", password: SECRET }, { delay: "1h" }),
    ];
    await before.stop();
    const both = await deployment.app(TASKS, ["maintenance", "worker"], { encryptionKeys: [key, oldKey] });
    const twin = await both.enqueue(login, { user: "kept", password: SECRET }, { idempotencyKey: "kept" });
    expect(twin.id).toBe(kept.id);
    await twin.result({ timeout: "20s" });
    expect(seen.at(-1)).toEqual({ user: "kept", password: SECRET });
    await both.stop();
    const after = await deployment.app(TASKS, ["maintenance", "worker", "server"], { encryptionKeys: key });
    await fetch(`${after.describe().url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        query: `mutation { runTasksNow(input: { select: { ids: ["${lost.id}"] } }) { affectedCount } }`,
      }),
    });
    const handle = await after.task(lost.id);
    await expect(handle.result({ timeout: "20s" })).rejects.toThrow(/the key "k1" is not known here/);
    expect((await handle.read()).error).toMatchObject({ type: "SecretsUnreadable", retryable: false });
  });
});

test("a limit that is counted by a sensitive field needs keys: all are named at start", () => {
  const input = z.object({ card: z.object({ number: z.string() }), page: z.int() });
  const define = (name: string, key: string, sensitive: string[]) =>
    defineTask({
      ...{ name, input, sensitive },
      concurrency: { max: 1, key },
      rateLimit: { limit: "1/s", key: "page" },
      run: () => null,
    });
  const registry = new Registry(
    [
      define("a", "card.number", ["card.number"]),
      define("b", "card", ["card.number"]),
      define("c", "card.number", ["card"]),
      define("d", "page", ["card"]),
    ].map((definition) => ({ definition, file: null })),
  );
  const configOf = (flags: object) => resolveConfig({ flags, env: {} }).config;
  expect(() => refusePlainSecretKeys(configOf({}), registry)).toThrow(ConfigError);
  expect(() => refusePlainSecretKeys(configOf({}), registry)).toThrow(
    /task "a" are counted by "card\.number".*LOVAGE_ENCRYPTION_KEYS.*\n.*task "b".*\n.*task "c"[^\n]*$/,
  );
  refusePlainSecretKeys(configOf({ encryptionKeys: key }), registry);
});

test("a start warns once that they are not encrypted", () => {
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
