import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { makeProcessPool } from "../../../src/app/process-pool.ts";
import { resolveConfig } from "../../../src/config.ts";
import { createApp } from "../../../src/create-app.ts";
import { DefinitionError } from "../../../src/errors.ts";
import { MIB } from "../../../src/lib/bytes.ts";
import { silentLogger } from "../../../src/lib/log.ts";
import { defineTask } from "../../../src/task/definition.ts";
import { Registry } from "../../../src/task/registry.ts";
import { StartBackoff } from "../../../src/worker/pools/start-backoff.ts";
import { startChild } from "../../support/child.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { lives, startPool } from "./pool-bundle.ts";

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const { config } = resolveConfig({ env: {} });
const parts = { config, log: silentLogger };
const inProcess = defineTask({ name: "pool.one", pool: "processes", run: () => null });

test("a file that a child cannot load fails its tasks, by its name and the reason, and no other's", async () => {
  await using bundle = startPool({ files: [pathOf("./broken.tasks.ts"), pathOf("./pool.tasks.ts")] });
  const message = expect.stringMatching(
    /pool\.broken did not run.*broken\.tasks\.ts:4:\d+ This file loads in no child process\./,
  );
  expect(await bundle.run("pool.broken")).toMatchObject({ kind: "retry", error: { message } });
  expect(await bundle.run("pool.pid")).toMatchObject({ kind: "succeeded" });
  const { fields } = await bundle.record("Task files cannot be loaded in child processes; their tasks fail");
  expect(fields["problems"]).toEqual([expect.stringContaining("broken.tasks.ts:4")]);
});

test("a definition that its file does not export any more says so", async () => {
  await using bundle = startPool();
  const message = expect.stringMatching(/pool\.gone did not run: none of the files.*pool\.tasks\.ts/);
  expect(await bundle.run("pool.gone")).toMatchObject({ error: { message } });
});

test("children that die at their start are tried ever more rarely, told of once, and tasks fail instead of waiting for ever", async () => {
  await using bundle = startPool({ files: [pathOf("./deadly.tasks.ts")], size: 2 });
  const outcome = await bundle.run("pool.deadly");
  expect(outcome).toMatchObject({
    kind: "retry",
    error: {
      type: "ChildStartFailed",
      message: expect.stringMatching(/died at their start.*exited with code 7/),
      stack: expect.stringContaining("deadly.tasks.ts ends the process that loads it"),
      retryable: true,
    },
  });
  expect(bundle.pool.pids.length).toBeLessThanOrEqual(2);
  const told = bundle.records.filter(({ message }) =>
    message.startsWith("A child process died at its start"),
  );
  expect(told.length).toBe(1);
});

test("the pauses between starts double up to 30 seconds, with jitter, until one goes well", () => {
  const longest = new StartBackoff(() => 1);
  const pauses = Array.from({ length: 10 }, () => longest.fail());
  expect(pauses).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
  longest.succeed();
  expect(longest.fail()).toBe(200);
  expect(new StartBackoff(() => 0).fail()).toBe(100);
});

test("a start that hangs is ended", async () => {
  await using bundle = startPool({ startTimeoutMs: 20 });
  expect(await bundle.run("pool.pid")).toMatchObject({
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

test("a definition for child processes must come from a file; where there is none, there is no pool", () => {
  const asValue = new Registry([{ definition: inProcess, file: null }]);
  expect(() => makeProcessPool({ ...parts, registry: asValue })).toThrow(DefinitionError);
  expect(() => makeProcessPool({ ...parts, registry: asValue })).toThrow(
    /"pool\.one" has pool: "processes".*passed as a value.*--tasks/,
  );
  const file = pathOf("./pool.tasks.ts");
  const found = new Registry([{ definition: inProcess, file: "pool.tasks.ts", path: file }]);
  expect(found.pathOf("pool.one")).toBe(file);
  expect(makeProcessPool({ ...parts, registry: found })).not.toBe(null);
  const others = defineTask({ name: "pool.two", run: () => null });
  expect(makeProcessPool({ ...parts, registry: new Registry([{ definition: others, file: null }]) })).toBe(
    null,
  );
});

test("a worker with a definition for child processes that came from no file does not start", async () => {
  await using folder = await tempDir();
  const app = createApp({
    ...{ tasks: [inProcess], roles: ["worker"], log: silentLogger },
    config: { embeddedDir: folder.path },
  });
  await expect(app.start()).rejects.toThrow(/"pool\.one" has pool: "processes"/);
});

test("an option that is neither pool is refused", () => {
  expect(() => defineTask({ name: "pool.three", pool: "threads" as never, run: () => null })).toThrow(
    'pool must be one of async, processes, got "threads"',
  );
});

test.each([
  [{ LOVAGE_POOL_SIZE: "0" }, /poolSize|LOVAGE_POOL_SIZE/],
  [{ LOVAGE_MAX_MEMORY_PER_CHILD: "a lot" }, /an amount of memory such as "512mb".*from 96mb/],
  [{ LOVAGE_MAX_MEMORY_PER_CHILD: "1kb" }, /LOVAGE_MAX_MEMORY_PER_CHILD/],
  [{ LOVAGE_MAX_TASKS_PER_CHILD: "0" }, /LOVAGE_MAX_TASKS_PER_CHILD/],
])("%o is refused", (env, message) => {
  expect(() => resolveConfig({ env })).toThrow(message);
});

test("the settings of children have defaults and take what people write", () => {
  expect(config).toMatchObject({ maxMemoryPerChild: 512 * MIB, maxTasksPerChild: null });
  expect(config.poolSize).toBeGreaterThan(0);
  const env = {
    LOVAGE_POOL_SIZE: "3",
    LOVAGE_MAX_MEMORY_PER_CHILD: "1.5 GiB",
    LOVAGE_MAX_TASKS_PER_CHILD: "100",
  };
  expect(resolveConfig({ env }).config).toMatchObject({
    ...{ poolSize: 3, maxMemoryPerChild: 1_536 * MIB, maxTasksPerChild: 100 },
  });
});

test('"lovage" has the same names in a child as elsewhere', async () => {
  const whole = await import("../../../src/index.ts");
  const small = await import("../../../src/worker/pools/child-package.ts");
  expect(Object.keys(small).sort()).toEqual(Object.keys(whole).sort());
});

test("a task in a child may have an app of its own", async () => {
  await using bundle = startPool({ files: [pathOf("./enqueueing.tasks.ts")] });
  expect(await bundle.run("pool.enqueueing")).toMatchObject({ kind: "succeeded", output: 1 });
});

test("what a child loads to start is small: neither the server, nor a store, nor a package", async () => {
  const loaded = new Set<string>();
  await collectImports(new URL("../../../dist/worker/pools/child-main.js", import.meta.url), loaded);
  await collectImports(new URL("../../../dist/worker/pools/child-package.js", import.meta.url), loaded);
  expect(
    [...loaded].filter(
      (name) =>
        !/^node:|\/dist\/(?:errors|own-package|import-user-file)\.js$|\/dist\/(?:lib|task|worker)\//.test(
          name,
        ),
    ),
  ).toEqual([]);
  expect([...loaded].some((name) => name.endsWith("/task/definition.js"))).toBe(true);
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
