import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type App, RefusedError, type TaskDefinition } from "../../../src/index.ts";
import type { AnyTaskDefinition } from "../../../src/task/definition/definition.ts";
import { type DocExamples, docExamples } from "../../support/doc-examples.ts";
import { DEPLOYMENTS, type Deployment } from "../../support/deployments.ts";

interface Examples {
  readonly resize: TaskDefinition<{ file: string; width: number }, string>;
  readonly reindex: TaskDefinition<{ document: string; revision: number }, string>;
  readonly exportAll: TaskDefinition<unknown, string>;
  readonly charge: TaskDefinition<
    { amount: number; card: { holder: string; number: string }; token: string },
    string
  >;
  readonly thumbnail: TaskDefinition<{ file: string }, { dataUrl: string }>;
  readonly ping: TaskDefinition<unknown, { milliseconds: number }>;
}
const FILES = ["options.tasks.ts", "unique.tasks.ts", "secrets.tasks.ts", "results.tasks.ts"];

let examples: DocExamples;
let tasks: Examples;
beforeAll(async () => {
  examples = await docExamples("docs/tasks.md");
  const modules = await Promise.all(FILES.map((file) => examples.load<Partial<Examples>>(file)));
  tasks = Object.assign({}, ...modules) as Examples;
});
afterAll(() => examples[Symbol.asyncDispose]());

describe.each(DEPLOYMENTS)("the examples of docs/tasks.md on options, $kind", ({ deploy }) => {
  let deployment: Deployment;
  let app: App;
  let caller: App;
  beforeAll(async () => {
    deployment = await deploy();
    const settings = { encryptionKeys: `k1:${randomBytes(32).toString("base64")}` };
    const definitions = Object.values(tasks) as AnyTaskDefinition[];
    app = await deployment.app(definitions, ["maintenance", "worker"], settings);
    // With PostgreSQL, another process' worth of callers.
    caller = deployment.settings["databaseUrl"] ? await deployment.app(definitions, [], settings) : app;
  });
  afterAll(() => deployment[Symbol.asyncDispose]());

  test("a call goes before its definition", async () => {
    const handle = await app.enqueue(
      tasks.resize,
      { file: "a.png", width: 80 },
      { priority: "HIGH", delay: "200ms", expiresIn: "1h", tags: ["avatar"] },
    );
    expect(await handle.read()).toMatchObject({
      priority: "HIGH",
      queue: "images",
      tags: ["images", "avatar"],
    });
    expect(await handle.result({ timeout: "20s" })).toBe("a.png at 80");
  });

  test("calls that follow each other make one task, with the latest input", async () => {
    const revisions = Array.from({ length: 20 }, (_, index) => index + 1);
    const handles = [];
    for (const revision of revisions) {
      const from = revision % 2 === 0 ? app : caller;
      handles.push(await from.enqueue(tasks.reindex, { document: "a", revision }));
    }
    const other = await app.enqueue(tasks.reindex, { document: "b", revision: 1 });
    expect(new Set(handles.map(({ id }) => id)).size).toBe(1);
    expect(handles.map(({ deduplicated }) => deduplicated)).toEqual(
      revisions.map((revision) => revision > 1),
    );
    expect(await handles[0]!.read()).toMatchObject({ uniqueKey: "search.reindex:a", state: "SCHEDULED" });
    expect(await handles[0]!.result({ timeout: "20s" })).toBe("a at revision 20");
    expect(await other.result({ timeout: "20s" })).toBe("b at revision 1");
  });

  test("events report the replaced task, and its versions rise", async () => {
    const first = await app.enqueue(tasks.reindex, { document: "c", revision: 1 });
    const events = first.events();
    const replaced = (async () => {
      for await (const { type, task } of events) if (task.version === 2) return { type, state: task.state };
      return null;
    })();
    await app.enqueue(tasks.reindex, { document: "c", revision: 2 }, { delay: "1h" });
    expect(await replaced).toEqual({ type: "ENQUEUED", state: "SCHEDULED" });
  });

  test("a task that must not be replaced refuses the call, and is named", async () => {
    const first = await app.enqueue(tasks.exportAll, {}, { delay: "1h" });
    const refusal = app.enqueue(tasks.exportAll, {});
    await expect(refusal).rejects.toThrow(RefusedError);
    await expect(refusal).rejects.toThrow(
      `options.uniqueKey: "export.all:one at a time" is held by the unfinished task ${first.id}.`,
    );
    const same = await app.enqueue(tasks.exportAll, {}, { onConflict: "RETURN" });
    expect([same.id, same.deduplicated]).toEqual([first.id, true]);
    const replaced = await app.enqueue(tasks.exportAll, {}, { onConflict: "REPLACE" });
    expect([replaced.id, replaced.deduplicated]).toEqual([first.id, true]);
    expect(await replaced.result({ timeout: "20s" })).toBe("exported");
  });

  test("a transaction of the caller takes REJECT, and neither REPLACE nor debounce", async () => {
    const [key, delay] = ["in a transaction", "1h"];
    await app.em().transactional(async (em) => {
      const first = await app.enqueue(
        tasks.ping,
        {},
        { transaction: em, uniqueKey: key, onConflict: "REJECT", delay },
      );
      await expect(
        app.enqueue(tasks.ping, {}, { transaction: em, uniqueKey: key, onConflict: "REJECT" }),
      ).rejects.toThrow(first.id);
      await expect(
        app.enqueue(tasks.ping, {}, { transaction: em, uniqueKey: key, onConflict: "REPLACE" }),
      ).rejects.toThrow(/would hold the waiting task/);
    });
  });

  test("sensitive fields reach the code only", async () => {
    const card = { holder: "Ada", number: "4111 1111 1111 1234" };
    const handle = await app.enqueue(tasks.charge, { amount: 5, card, token: "t-1" });
    expect(await handle.result({ timeout: "20s" })).toBe("5 from the card that ends in 1234");
    expect((await handle.read()).input).toEqual({
      amount: 5,
      card: { holder: "Ada", number: "[redacted]" },
      token: "[redacted]",
    });
  });

  test("results are stored where the definition requires", async () => {
    const handle = await app.enqueue(tasks.thumbnail, { file: "a" });
    expect(await handle.result({ timeout: "20s" })).toEqual({ dataUrl: "data:image/png;name=a;base64," });
    expect(await (await app.enqueue(tasks.ping, {})).result({ timeout: "20s" })).toBeNull();
  });
});

