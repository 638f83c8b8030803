import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { Enqueuer } from "../../../src/engine/enqueue/enqueuer.ts";
import { TaskControl } from "../../../src/engine/control/task-control.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { newId } from "../../../src/lib/uuid.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { Registry } from "../../../src/task/definition/registry.ts";
import { DATABASES } from "../../support/databases.ts";
import { Vault } from "../../../src/task/sensitive/vault.ts";
import { type EngineParts, KEEP_MS, openEngineParts, outcomeOf } from "../../support/engine-parts.ts";

describe.each(DATABASES)("on $kind", (place) => {
  let parts: EngineParts;
  let control: TaskControl;
  beforeAll(async () => {
    parts = await openEngineParts(place);
    const input = z.object({ x: z.number().max(5) });
    const definition = defineTask({ name: "test.task", input, run: () => null });
    const { stores, hints, publisher, signals } = parts;
    const enqueuer = new Enqueuer({
      ...{ hints, publisher, clock: systemClock },
      registry: new Registry([{ definition, file: null }]),
      store: stores.tasks,
      onDelayed: () => undefined,
    });
    control = new TaskControl({
      ...{ hints, publisher, signals, enqueuer, vault: new Vault(null) },
      store: stores.taskControl,
      reader: stores.reader,
      keepMs: KEEP_MS,
    });
  });
  afterAll(() => parts[Symbol.asyncDispose]());

  async function finished(part = {}): Promise<string> {
    const id = await parts.insert(part);
    const [task] = await parts.claim(await parts.register(), [id]);
    await parts.stores.tasks.finish([outcomeOf(task!, { kind: "succeeded", output: 1 })]);
    return id;
  }

  test("author and reason are stored, and a running task receives those of its first cancel", async () => {
    const [waiting, running] = [await parts.insert(), await parts.insert()];
    const worker = await parts.register();
    await parts.claim(worker, [running]);
    const heard: unknown[] = [];
    onTestFinished(parts.signals.subscribe((signal) => heard.push(signal)));
    const first = { terminate: true, by: "ada", reason: "wrong file" };
    expect(await control.revoke({ ids: [waiting, running] }, first)).toMatchObject({ affectedCount: 2 });
    const revocation = { by: "ada", reason: "wrong file" };
    expect(heard).toEqual([{ type: "cancel", taskIds: [running] }]);
    await control.revoke({ ids: [running] }, { terminate: true, by: "bob", reason: "me too" });
    expect(await parts.stores.tasks.startedBy(worker.id)).toMatchObject([
      { cancelRequested: true, revocation },
    ]);
    expect(await parts.read(waiting)).toMatchObject({ state: "REVOKED", revocation });
    const nobody = await parts.insert();
    await control.revoke({ ids: [nobody] }, { terminate: false });
    expect(await parts.read(nobody)).toMatchObject({ state: "REVOKED", revocation: null });
  });

  test("a cancel is durable before any subscriber is notified", async () => {
    const [waiting, running] = [await parts.insert(), await parts.insert()];
    await parts.claim(await parts.register(), [running]);
    const seen: Promise<unknown>[] = [];
    onTestFinished(parts.signals.subscribe(() => seen.push(parts.read(running))));
    await control.revoke({ ids: [waiting, running] }, { terminate: true, reason: "over" });
    expect(seen).toHaveLength(1);
    expect(await seen[0]).toMatchObject({
      cancelRequestedAt: expect.any(Date),
      revocation: { reason: "over" },
    });
    expect(await parts.events()).toContain(`REVOKED ${waiting}`);
  });

  test.each(["x".repeat(501), "a\u0000b", "\ud800"])(
    "a reason that cannot be stored is refused",
    async (reason) => {
      const id = await parts.insert();
      await expect(control.revoke({ ids: [id] }, { terminate: true, reason })).rejects.toMatchObject({
        issues: [{ code: "INVALID_INPUT", path: ["reason"] }],
      });
      expect((await parts.read(id)).state).toBe("QUEUED");
    },
  );

  test("deletes finished tasks, with exact counts, and frees their keys", async () => {
    const ended = await finished({ idempotencyKey: `key ${place.kind}`, tags: ["delete"] });
    const waiting = await parts.insert({ tags: ["delete"] });
    const running = await parts.insert({ tags: ["delete"] });
    await parts.claim(await parts.register(), [running]);
    const absent = newId();
    expect(await control.delete({ ids: [ended, waiting, running, absent, ended] })).toEqual({
      affectedCount: 1,
      skippedCount: 3,
      moreIssues: 0,
      taskIds: [ended],
      issues: [],
    });
    expect(await parts.stores.reader.byIds([ended])).toEqual([null]);
    const again = await parts.insert({ idempotencyKey: `key ${place.kind}`, tags: ["delete"] });
    expect((await parts.read(again)).state).toBe("QUEUED");
    expect(await control.delete({ filter: { tags: ["delete"] } })).toMatchObject({
      affectedCount: 0,
      skippedCount: 3,
    });
  });

  test("a retry omits refused tasks, names them, and counts exactly", async () => {
    const good = [await finished({ input: { x: 1 } }), await finished({ input: { x: 2 } })];
    const bad = await finished({ input: { x: 9 } });
    const gone = await finished({ name: "test.task", input: { x: 3 } });
    await parts.sql.run("update lovage.task set name = 'gone.task' where id = $1", [gone]);
    const ids = [good[0]!, bad, good[1]!, gone];
    const done = await control.retry({ ids }, { createdBy: "ada" });
    expect(done).toMatchObject({ affectedCount: 2, skippedCount: 2 });
    const made = await parts.stores.reader.byIds(done.taskIds);
    expect(made.map((task) => task?.retryOf)).toEqual(good);
    expect(done.issues.map(({ code, path }) => [code, ...path])).toEqual([
      ["INVALID_INPUT", bad, "args", "x"],
      ["NOT_REGISTERED", gone, "name"],
    ]);
    expect(done.issues[0]!.message).toContain(`(Task ${bad}, test.task.)`);
  });

  test("many refused tasks do not keep the others from being retried", async () => {
    const bad: string[] = [];
    for (let count = 0; count < 45; count += 1) bad.push(await finished({ input: { x: 9 } }));
    const good = await finished({ input: { x: 1 } });
    const done = await control.retry({ ids: [...bad, good] }, { createdBy: null });
    expect(done).toMatchObject({ affectedCount: 1, skippedCount: 45 });
    expect(done.issues).toHaveLength(20);
    const fixed = await control.retry({ ids: bad }, { createdBy: null, args: { x: 5 } });
    expect(fixed).toMatchObject({ affectedCount: 45, skippedCount: 0, issues: [] });
  });
});
