import { execFile } from "node:child_process";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { tempDir } from "../../support/temp-dir.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * One import that each room forbids, and a part of the message of its rule. Sub-rooms obey the law
 * of their room.
 */
const FORBIDDEN: readonly (readonly [file: string, imported: string, message: string])[] = [
  ["src/lib/x.ts", "../task/records/state.ts", "lib knows no other room"],
  ["src/lib/y.ts", "../redis/connections.ts", "lib knows no other room"],
  ["src/lib/log/x.ts", "../../task/records/state.ts", "lib knows no other room"],
  ["src/lib/async/x.ts", "../../config/config.ts", "lib knows no other room"],
  ["src/redis/x.ts", "../broker/broker.ts", "redis sees errors and lib only"],
  ["src/redis/y.ts", "../config.ts", "redis sees errors and lib only"],
  ["src/task/y.ts", "../redis/connections.ts", "task is pure"],
  ["src/task/x.ts", "../engine/outcome/recorder.ts", "task is pure"],
  ["src/task/timing/x.ts", "../../engine/outcome/recorder.ts", "task is pure"],
  ["src/broker/x.ts", "../engine/outcome/recorder.ts", "Adapters see"],
  ["src/broker/y.ts", "../store/connection/sql.ts", "never see each other"],
  ["src/events/x.ts", "../broker/broker.ts", "never see each other"],
  ["src/store/x.ts", "../worker/worker.ts", "Adapters see"],
  ["src/store/migrations/x.ts", "../../engine/outcome/recorder.ts", "Adapters see"],
  ["src/store/migrations/y.ts", "../../broker/broker.ts", "never see each other"],
  ["src/engine/x.ts", "../graphql/schema.ts", "engine sees ports only"],
  ["src/engine/y.ts", "../redis/connections.ts", "engine sees ports only"],
  ["src/engine/schedules/x.ts", "../../worker/worker.ts", "engine sees ports only"],
  ["src/engine/logs/x.ts", "../../store/connection/pg-pool.ts", "engine sees ports only"],
  ["src/worker/x.ts", "../app/server.ts", "worker sees ports"],
  ["src/worker/y.ts", "../redis/connections.ts", "worker sees ports"],
  ["src/worker/pools/x.ts", "../../config/config.ts", "worker sees ports"],
  ["src/worker/logs/x.ts", "../../graphql/schema.ts", "worker sees ports"],
  ["src/graphql/x.ts", "../app/server.ts", "graphql sees ports"],
  ["src/graphql/y.ts", "../redis/connections.ts", "graphql sees ports"],
  ["src/graphql/tasks/x.ts", "../http/server.ts", "Only the server knows graphql/http"],
  ["src/graphql/http/x.ts", "../../cli/main.ts", "graphql sees ports"],
  ["src/graphql/http/errors/x.ts", "../access/quota.ts", "only the parts below it"],
  ["src/graphql/http/access/x.ts", "../documents/documents.ts", "only the parts below it"],
  ["src/graphql/http/documents/x.ts", "../operations/replies.ts", "only the parts below it"],
  ["src/graphql/http/operations/x.ts", "../requests/apollo.ts", "only the parts below it"],
  ["src/graphql/http/requests/x.ts", "../socket/websocket.ts", "only the parts below it"],
  ["src/graphql/http/socket/x.ts", "../requests/apollo.ts", "only the parts below it"],
  ["src/graphql/http/socket/y.ts", "../../tasks/task-type.ts", "only the parts below it"],
  ["src/graphql/http/socket/z.ts", "../server.ts", "only the parts below it"],
  ["src/config/x.ts", "../graphql/schema.ts", "config sees errors, lib, task and loading only"],
  ["src/client/x.ts", "../app/server.ts", "client runs in browsers"],
  ["src/client/y.ts", "node:events", "client runs in browsers"],
  ["src/testing/x.ts", "../graphql/schema.ts", "The app for tests"],
  ["src/testing/y.ts", "../redis/connections.ts", "The app for tests"],
];

interface Diagnostic {
  readonly code: string;
  readonly help: string;
  readonly filename: string;
}

test("the linter refuses a forbidden import in every room, in sub-rooms too, also of types", async () => {
  await using folder = await tempDir();
  await copyFile(join(root, ".oxlintrc.json"), join(folder.path, ".oxlintrc.json"));
  for (const [file, imported] of FORBIDDEN) {
    await mkdir(dirname(join(folder.path, file)), { recursive: true });
    await writeFile(join(folder.path, file), `import type { X } from "${imported}";\nexport type Y = X;\n`);
  }
  const oxlint = join(root, "node_modules/.bin/oxlint");
  // It exits with 1, since it finds something.
  const { stdout } = await run(oxlint, ["--format", "json", "src"], { cwd: folder.path }).catch(
    (failure: { readonly stdout: string }) => failure,
  );
  const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Diagnostic[] };
  const broken = diagnostics.filter(({ code }) => code.includes("no-restricted-imports"));
  const refused = FORBIDDEN.filter(([file, , message]) =>
    broken.some(({ filename, help }) => filename === file && help.includes(message)),
  );
  expect(refused).toEqual(FORBIDDEN);
});
