import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import type { AnyTaskDefinition } from "../../../src/task/definition/definition.ts";
import type { EnqueueOptions } from "../../../src/task/call/enqueue-options.ts";
import type { LogLine } from "../../../src/task/records/log-line.ts";
import { CLI } from "../../support/run-cli.ts";
import { startChild } from "../../support/child.ts";
import { DEPLOYMENTS, shared } from "../../support/deployments.ts";

const gates = new Map<string, PromiseWithResolvers<void>>();
const gateOf = (name: string): PromiseWithResolvers<void> => {
  const gate = gates.get(name) ?? Promise.withResolvers<void>();
  gates.set(name, gate);
  return gate;
};

/** Logs some lines, waits to be let on, logs some more. */
const chatter = defineTask({
  name: "test.chatter",
  input: z.object({ gate: z.string(), lines: z.int() }),
  run: async ({ gate, lines }, ctx) => {
    for (let line = 0; line < lines; line += 1) ctx.log.info(`before ${line}`, { line });
    await gateOf(gate).promise;
    for (let line = 0; line < lines; line += 1) ctx.log.warn(`after ${line}`);
    return null;
  },
});
const failing = defineTask({
  name: "test.failing",
  retry: { maxAttempts: 3, initialDelay: "1ms", jitter: false },
  run: (_input, ctx) => {
    ctx.log.error(`attempt ${ctx.attempt}`);
    throw new Error("again");
  },
});

