import { expect, inject, test, vi } from "vitest";
import { loadConfig } from "../../../src/config/config.ts";
import type { App, TaskDefinition } from "../../../src/index.ts";
import { createApp } from "../../../src/app/create-app.ts";
import { createTestApp } from "../../../src/testing.ts";
import { DAY } from "../../../src/lib/clock.ts";
import { docExamples } from "../../support/doc-examples.ts";
import { freshDatabase, freshPrefix } from "../../support/servers/global-servers.ts";

interface Shop {
  readonly myTask: TaskDefinition<object, void>;
  readonly debugTask: TaskDefinition<object, { readonly request: Readonly<Record<string, unknown>> }>;
  readonly add: TaskDefinition<{ x: number; y: number }, number>;
}

interface View {
  readonly app: App;
  readonly index: () => Promise<string>;
}

const PAGE = "docs/from-celery.md";

test("the tasks of the walk-through add, and log their input", async () => {
  await using examples = await docExamples(PAGE);
  const { add, debugTask } = await examples.load<Shop>("shop.tasks.ts");
  await using app = await createTestApp({ tasks: [add, debugTask] });
  expect(await app.perform(add, { x: 10, y: 20 })).toBe(30);
  const { request } = await app.perform(debugTask, {});
  expect(request).toMatchObject({ name: "demo.debug_task", queue: "default", attempt: 1 });
});

test("its view enqueues for a worker in another process, and the task keeps its log", async () => {
  await using examples = await docExamples(PAGE);
  const database = await freshDatabase();
  vi.stubEnv("DATABASE_URL", database.url);
  vi.stubEnv("REDIS_URL", inject("redisUrl"));
  vi.stubEnv("LOVAGE_PREFIX", freshPrefix());
  vi.stubEnv("LOVAGE_MIGRATE", "true");
  const { myTask } = await examples.load<Shop>("shop.tasks.ts");
  const worker = createApp({
    tasks: [myTask],
    roles: ["maintenance", "worker"],
    config: { workerName: "elsewhere", logLevel: "silent" },
  });
  const { app, index } = await examples.load<View>("view.ts");
  try {
    await worker.start();
    await app.start();
    const page = await index();
    const [, state, id] = /status: (\w+)<\/h2><h2>task_id: ([\w-]+)</.exec(page)!;
    expect(["QUEUED", "STARTED"]).toContain(state);
    const handle = await app.task(id!);
    expect(await handle.result({ timeout: "30s" })).toBeNull();
    expect(await handle.read()).toMatchObject({ state: "SUCCESS", workerName: "elsewhere", attempt: 1 });
    const said: string[] = [];
    for await (const { message } of handle.logs({ follow: true })) said.push(message);
    expect(said).toEqual(["The task begins ...", "The task ends ..."]);
  } finally {
    await Promise.all([app.stop(), worker.stop()]);
    vi.unstubAllEnvs();
    await database.drop();
  }
}, 60_000);

test("its configuration file is read", async () => {
  await using examples = await docExamples(PAGE);
  const { config, sources } = await loadConfig({ cwd: examples.dir, env: {} });
  expect(config).toMatchObject({ resultsExpire: DAY, timeZone: "Asia/Shanghai" });
  expect(sources).toMatchObject({ resultsExpire: "file", timeZone: "file" });
});
