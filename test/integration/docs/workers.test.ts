import { expect, test } from "vitest";
import type { App, TaskDefinition } from "../../../src/index.ts";
import { docExamples } from "../../support/doc-examples.ts";

interface Example {
  readonly app: App;
  readonly nap: TaskDefinition<{ ms: number }, string>;
  readonly inPeace: <Result>(work: () => Promise<Result>) => Promise<Result>;
  readonly rush: () => Promise<void>;
  readonly calm: () => Promise<void>;
}

test("a worker is paused for a while, and limits and bounds move with the hour", async () => {
  await using examples = await docExamples("docs/workers.md");
  process.env["LOVAGE_EMBEDDED_DIR"] = `${examples.dir}/.lovage`;
  const { app, nap, inPeace, rush, calm } = await examples.load<Example>("control.ts");
  await app.start();
  try {
    const waits = await inPeace(async () => {
      const handle = await app.enqueue(nap, { ms: 1 });
      expect((await app.workers.list())[0]).toMatchObject({ status: "PAUSED", concurrency: 2 });
      expect(await handle.state()).toBe("QUEUED");
      return handle;
    });
    expect(await waits.result({ timeout: "20s" })).toBe("worker@box1");
    await rush();
    const [worker] = await app.workers.list();
    expect(worker).toMatchObject({ autoscale: { min: 4, max: 32 }, concurrency: 4 });
    await calm();
    expect((await app.workers.list())[0]).toMatchObject({ autoscale: { min: 2, max: 8 } });
    expect((await app.workers.log()).map(({ action }) => action)).toEqual([
      "RESET_WORKER_SETTINGS",
      "SET_TASK_TIME_LIMIT",
      "AUTOSCALE_WORKERS",
      "SET_TASK_TIME_LIMIT",
      "RESUME_WORKERS",
      "PAUSE_WORKERS",
    ]);
  } finally {
    await app.stop();
    delete process.env["LOVAGE_EMBEDDED_DIR"];
  }
}, 120_000);
