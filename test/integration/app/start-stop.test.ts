import { expect, test } from "vitest";
import { App } from "../../../src/app/app.ts";
import { resolveConfig } from "../../../src/config/config.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import { PgDatabase } from "../../../src/store/connection/pg-database.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { tempDir } from "../../support/temp-dir.ts";

const definition = defineTask({ name: "test.task", run: () => null });

test("a stop during the start leaves nothing running and nothing open", async () => {
  await using folder = await tempDir("lovage-start-stop-");
  const { config } = resolveConfig({ flags: { embeddedDir: folder.path, port: 0 }, env: {} });
  const tasks = [{ definition, file: null }];
  const app = new App({ config, tasks, roles: ["maintenance", "worker"], log: silentLogger });
  const started = app.start();
  await app.stop();
  await expect(started).rejects.toThrow("stopped while it started");
  // The folder is free again: its lock was let go, its database closed.
  const database = new PgDatabase({ kind: "embedded", folder: folder.path }, silentLogger);
  await database.connect();
  const rows = await database.sql.run("select status from lovage.worker where status <> 'OFFLINE'");
  await database.close();
  expect(rows).toEqual([]);
});
