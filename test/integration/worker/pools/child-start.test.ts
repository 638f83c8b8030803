import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { ChildPools } from "../../../../src/app/worker.ts";
import { resolveConfig } from "../../../../src/config/config.ts";
import { createApp } from "../../../../src/app/create-app.ts";
import { DefinitionError } from "../../../../src/errors.ts";
import { MIB } from "../../../../src/lib/bytes.ts";
import { silentLogger } from "../../../../src/lib/log/log.ts";
import { defineTask } from "../../../../src/task/definition/define-task.ts";
import type { Pool } from "../../../../src/task/definition/pool.ts";
import { Registry } from "../../../../src/task/definition/registry.ts";
import { StartBackoff } from "../../../../src/worker/pools/parent/child-pool.ts";
import { startChild } from "../../../support/child.ts";
import { tempDir } from "../../../support/temp-dir.ts";
import { lives, startPool } from "./pool-bundle.ts";

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const { config } = resolveConfig({ env: {} });
const inProcess = defineTask({ name: "pool.one", pool: "processes", run: () => null });
const unsaid = defineTask({ name: "pool.two", run: () => null });
const KINDS = ["processes", "threads"] as const;

test.each(KINDS)(
  "%s: a file that a child cannot load fails its own tasks, with its name and the reason",
  async (pool) => {
    await using bundle = startPool({ pool, files: [pathOf("./broken.tasks.ts"), pathOf("./pool.tasks.ts")] });
    const message = expect.stringMatching(
      /pool\.broken did not run.*broken\.tasks\.ts:6:\d+ This file loads in no child\./,
    );
    expect(await bundle.run("pool.broken")).toMatchObject({ kind: "retry", error: { message } });
    expect(await bundle.run("pool.who")).toMatchObject({ kind: "succeeded" });
    const { fields } = await bundle.record("Task files could not be loaded in children; their tasks fail");
    expect(fields["problems"]).toEqual([expect.stringContaining("broken.tasks.ts:6")]);
  },
);

test.each(KINDS)(
  "%s: a definition that its file no longer exports fails its tasks with the reason",
  async (pool) => {
    await using bundle = startPool({ pool });
    const message = expect.stringMatching(/pool\.gone did not run: no file that.*pool\.tasks\.ts/);
    expect(await bundle.run("pool.gone")).toMatchObject({ error: { message } });
  },
);

test.each(KINDS)(
  "%s: the start of dying children backs off and is logged once, and tasks fail instead of waiting forever",
  async (pool) => {
    await using bundle = startPool({ pool, files: [pathOf("./deadly.tasks.ts")], size: 2 });
    const outcome = await bundle.run("pool.deadly");
    expect(outcome).toMatchObject({
      kind: "retry",
      error: {
        type: "ChildStartFailed",
        message: expect.stringMatching(/died at their start.*exited with code 7/),
        stack: expect.stringContaining("deadly.tasks.ts ends the child that loads it"),
        retryable: true,
      },
    });
    expect(bundle.pool.ids.length).toBeLessThanOrEqual(2);
    const told = bundle.records.filter(({ message }) => message.startsWith("A child died at its start"));
    expect(told.length).toBe(1);
  },
);

test("the pauses between starts double up to 30 seconds, with jitter, until one succeeds", () => {
  const longest = new StartBackoff(() => 1);
  const pauses = Array.from({ length: 10 }, () => longest.fail());
  expect(pauses).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
  longest.succeed();
  expect(longest.fail()).toBe(200);
  expect(new StartBackoff(() => 0).fail()).toBe(100);
});

test.each(KINDS)("%s: a start that hangs is killed", async (pool) => {
  await using bundle = startPool({ pool, startTimeoutMs: 20 });
  expect(await bundle.run("pool.who")).toMatchObject({
    error: { type: "ChildStartFailed", message: expect.stringContaining("was not ready after") },
  });
});

test("no child outlives its parent, not even one in a loop that never ends", async () => {
  await using parent = await startChild(process.execPath, ["--no-warnings", pathOf("./pool-parent.ts")]);
  await parent.waitForLine(/looping/);
  const pids = (await parent.waitForLine(/^children /)).split(" ").slice(1).map(Number);
  expect(pids.map(lives)).toEqual([true, true]);
  parent.kill("SIGKILL");
  await parent.exited;
  await vi.waitFor(() => expect(pids.map(lives)).toEqual([false, false]), { timeout: 5_000 });
});

