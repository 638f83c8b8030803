import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { UnavailableError } from "../../../src/errors.ts";
import { silentLogger } from "../../../src/lib/log/log.ts";
import type { TaskLogStore } from "../../../src/store/logs/task-log-store.ts";
import { LogWriter, type LogWriterOptions } from "../../../src/worker/logs/log-writer.ts";
import { RunContext } from "../../../src/worker/attempt/run-context.ts";
import { type EngineParts, openEngineParts } from "../../support/engine-parts.ts";

let parts: EngineParts;
beforeAll(async () => void (parts = await openEngineParts()));
afterAll(() => parts[Symbol.asyncDispose]());

interface Setup {
  readonly writer: LogWriter;
  readonly batches: number[];
  readonly attempt: (id?: string) => Promise<RunContext>;
}

function setup(options: Partial<LogWriterOptions> = {}, change: Partial<TaskLogStore> = {}): Setup {
  const batches: number[] = [];
  const { logs } = parts.stores;
  const store = {
    append: (change.append ?? ((lines) => logs.append(lines))) as TaskLogStore["append"],
    trim: (taskId: string, before: number) => logs.trim(taskId, before),
  };
  const counted = {
    ...store,
    append: (lines: Parameters<TaskLogStore["append"]>[0]) => {
      batches.push(lines.length);
      return store.append(lines);
    },
  };
  const writer = new LogWriter(
    { store: counted, signals: parts.signals, log: silentLogger },
    { level: "info", maxLines: 100, pauseMs: 5, ...options },
  );
  return {
    writer,
    batches,
    attempt: async (given) => {
      const worker = await parts.register();
      const [task] = await parts.claim(worker, [given ?? (await parts.insert())]);
      return new RunContext(task!, {
        ...{ workerName: worker.name, log: silentLogger, onLog: writer.keep },
        ...{ onProgress: () => undefined, onLongTurn: () => undefined },
        transact: () => Promise.reject(new Error("There is no database.")),
        enqueue: () => Promise.reject(new Error("There is no database.")),
      });
    },
  };
}

const end = async (writer: LogWriter, context: RunContext): Promise<void> => {
  await writer.ended(context);
};
async function messages(id: string): Promise<string[]> {
  const [page] = await parts.stores.logs.read([{ taskId: id, after: 0, limit: 10_000 }]);
  return page!.map(({ message }) => message);
}

test("lines of one turn are one batch, stored before the attempt's outcome", async () => {
  const { writer, attempt, batches } = setup({ pauseMs: 60_000 });
  const [a, b] = [await attempt(), await attempt()];
  for (let line = 0; line < 5; line += 1) for (const { log } of [a, b]) log.info(`line ${line}`);
  await Promise.all([end(writer, a), end(writer, b)]);
  expect(batches).toEqual([10]);
  expect(await messages(a.id)).toEqual([0, 1, 2, 3, 4].map((line) => `line ${line}`));
});

test("an attempt without lines ends at once; later lines are dropped", async () => {
  const { writer, attempt, batches } = setup();
  const context = await attempt();
  expect(writer.ended(context)).toBeNull();
  context.log.info("too late");
  await writer.stop(1_000);
  expect(batches).toEqual([]);
});

test("levels, and fields of loggers below the first", async () => {
  const { writer, attempt } = setup({ level: "warn" });
  const context = await attempt();
  context.log.info("not so important");
  context.log.warn("important", { size: 1 });
  context.log.child({ part: "a" }).child({ step: 2 }).error("failed", { size: 2 });
  writer.setLevel("silent");
  context.log.fatal("said to nobody");
  await end(writer, context);
  const [page] = await parts.stores.logs.read([{ taskId: context.id, after: 0, limit: 10 }]);
  expect(page).toMatchObject([
    { level: "WARN", message: "important", fields: { size: 1 }, attempt: 1 },
    { level: "ERROR", message: "failed", fields: { part: "a", step: 2, size: 2 } },
  ]);
});

test("lines above the limit are dropped, and the last line contains their number", async () => {
  const { writer, attempt } = setup();
  const context = await attempt();
  for (let line = 0; line < 150; line += 1) context.log.info(`line ${line}`);
  await end(writer, context);
  const stored = await messages(context.id);
  expect(stored).toHaveLength(101);
  expect(stored.at(-1)).toMatch(/^50 more lines of this attempt were dropped/);
});

