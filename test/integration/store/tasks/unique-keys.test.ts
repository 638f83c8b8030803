import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Inserted, NewTask } from "../../../../src/store/tasks/task-store.ts";
import type { TaskRecord } from "../../../../src/task/records/task.ts";
import type { WorkerRecord } from "../../../../src/task/records/worker.ts";
import { DATABASES } from "../../../support/databases.ts";
import { type EngineParts, openEngineParts, outcomeOf } from "../../../support/engine-parts.ts";
import { newTask } from "../../../support/store-rows.ts";

const HOUR = 3_600_000;
const error = { type: "Error", message: "no", stack: null, retryable: true, fingerprint: "f" };

describe.each(DATABASES)("unique keys on $kind", (place) => {
  let parts: EngineParts;
  let worker: WorkerRecord;
  let keys = 0;
  beforeAll(async () => {
    parts = await openEngineParts(place);
    worker = await parts.register();
  });
  afterAll(() => parts[Symbol.asyncDispose]());

  const newKey = (): string => `key ${(keys += 1)}`;
  const insert = (rows: readonly Partial<NewTask>[], mode: "each" | "all" = "each"): Promise<Inserted[]> =>
    parts.stores.tasks.insert(rows.map(newTask), mode);
  const one = async (row: Partial<NewTask>): Promise<Inserted> => (await insert([row]))[0]!;
  const replace = (uniqueKey: string, row: Partial<NewTask> = {}): Promise<Inserted> =>
    one({ uniqueKey, onConflict: "REPLACE", ...row });
  const holders = async (uniqueKey: string): Promise<TaskRecord[]> => {
    const ids = await parts.stores.reader.ids(
      { uniqueKey, states: ["SCHEDULED", "QUEUED", "STARTED", "RETRY"] },
      10,
    );
    return Promise.all(ids.map((id) => parts.read(id)));
  };
  const fails = async (id: string): Promise<void> => {
    const [task] = await parts.claim(worker, [id]);
    await parts.stores.tasks.finish([outcomeOf(task!, { kind: "retry", error, delayMs: HOUR })]);
  };

  test("REPLACE gives a waiting task the new input and options; it keeps its id, and the rest starts again", async () => {
    const uniqueKey = newKey();
    const id = await parts.insert({ uniqueKey, delayMs: HOUR, tags: ["old"], expiresInMs: 2 * HOUR });
    const answer = await replace(uniqueKey, {
      input: { x: 2 },
      queue: "other",
      priority: "HIGH",
      maxAttempts: 7,
      tags: ["new"],
      meta: { why: "new" },
      options: { softTimeLimitMs: 5 },
      timeLimitMs: 9,
    });
    expect(answer).toMatchObject({
      kind: "replaced",
      hinted: false,
      task: { id, state: "QUEUED", version: 2 },
    });
    expect(await parts.read(id)).toMatchObject({
      ...{
        input: { x: 2 },
        queue: "other",
        priority: "HIGH",
        maxAttempts: 7,
        tags: ["new"],
        meta: { why: "new" },
      },
      ...{ options: { softTimeLimitMs: 5 }, timeLimitMs: 9, runAt: null, expiresAt: null, state: "QUEUED" },
    });
    const later = await replace(uniqueKey, { input: { x: 3 }, delayMs: HOUR });
    expect(later).toMatchObject({
      kind: "replaced",
      task: { id, state: "SCHEDULED", queuedAt: null, version: 3 },
    });
  });

  test("a task that waits for its retry starts again with its new input", async () => {
    const uniqueKey = newKey();
    const id = await parts.insert({ uniqueKey });
    await fails(id);
    await replace(uniqueKey, { input: { x: 2 } });
    expect(await parts.read(id)).toMatchObject({
      ...{ state: "QUEUED", attempt: 0, attempts: [], error: null, input: { x: 2 }, workerName: null },
    });
  });

  test("a task that stays in its partition needs no second hint; in another it does", async () => {
    const uniqueKey = newKey();
    await parts.insert({ uniqueKey });
    expect(await replace(uniqueKey)).toMatchObject({ hinted: true });
    expect(await replace(uniqueKey, { priority: "LOW" })).toMatchObject({ hinted: false });
  });

  test("the limit key follows the new input, whose partition then needs a hint", async () => {
    const uniqueKey = newKey();
    const id = await parts.insert({ uniqueKey, limitKey: "one" });
    const hinted = async (part: Partial<NewTask>): Promise<unknown> => {
      const answer = await replace(uniqueKey, part);
      expect(answer).toMatchObject({ kind: "replaced", task: { id } });
      const { task } = answer as Extract<Inserted, { kind: "replaced" }>;
      expect(task.limitKey).toBe(part.limitKey);
      return (answer as { readonly hinted: boolean }).hinted;
    };
    expect(await hinted({ limitKey: "two" })).toBe(false);
    expect(await hinted({ limitKey: "two" })).toBe(true);
    expect(await hinted({})).toBe(false);
  });

  test.each([
    { what: "an input", input: { x: 1 }, hidden: undefined },
    { what: "null", input: null, hidden: undefined },
    { what: "hidden values", input: { x: "***" }, hidden: { secrets: { "/x": "secret" } } },
  ])("an idempotency key stands for the call that it was enqueued with: $what", async ({ input, hidden }) => {
    const uniqueKey = newKey();
    const first = {
      ...{ idempotencyKey: `of ${uniqueKey}`, uniqueKey, input },
      options: hidden ? { hidden } : null,
    };
    const id = await parts.insert(first);
    for (const options of [{ softTimeLimitMs: 5 }, null]) {
      await replace(uniqueKey, { input: { x: 2 }, options });
      expect(await one(first)).toEqual({ kind: "existing", taskId: id });
      expect(await one({ ...first, input: { x: 2 }, options })).toEqual({ kind: "conflict", taskId: id });
      expect(await parts.read(id)).toMatchObject({ input: { x: 2 }, ...(options ? { options } : {}) });
    }
  });

  test("a running task leaves its key to the new one, and its retry continues without it", async () => {
    const uniqueKey = newKey();
    const id = await parts.insert({ uniqueKey });
    const [running] = await parts.claim(worker, [id]);
    const made = await replace(uniqueKey, { input: { x: 2 } });
    expect(made).toMatchObject({ kind: "created", task: { state: "QUEUED" } });
    expect(await parts.read(id)).toMatchObject({ state: "STARTED", uniqueKey: null, version: 2 });
    const [finished] = await parts.stores.tasks.finish([
      outcomeOf(running!, { kind: "retry", error, delayMs: 0 }),
    ]);
    expect(finished).toMatchObject({ state: "RETRY" });
    expect((await holders(uniqueKey)).map((task) => task.input)).toEqual([{ x: 2 }]);
  });

  test("REJECT names the holder; in a batch that is all or nothing, nothing is done", async () => {
    const uniqueKey = newKey();
    const id = await parts.insert({ uniqueKey, delayMs: HOUR });
    expect(await one({ uniqueKey, onConflict: "REJECT" })).toEqual({ kind: "taken", taskId: id });
    const free = newKey();
    const rows = [
      { uniqueKey: free, onConflict: "REJECT" },
      { uniqueKey, onConflict: "REPLACE", input: { x: 9 } },
      { uniqueKey, onConflict: "REJECT" },
    ] as const;
    expect((await insert(rows, "all")).map(({ kind }) => kind)).toEqual(["created", "replaced", "taken"]);
    expect(await holders(free)).toEqual([]);
    expect(await parts.read(id)).toMatchObject({ input: { x: 1 }, version: 1 });
    expect(await one({ uniqueKey: free, onConflict: "REJECT" })).toMatchObject({ kind: "created" });
  });

  test("a task that is PENDING, or of another definition, is not replaced", async () => {
    const [pending, foreign] = [newKey(), newKey()];
    const held = await parts.insert({ uniqueKey: pending, held: true });
    expect(await replace(pending)).toEqual({ kind: "taken", taskId: held });
    const other = await parts.insert({ uniqueKey: foreign, name: "other.task" });
    expect(await replace(foreign)).toEqual({ kind: "taken", taskId: other });
  });

  test("of one batch the last one counts", async () => {
    const uniqueKey = newKey();
    const rows = [1, 2, 3].map((x) => ({ uniqueKey, onConflict: "REPLACE" as const, input: { x } }));
    const answers = await insert(rows);
    expect(answers.map(({ kind }) => kind)).toEqual(["created", "replaced", "replaced"]);
    expect((await holders(uniqueKey)).map((task) => task.input)).toEqual([{ x: 3 }]);
    await parts.claim(worker, [(await holders(uniqueKey))[0]!.id]);
    expect((await insert(rows)).map(({ kind }) => kind)).toEqual(["existing", "existing", "created"]);
    expect((await holders(uniqueKey)).map((task) => task.input)).toEqual([{ x: 3 }]);
  });

  test("maxWait bounds how often the start moves", async () => {
    const uniqueKey = newKey();
    const debounce = { uniqueKey, onConflict: "REPLACE", delayMs: HOUR, maxWaitMs: 2 * HOUR } as const;
    const id = await parts.insert(debounce);
    await replace(uniqueKey, debounce);
    expect((await parts.read(id)).state).toBe("SCHEDULED");
    await parts.sql.run("update lovage.task set created_at = now() - interval '90 minutes' where id = $1", [
      id,
    ]);
    await replace(uniqueKey, debounce);
    const { runAt, createdAt } = await parts.read(id);
    expect(runAt!.getTime() - createdAt.getTime()).toBe(2 * HOUR);
    await parts.sql.run("update lovage.task set created_at = now() - interval '3 hours' where id = $1", [id]);
    await replace(uniqueKey, debounce);
    expect(await parts.read(id)).toMatchObject({ state: "QUEUED", runAt: null });
  });

  test("many at once with one key, while workers claim and finish: one unfinished task at any time, none lost", async () => {
    const uniqueKey = newKey();
    const ended = new AbortController();
    const run = async (): Promise<void> => {
      while (!ended.signal.aborted) {
        const [task] = await holders(uniqueKey);
        const claimed = task?.state === "QUEUED" ? await parts.claim(worker, [task.id]) : [];
        const outcomes = claimed.map((one) => outcomeOf(one, { kind: "succeeded", output: null }));
        if (outcomes.length > 0) await parts.stores.tasks.finish(outcomes);
      }
    };
    const runs = [run(), run()];
    const calls = Array.from({ length: 60 }, (_, x) => replace(uniqueKey, { input: { x } }));
    const answers = await Promise.all(calls);
    ended.abort();
    await Promise.all(runs);
    expect(new Set(answers.map(({ kind }) => kind)).size).toBeLessThanOrEqual(2);
    for (const answer of answers) expect(["created", "replaced"]).toContain(answer.kind);
    expect((await holders(uniqueKey)).length).toBeLessThanOrEqual(1);
  });
});