test("a definition for children must come from a file; where none runs in children, there are none", async () => {
  const asValues = new Registry([
    { definition: inProcess, file: null },
    { definition: unsaid, file: null },
  ]);
  const poolsOf = (registry: Registry, pool: Pool = "async"): ChildPools =>
    new ChildPools({ config: { ...config, pool }, log: silentLogger, registry });
  expect(() => poolsOf(asValues)).toThrow(DefinitionError);
  expect(() => poolsOf(asValues)).toThrow(
    /These were passed as values: "pool\.one" \(pool "processes" by its definition\)\. .*--tasks/,
  );
  expect(() => poolsOf(asValues, "threads")).toThrow(
    /"pool\.one" \(pool "processes" by its definition\), "pool\.two" \(pool "threads" by the worker's setting LOVAGE_POOL\)/,
  );
  const none = poolsOf(new Registry([{ definition: unsaid, file: null }]));
  await none.start();
  expect(none.runnerOf(unsaid)).toBe(null);
  await none.stop();
});

test("each definition runs in its own pool, or in the worker's pool when it names none", () => {
  const [path, file] = [pathOf("./pool.tasks.ts"), "pool.tasks.ts"];
  const inThread = defineTask({ name: "pool.three", pool: "threads", run: () => null });
  const here = defineTask({ name: "pool.four", pool: "async", run: () => null });
  const all = [inProcess, unsaid, inThread, here];
  const registry = new Registry(all.map((definition) => ({ definition, file, path })));
  /**
   * Which of the definitions share a runner, by the place of the first that has it; null for the
   * worker's own thread.
   */
  const placesBy = (pool: Pool): (number | null)[] => {
    const pools = new ChildPools({ config: { ...config, pool }, log: silentLogger, registry });
    const runners = all.map(pools.runnerOf);
    return runners.map((runner) => runner && runners.indexOf(runner));
  };
  expect(placesBy("async")).toEqual([0, null, 2, null]);
  expect(placesBy("threads")).toEqual([0, 1, 1, null]);
  expect(placesBy("processes")).toEqual([0, 0, 2, null]);
});

test("a worker with a definition for children that came from no file does not start", async () => {
  await using folder = await tempDir();
  const app = createApp({
    ...{ tasks: [inProcess], roles: ["worker"], log: silentLogger },
    config: { embeddedDir: folder.path },
  });
  await expect(app.start()).rejects.toThrow(/"pool\.one" \(pool "processes"/);
});

test("an unknown pool is refused", () => {
  expect(() => defineTask({ name: "pool.three", pool: "fibers" as never, run: () => null })).toThrow(
    'pool: expected one of async, threads, processes, got "fibers"',
  );
});

test.each([
  [{ LOVAGE_POOL: "fibers" }, /LOVAGE_POOL\): expected one of async, threads, processes, got "fibers"/],
  [{ LOVAGE_POOL_SIZE: "0" }, /poolSize|LOVAGE_POOL_SIZE/],
  [{ LOVAGE_MAX_MEMORY_PER_CHILD: "a lot" }, /an amount of memory such as "512mb".*from 96mb/],
  [{ LOVAGE_MAX_MEMORY_PER_CHILD: "1kb" }, /LOVAGE_MAX_MEMORY_PER_CHILD/],
  [{ LOVAGE_MAX_TASKS_PER_CHILD: "0" }, /LOVAGE_MAX_TASKS_PER_CHILD/],
])("%o is refused", (env, message) => {
  expect(() => resolveConfig({ env })).toThrow(message);
});

test("the settings of children have defaults and accept human-readable values", () => {
  expect(config).toMatchObject({ pool: "async", maxMemoryPerChild: 512 * MIB, maxTasksPerChild: null });
  expect(config.poolSize).toBeGreaterThan(0);
  const env = {
    LOVAGE_POOL: "threads",
    LOVAGE_POOL_SIZE: "3",
    LOVAGE_MAX_MEMORY_PER_CHILD: "1.5 GiB",
    LOVAGE_MAX_TASKS_PER_CHILD: "100",
  };
  expect(resolveConfig({ env }).config).toMatchObject({
    ...{ pool: "threads", poolSize: 3, maxMemoryPerChild: 1_536 * MIB, maxTasksPerChild: 100 },
  });
});

test('"lovage" has the same names in a child as in the parent', async () => {
  const whole = await import("../../../../src/index.ts");
  const small = await import("../../../../src/child-package.ts");
  expect(Object.keys(small).sort()).toEqual(Object.keys(whole).sort());
});

test.each(KINDS)("%s: a task in a child may have its own app", async (pool) => {
  await using bundle = startPool({ pool, files: [pathOf("./enqueueing.tasks.ts")] });
  expect(await bundle.run("pool.enqueueing")).toMatchObject({ kind: "succeeded", output: 1 });
});

test("a child loads little at its start: neither the server, nor a store, nor a package", async () => {
  const loaded = new Set<string>();
  for (const main of ["process-main", "thread-main"])
    await collectImports(new URL(`../../../../dist/worker/pools/child/${main}.js`, import.meta.url), loaded);
  await collectImports(new URL("../../../../dist/child-package.js", import.meta.url), loaded);
  expect(
    [...loaded].filter(
      (name) =>
        !/^node:|\/dist\/(?:errors|child-package|task-file-exports|import-user-file)\.js$|\/dist\/(?:lib|loading|task|worker)\//.test(
          name,
        ),
    ),
  ).toEqual([]);
  expect([...loaded].some((name) => name.endsWith("/task/definition/definition.js"))).toBe(true);
});

/** Names of all modules that one imports, and those that they import; packages by their name. */
async function collectImports(file: URL, into: Set<string>): Promise<void> {
  if (into.has(file.href)) return;
  into.add(file.href);
  const code = await readFile(file, "utf8");
  for (const [, named, bare] of code.matchAll(
    /^(?:import|export)\b[^;]*?from "([^"]+)"|^import "([^"]+)"/gm,
  )) {
    const from = named ?? bare!;
    if (from.startsWith(".")) await collectImports(new URL(from, file), into);
    else into.add(from);
  }
}
