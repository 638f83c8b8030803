import { expect, test } from "vitest";
import { createApp } from "../../../src/index.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { tempDir } from "../../support/temp-dir.ts";

async function warningsOf(roles: readonly ("worker" | "maintenance")[]): Promise<string[]> {
  await using folder = await tempDir("lovage-no-worker-");
  const warnings: string[] = [];
  const log = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
  await using app = createApp({ tasks: [], roles, config: { embeddedDir: folder.path }, log });
  await app.start();
  return warnings;
}

test("an app without a worker on the embedded database warns that nothing runs its tasks", async () => {
  const [warning] = await warningsOf([]);
  expect(warning).toMatch(/^This app has no worker, and the embedded database serves one process/);
  expect(warning).toContain('Add "worker" to roles');
});

test("an app with a worker on the embedded database does not warn", async () => {
  expect(await warningsOf(["worker", "maintenance"])).toEqual([]);
});
