import { expect, onTestFinished, test } from "vitest";
import { createApp, type ConfigInput, type TaskDefinition } from "../../../src/index.ts";
import { docExamples } from "../../support/doc-examples.ts";
import { tempDir } from "../../support/temp-dir.ts";

const WAIT = { timeout: "60s" };

interface Examples {
  readonly welcome: TaskDefinition<{ to: string }, string>;
  readonly census: TaskDefinition<{ country: string }, string>;
  readonly cleanCache: TaskDefinition<unknown, string>;
}

async function start(tasks: readonly TaskDefinition[], config: ConfigInput) {
  const folder = await tempDir("lovage-docs-");
  const app = createApp({
    tasks,
    roles: ["maintenance", "worker"],
    config: { embeddedDir: folder.path, logLevel: "silent", ...config },
  });
  onTestFinished(async () => {
    await app.stop();
    await folder[Symbol.asyncDispose]();
  });
  await app.start();
  return app;
}

test("routing, broadcasts and explanations of docs/tasks.md", async () => {
  await using examples = await docExamples("docs/tasks.md");
  const { default: config } = await examples.load<{ default: ConfigInput }>("routing.ts");
  const { welcome, census, cleanCache } = await examples.load<Examples>("routing.tasks.ts");
  const app = await start([welcome, census, cleanCache] as never, {
    ...config,
    queues: ["default", "mail", "big-at", "later"],
    workerName: "worker@docs",
  });
  expect(await (await app.enqueue(welcome, { to: "ada" })).result(WAIT)).toBe("mail");
  const big = await app.enqueue(census, { country: "at" }, { tags: ["big"] });
  expect(await big.result(WAIT)).toBe("big-at");
  const later = await app.enqueue(census, { country: "at" }, { delay: 1 });
  expect(await later.result(WAIT)).toBe("later");
  expect(await (await app.enqueue(census, { country: "at" })).result(WAIT)).toBe("default");
  const cleaned = await app.broadcast(cleanCache, {}, { expiresIn: "1m" });
  expect(await Promise.all(cleaned.map((handle) => handle.result(WAIT)))).toEqual(["cleaned by worker@docs"]);
  expect((await app.explain(welcome, { to: "ada" })).dryRun).toMatchObject({
    queue: "mail",
    queueDecidedBy: "ROUTE",
    route: 0,
    problem: null,
  });
});

test("cancelling as in docs/tasks.md", async () => {
  await using examples = await docExamples("docs/tasks.md");
  const { watch } = await examples.load<{ watch: TaskDefinition<unknown> }>("cancel.tasks.ts");
  const app = await start([watch] as never, {});
  const handle = await app.enqueue(watch, {});
  await expect.poll(() => handle.state(), { timeout: 30_000 }).toBe("STARTED");
  await handle.revoke({ reason: "wrong month" });
  await expect(handle.result(WAIT)).rejects.toThrow("REVOKED");
  expect((await handle.read()).progress?.message).toBe("saved: wrong month");
});
