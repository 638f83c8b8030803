import { expect, test } from "vitest";
import { createApp } from "../../../src/app/create-app.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import type { TaskDefinition } from "../../../src/task/definition/definition.ts";
import { docExamples } from "../../support/doc-examples.ts";
import { tempDir } from "../../support/temp-dir.ts";

interface Example {
  readonly pack: TaskDefinition<{ order: number; item: string }, string>;
  readonly ship: TaskDefinition<{ order: number; items: string[] }, { packing: string[] }>;
}

test("the example of tasks that make tasks does so", { timeout: 60_000 }, async () => {
  await using examples = await docExamples("docs/tasks.md");
  const { pack, ship } = await examples.load<Example>("orders-ship.tasks.ts");
  await using folder = await tempDir();
  await using app = createApp({
    tasks: [pack, ship],
    roles: ["maintenance", "worker"],
    config: { embeddedDir: folder.path },
    log: silentLogger,
  });
  await app.start();
  const handle = await app.enqueue(ship, { order: 7, items: ["book", "lamp"] });
  const { packing } = await handle.result({ timeout: "20s" });
  const packed = await Promise.all(
    packing.map(async (id) => {
      const task = await app.task(id);
      const output = await task.result({ timeout: "20s" });
      const { parentId, priority } = await task.read();
      return { output, parentId, priority };
    }),
  );
  const made = { parentId: handle.id, priority: "HIGH" };
  expect(packed).toEqual([
    { output: "book of order 7 is packed.", ...made },
    { output: "lamp of order 7 is packed.", ...made },
  ]);
});