async function collect(lines: AsyncIterable<LogLine>): Promise<LogLine[]> {
  const all: LogLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe.each(DEPLOYMENTS)("the log of a task: $kind", ({ kind, deploy }) => {
  test("is followed from its first line to its last, with no gap and no double", async () => {
    await using deployment = await deploy();
    const app = await deployment.app([chatter]);
    // With PostgreSQL and Redis another process follows: it hears of new lines by a word of the
    // worker's.
    const reader = kind === "embedded" ? app : await deployment.app([chatter], []);
    const handle = await app.enqueue(chatter, { gate: kind, lines: 300 });
    const log = (await reader.task(handle.id)).logs({ follow: true });
    for (let line = 0; line < 300; line += 1)
      expect((await log.next()).value).toMatchObject({ message: `before ${line}`, cursor: `${line + 1}` });
    const second = collect(handle.logs({ follow: true, after: "299", level: "INFO" }));
    const warnings = collect(handle.logs({ follow: true, level: "WARN" }));
    gateOf(kind).resolve();
    const rest = await collect({ [Symbol.asyncIterator]: () => log });
    expect(rest.map(({ message }) => message)).toEqual(
      Array.from({ length: 300 }, (_, line) => `after ${line}`),
    );
    expect((await second).map(({ cursor }) => cursor)).toEqual(
      Array.from({ length: 301 }, (_, index) => `${300 + index}`),
    );
    expect(await warnings).toEqual(rest);
    expect(await collect(handle.logs())).toHaveLength(600);
    expect(await collect(handle.logs({ follow: true, after: "598" }))).toHaveLength(2);
  });

  test("has the lines of all attempts, in their order", async () => {
    await using deployment = await deploy();
    const app = await deployment.app([failing]);
    const handle = await app.enqueue(failing, null);
    const lines = await collect(handle.logs({ follow: true }));
    expect(lines.map(({ message, attempt }) => [message, attempt])).toEqual([
      ["attempt 1", 1],
      ["attempt 2", 2],
      ["attempt 3", 3],
    ]);
  });
});

test("wrong options are refused at once", async () => {
  await using deployment = await shared();
  const app = await deployment.app([chatter], ["maintenance"]);
  const handle = await app.enqueue(chatter, { gate: "none", lines: 1 });
  expect(() => handle.logs({ after: "x" })).toThrow('after: expected the cursor of a line, got "x".');
  expect(() => handle.logs({ level: "warn" as never })).toThrow(/level: expected one of TRACE, .*"warn"/);
});

/**
 * A worker process of the tasks in logging.tasks.ts, with one child, and an app that enqueues them.
 */
async function startLogging() {
  const stack = new AsyncDisposableStack();
  const deployment = stack.use(await shared());
  const file = fileURLToPath(new URL("./logging.tasks.ts", import.meta.url));
  const definitions = Object.values(
    (await import("./logging.tasks.ts")) as Readonly<Record<string, AnyTaskDefinition>>,
  );
  // As the worker process has it, which beats less often than the apps of an deployment do.
  const app = await deployment.app(definitions, ["maintenance"], {
    heartbeat: "5s",
    liveHeartbeat: "2s",
    workerLostAfter: "30s",
  });
  const { databaseUrl, redisUrl, prefix } = deployment.settings as Record<string, string>;
  const env = { DATABASE_URL: databaseUrl!, REDIS_URL: redisUrl!, LOVAGE_PREFIX: prefix! };
  const args = [CLI, "worker", "--tasks", file, "--log-level", "warn"];
  stack.use(
    await startChild(process.execPath, args, { env: { ...env, LOVAGE_POOL_SIZE: "1" }, name: "worker" }),
  );
  return {
    enqueue: (name: string, options?: EnqueueOptions) =>
      app.enqueue(
        definitions.find((one) => one.name === name)!,
        null,
        options,
      ),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe("in all pools", { timeout: 60_000 }, () => {
  let logging: Awaited<ReturnType<typeof startLogging>>;
  beforeAll(async () => void (logging = await startLogging()));
  afterAll(() => logging[Symbol.asyncDispose]());

  test.each(["logging.child", "logging.thread"])(
    "%s logs output of libraries, and its console",
    async (name) => {
      const logOf = async (name: string) => {
        const handle = await logging.enqueue(name);
        const lines = await collect(handle.logs({ follow: true }));
        const { error, progress } = await handle.read();
        expect(error).toBeNull();
        const shown = lines.map(({ level, message, attempt, fields }) => ({
          level,
          message,
          attempt,
          fields,
        }));
        return { lines: shown, progress: progress?.message };
      };
      const inChild = await logOf(name);
      const here = await logOf("logging.here");
      const console = inChild.lines.filter(({ message }) => message.startsWith("console"));
      expect(console).toEqual([
        { level: "INFO", message: "console 1", attempt: 1, fields: null },
        { level: "ERROR", message: "console 2", attempt: 1, fields: null },
      ]);
      expect({ ...inChild, lines: inChild.lines.filter((line) => !console.includes(line)) }).toEqual(here);
      expect(here.lines.length).toBe(5);
    },
  );

  // Each waits for its listener to listen, and each has a pool of its own.
  describe("emitted events", { concurrent: true }, () => {
    test.each(["telling.here", "telling.child", "telling.thread"])(
      "events that %s emits are received in order, and none after its end",
      async (name) => {
        // Who listens hears what comes from then on: it begins when somebody listens.
        const handle = await logging.enqueue(name, { delay: "5s" });
        const told: unknown[] = [];
        for await (const { type, emitted } of handle.events())
          if (type !== "PROGRESS" && type !== "QUEUED" && type !== "ENQUEUED") told.push(emitted ?? type);
        expect(told).toEqual([
          "STARTED",
          { type: "page.done", payload: { page: 1 } },
          { type: "page.done", payload: { page: 2 } },
          "SUCCEEDED",
        ]);
        expect(await handle.result()).toEqual(Array.from({ length: 7 }, () => "TypeError"));
        // What it says after its end is said by the time that another task has run.
        await (await logging.enqueue(name)).result();
        expect((await handle.read()).progress).toMatchObject({ current: 2, message: "{ odd: true }" });
        expect(await collect(handle.logs())).toEqual([]);
      },
    );
  });

  describe("events that are emitted too often", { concurrent: true }, () => {
    test.each(["flooding.here", "flooding.child", "flooding.thread"])(
      "%s cannot flood subscribers",
      async (name) => {
        const handle = await logging.enqueue(name, { delay: "5s" });
        let heard = 0;
        for await (const { emitted } of handle.events()) if (emitted) heard += 1;
        expect(heard).toBeGreaterThanOrEqual(100);
        expect(heard).toBeLessThan(1_000);
        expect((await collect(handle.logs())).map(({ level, message }) => [level, message])).toEqual([
          ["WARN", `${1_000 - heard} events of ctx.emit were dropped: there were too many a second.`],
        ]);
      },
    );
  });
});
