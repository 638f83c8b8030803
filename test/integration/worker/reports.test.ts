import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { silentLogger } from "../../../src/lib/log/log.ts";
import type { ProgressReport } from "../../../src/store/tasks/task-store.ts";
import { ProgressReporter } from "../../../src/worker/attempt/reports.ts";
import { RunContext } from "../../../src/worker/attempt/run-context.ts";
import { type EngineParts, openEngineParts, outcomeOf } from "../../support/engine-parts.ts";

let parts: EngineParts;
beforeAll(async () => {
  parts = await openEngineParts();
});
afterAll(() => parts[Symbol.asyncDispose]());

type Save = (reports: readonly ProgressReport[]) => Promise<string[]>;

async function setup(save: Save = (reports) => parts.stores.tasks.saveProgress(reports)) {
  const errors: unknown[] = [];
  const reporter = new ProgressReporter(
    { saveProgress: save },
    parts.publisher,
    (error) => errors.push(error),
    1,
  );
  const worker = await parts.register();
  const [task] = await parts.claim(worker, [await parts.insert()]);
  const host = {
    workerName: worker.name,
    log: silentLogger,
    onProgress: reporter.report,
    onLongTurn: () => undefined,
    transact: noTransaction,
    enqueue: noTransaction,
  };
  const context = new RunContext(task!, host);
  return { reporter, context, task: task!, errors };
}

const noTransaction = () => Promise.reject(new Error("There is no database."));

test("only the latest report is stored and published", async () => {
  const { reporter, context } = await setup();
  for (const step of [1, 2, 3]) context.progress(step, 3);
  await vi.waitFor(async () => expect((await parts.read(context.id)).progress).toMatchObject({ current: 3 }));
  await reporter.stop();
  expect(await parts.events()).toEqual([`PROGRESS ${context.id}`]);
});

test("progress of a task that belongs to another worker is neither stored nor published", async () => {
  const { reporter, context, task } = await setup();
  await parts.stores.tasks.finish([outcomeOf(task, { kind: "givenBack" })]);
  context.progress(1);
  await reporter.save();
  await reporter.stop();
  expect((await parts.read(context.id)).progress).toBeNull();
  expect(await parts.events()).toEqual([]);
});

test("a slow write does not commit after a newer one; the next write repeats a failed one", async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  const { reporter, context, errors } = await setup(async (reports) => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    await gate.promise;
    return parts.stores.tasks.saveProgress(reports);
  });
  context.progress(1);
  await vi.waitFor(() => expect(gates.length).toBe(1));
  context.progress(2);
  // Nothing may happen: 20 times the pause between two writes.
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(gates.length).toBe(1);
  gates[0]!.reject(new Error("away"));
  await vi.waitFor(() => expect(gates.length).toBe(2));
  gates[1]!.resolve();
  await vi.waitFor(async () => expect((await parts.read(context.id)).progress).toMatchObject({ current: 2 }));
  expect(errors.length).toBe(1);
  await reporter.stop();
});

test("nothing is written after a stop, although code that ignores its abort may still report", async () => {
  const save = vi.fn<Save>(async () => []);
  const { reporter, context } = await setup(save);
  await reporter.stop();
  context.progress(1);
  // Nothing may happen: 20 times the pause between two writes.
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(save).not.toHaveBeenCalled();
});