describe("contradicting options are refused, with their path", () => {
  let deployment: Deployment;
  let app: App;
  beforeAll(async () => {
    deployment = await DEPLOYMENTS[0]!.deploy();
    app = await deployment.app(Object.values(tasks) as AnyTaskDefinition[], []);
  });
  afterAll(() => deployment[Symbol.asyncDispose]());

  test.each([
    [{ onConflict: "REPLACE" }, "options.onConflict: needs a uniqueKey."],
    [{ debounce: "1s", maxWait: "5s" }, "options.debounce: needs a uniqueKey."],
    [
      { uniqueKey: "k", onConflict: "KEEP" },
      'options.onConflict: expected one of RETURN, REPLACE, REJECT, got "KEEP".',
    ],
    [
      { uniqueKey: "k", debounce: "1s", onConflict: "REJECT" },
      "options.onConflict: expected REPLACE where there is debounce",
    ],
    [
      { uniqueKey: "k", debounce: "1s", delay: "1s" },
      "options.debounce: cannot be given together with delay.",
    ],
    [{ uniqueKey: "k", debounce: "0" }, "options.debounce: expected a duration above zero, got 0."],
    [
      { uniqueKey: "k", maxWait: "1s" },
      "options.maxWait: expected together with debounce, which is not given.",
    ],
    [{ uniqueKey: "k", debounce: "5s", maxWait: "1s" }, "options.maxWait: expected at least debounce"],
    [
      { uniqueKey: "k", debounce: "5s", expiresIn: "5s" },
      "options.expiresIn: expected an end after the task is due",
    ],
    [
      { uniqueKey: "k", onConflict: "REPLACE", idempotencyKey: "i" },
      "options.idempotencyKey: cannot be given together",
    ],
    [{ resultsExpire: "0" }, "options.resultsExpire: expected a duration"],
    [{ resultsExpire: { sucess: "1d" } }, "options.resultsExpire: expected a duration"],
    [{ maxAttempts: 0 }, "options.maxAttempts: expected an integer from 1 to 1000, got 0."],
    [{ expiresIn: "1m", delay: "2m" }, 'options.expiresIn: expected an end after the task is due, got "1m".'],
  ])("%j", async (options, message) => {
    await expect(app.enqueue(tasks.ping, {}, options as never)).rejects.toThrow(message);
  });

  test("an input that is too large is refused before anything is stored", async () => {
    await expect(app.enqueue(tasks.ping, { text: "x".repeat(300 * 1024) })).rejects.toThrow(
      /args: is 301 KiB; the limit is 256 KiB\. Store the data and pass a reference\./,
    );
  });
});
