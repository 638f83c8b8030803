import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStores, type Stores } from "../../../../src/app/adapters.ts";
import { finishTasks } from "../../../../src/store/tasks/pg-finish.ts";
import type { PgDatabase } from "../../../../src/store/connection/pg-database.ts";
import type { ClaimedTask } from "../../../../src/store/tasks/task-store.ts";
import { DATABASES, type TestDatabase } from "../../../support/databases.ts";
import { outcomeOf } from "../../../support/engine-parts.ts";
import { newTask, newWorker } from "../../../support/store-rows.ts";

describe.each(DATABASES)("the outcome of an unanswered finish: $kind", ({ kind, open }) => {
  let opened: TestDatabase;
  let database: PgDatabase;
  let stores: Stores;
  beforeAll(async () => {
    opened = await open();
    ({ database } = opened);
    stores = openStores(database);
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  async function claimed(): Promise<ClaimedTask> {
    const [row, worker] = [newTask(), newWorker()];
    await stores.tasks.insert([row], "each");
    await stores.workers.register(worker);
    const [task] = await stores.tasks.claim({
      ...{ taskIds: [row.id], workerId: worker.id, workerName: worker.name, names: ["test.task"] },
    });
    return task!;
  }
  const succeeded = (task: ClaimedTask) => outcomeOf(task, { kind: "succeeded", output: 1 });
  const find = (task: ClaimedTask) =>
    stores.tasks.findFinished([{ outcome: succeeded(task), crashCount: task.summary.crashCount }]);

  test("it is found as it was answered, and not while nothing was recorded", async () => {
    const task = await claimed();
    expect(await find(task)).toEqual([null]);
    const answer = await stores.tasks.finish([succeeded(task)]);
    expect(answer).toMatchObject([{ state: "SUCCESS", version: 3 }]);
    expect(await find(task)).toEqual(answer);
  });

  test("a task that a cancel kept from its retry is found, too", async () => {
    const task = await claimed();
    await stores.taskControl.revoke([task.summary.id], true, 1_000);
    const outcome = outcomeOf(task, { kind: "givenBack" });
    const answer = await stores.tasks.finish([outcome]);
    expect(answer).toMatchObject([{ state: "REVOKED" }]);
    expect(await stores.tasks.findFinished([{ outcome, crashCount: 0 }])).toEqual(answer);
  });

  test.runIf(kind === "postgresql")("a commit that is still on its way is waited for", async () => {
    for (const commits of [true, false]) {
      const task = await claimed();
      const [sent, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const open = database.sql.transaction(async (sql) => {
        await finishTasks(sql, [succeeded(task)]);
        sent.resolve();
        await gate.promise;
        if (!commits) throw new Error("undone");
      });
      await sent.promise;
      const found = find(task);
      const waits =
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%for share%' and datname = current_database()";
      while ((await database.sql.run(waits)).length === 0);
      gate.resolve();
      await open.catch(() => undefined);
      expect(await found).toEqual([commits ? expect.objectContaining({ state: "SUCCESS" }) : null]);
    }
  });
});