test("a later attempt has room: lines of earlier ones are deleted, the oldest first", async () => {
  const { writer, attempt } = setup();
  const first = await attempt();
  for (let line = 0; line < 80; line += 1) first.log.info(`first ${line}`);
  await end(writer, first);
  await parts.sql.run("update lovage.task set state = 'QUEUED', version = version + 1 where id = $1", [
    first.id,
  ]);
  const second = await attempt(first.id);
  second.log.info("second 0");
  await vi.waitFor(async () => expect(await messages(first.id)).toHaveLength(51));
  for (let line = 1; line < 80; line += 1) second.log.info(`second ${line}`);
  await end(writer, second);
  const stored = await messages(first.id);
  expect(stored[0]).toBe("first 30");
  expect(stored.filter((message) => message.startsWith("second"))).toHaveLength(50);
  expect(stored.at(-1)).toMatch(/^30 more lines/);
});

test("while the database is away lines wait, up to a limit; an outcome waits a limited time; later all is stored once", async () => {
  let away = true;
  const { writer, attempt, batches } = setup(
    { maxWaiting: 10, patienceMs: 20 },
    {
      append: async (lines) => {
        // The first batch is committed, and its answer lost.
        if (batches.length === 1) await parts.stores.logs.append(lines);
        if (away) throw new UnavailableError("database");
        return parts.stores.logs.append(lines);
      },
    },
  );
  const context = await attempt();
  context.log.info("before");
  await vi.waitFor(() => expect(batches.length).toBeGreaterThan(1));
  for (let line = 0; line < 15; line += 1) context.log.info(`line ${line}`);
  await end(writer, context);
  away = false;
  await writer.stop(10_000);
  const stored = await messages(context.id);
  expect(stored.slice(0, 3)).toEqual(["before", "line 0", "line 1"]);
  expect(stored).toHaveLength(12);
  expect(stored.at(-1)).toMatch(/^5 more lines/);
});

test("a stop ends in time when the database stays away", async () => {
  const { writer, attempt } = setup({}, { append: () => Promise.reject(new UnavailableError("database")) });
  const context = await attempt();
  context.log.info("lost");
  const ended = end(writer, context);
  await writer.stop(50);
  await ended;
});

test("a line that the database refuses does not drop the others of its batch", async () => {
  const { writer, attempt } = setup(
    {},
    {
      append: (lines) =>
        lines.some(({ message }) => message === "bad")
          ? Promise.reject(new Error("refused"))
          : parts.stores.logs.append(lines),
    },
  );
  const context = await attempt();
  for (const message of ["a", "b", "bad", "c"]) context.log.info(message);
  await end(writer, context);
  expect(await messages(context.id)).toEqual(["a", "b", "c"]);
});

test("logging never throws, and stores all valid values", async () => {
  const { writer, attempt } = setup();
  const context = await attempt();
  const circular: Record<string, unknown> = { size: 1n, name: "kept" };
  circular.self = circular;
  const hostile = {
    get field(): never {
      throw new Error("no");
    },
    kept: true,
  };
  const { log } = context;
  log.info("circular", circular);
  log.info("getter", hostile);
  log.info("NUL \u0000, half \ud800, and \\u0000", { "k\u0000": "\u0000\ud800", path: "C:\\u0000" });
  log.info({ not: "a text" } as never, "no fields" as never);
  log.info("huge".repeat(10_000), { huge: "x".repeat(100_000) });
  log.error("error", { err: new TypeError("inner", { cause: 7 }) });
  log.info("proxy", new Proxy({}, { ownKeys: () => { throw new Error("no"); } })); // prettier-ignore
  await end(writer, context);
  const [page] = await parts.stores.logs.read([{ taskId: context.id, after: 0, limit: 20 }]);
  expect(page!.map(({ message }) => message.slice(0, 40))).toEqual([
    "circular",
    "getter",
    "NUL \uFFFD, half \uFFFD, and \\u0000",
    "{ not: 'a text' }",
    "huge".repeat(10),
    "error",
    "proxy",
  ]);
  const fields = page!.map((line) => line.fields);
  expect(fields[0]).toMatchObject({ size: "1", name: "kept" });
  expect(fields[1]).toMatchObject({ kept: true, field: "[not JSON: no]" });
  expect(fields[2]).toEqual({ "k\uFFFD": "\uFFFD\uFFFD", path: "C:\\u0000" });
  expect(fields[3]).toEqual({ fields: "no fields" });
  expect(fields[4]).toMatchObject({ fieldsStart: expect.stringMatching(/^\{"huge":"xxx/) });
  expect(fields[5]).toMatchObject({ err: { type: "TypeError", message: "inner" } });
  expect(Buffer.byteLength(page![4]!.message)).toBeLessThanOrEqual(8 * 1024);
});
