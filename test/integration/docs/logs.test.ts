import { expect, test } from "vitest";
import { createApp } from "../../../src/app/create-app.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import type { AnyTaskDefinition } from "../../../src/task/definition/definition.ts";
import { docExamples } from "../../support/doc-examples.ts";
import { tempDir } from "../../support/temp-dir.ts";

interface Follow {
  readonly followImport: (app: ReturnType<typeof createApp>, pages: number) => Promise<unknown>;
}

test("the example of progress, logs and events does what the page states", { timeout: 60_000 }, async () => {
  await using examples = await docExamples("docs/tasks.md");
  const { importPages } = await examples.load<{ importPages: AnyTaskDefinition }>("import.tasks.ts");
  const { followImport } = await examples.load<Follow>("follow.ts");
  await using folder = await tempDir();
  await using app = createApp({
    tasks: [importPages],
    roles: ["maintenance", "worker"],
    config: { embeddedDir: folder.path },
    log: silentLogger,
  });
  await app.start();
  expect(await followImport(app, 3)).toEqual({
    rows: [1, 2, 3].map((page) => ({ page, rows: page * 10 })),
    messages: ["import begins", "one page was empty"],
    result: { imported: 3 },
  });
});
