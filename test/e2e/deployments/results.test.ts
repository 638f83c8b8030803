import { fileURLToPath } from "node:url";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, inject, test, vi } from "vitest";
import type { App } from "../../../src/app/app.ts";
import { RefusedError, ResultGoneError, TaskFailedError, WaitTimeoutError } from "../../../src/errors.ts";
import { toError } from "../../../src/lib/thrown.ts";
import { SplitDeployment } from "../../support/split-deployment.ts";
import type { Child } from "../../support/child.ts";
import { openGate } from "../../support/gate.ts";
import { failing, failingInProcess, failingInThread, kept, large, quiet } from "./results.tasks.ts";

vi.setConfig({ testTimeout: 90_000 });
const timeout = "40s";
const HOUR = 3_600_000;

let deployment: SplitDeployment;
/** In this process; the worker is in another. */
let app: App;
let worker: Child;
let redis: Redis;
beforeAll(async () => {
  const LOVAGE_TASKS = fileURLToPath(new URL("./results.tasks.ts", import.meta.url));
  const LOVAGE_RESULTS_EXPIRE = "success=10h,failure=20h,revoked=30h,expired=40h";
  const env = { LOVAGE_TASKS, LOVAGE_RESULTS_EXPIRE, LOVAGE_SWEEP_EVERY: "200ms" };
  deployment = await SplitDeployment.open({ env });
  app = await deployment.app([large, quiet, kept, failing, failingInProcess, failingInThread]);
  worker = await deployment.worker("one@box");
  redis = new Redis(inject("redisUrl"));
}, 90_000);
afterAll(async () => {
  redis.disconnect();
  await deployment[Symbol.asyncDispose]();
});

const storedKeys = (id: string) => redis.keys(`${deployment.env.LOVAGE_PREFIX}:result:${id}:*`);
async function keptMs(id: string): Promise<number> {
  const text = `select extract(epoch from keep_until - finished_at) * 1000 as ms from lovage.task where id = '${id}'`;
  const [row] = await deployment.sql<{ ms: string }>(text);
  return Number(row!.ms);
}
const started = (handle: { state(): Promise<string> }) =>
  vi.waitFor(async () => expect(await handle.state()).toBe("STARTED"), 20_000);
/** What a promise is rejected with. */
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

test("an output that a worker puts in Redis is read by TypeScript, GraphQL and the command line, and is in no row", async () => {
  const handle = await app.enqueue(large, { letter: "a" }, { resultsExpire: { success: "2h" } });
  const output = { said: "a".repeat(100_000) };
  expect(await handle.result({ timeout })).toEqual(output);
  expect(await deployment.tasks([handle.id])).toMatchObject([{ state: "SUCCESS", result: output }]);
  const shown = await deployment.lovage("result", handle.id, "--json");
  expect([shown.exitCode, JSON.parse(shown.stdout)]).toEqual([0, output]);
  const rows = await deployment.sql<{ row: string }>(
    `select t::text as row from lovage.task t where id = '${handle.id}'`,
  );
  expect(rows[0]!.row).not.toContain("aaaa");
  const [key] = await storedKeys(handle.id);
  const ttl = await redis.pttl(key!);
  expect(ttl).toBeGreaterThan(HOUR);
  expect(ttl).toBeLessThanOrEqual(2 * HOUR);
});

test("an output that Redis has lost is reported as lost by TypeScript, GraphQL and the command line", async () => {
  const handle = await app.enqueue(large, { letter: "b" });
  await handle.result({ timeout });
  await redis.del(...(await storedKeys(handle.id)));
  expect(await errorOf(handle.result())).toBeInstanceOf(ResultGoneError);
  const { task } = await deployment.ask("query ($id: ID!) { task(id: $id) { state result resultGone } }", {
    id: handle.id,
  });
  expect(task).toEqual({ state: "SUCCESS", result: null, resultGone: true });
  expect(await deployment.lovage("result", handle.id)).toMatchObject({
    exitCode: 3,
    stdout: "",
    stderr: expect.stringContaining("its result is no longer stored"),
  });
});

test("an ignored output is checked in the worker and not stored, unless the call requests it", async () => {
  const ignored = await app.enqueue(quiet, { fits: true });
  expect(await ignored.result({ timeout })).toBeNull();
  expect(await deployment.lovage("result", ignored.id)).toMatchObject({ exitCode: 0, stdout: "null\n" });
  const wanted = await app.enqueue(quiet, { fits: true }, { ignoreResult: false });
  expect(await wanted.result({ timeout })).toEqual({ said: "nothing" });
  const misfit = await app.enqueue(quiet, { fits: false });
  expect(await errorOf(misfit.result({ timeout }))).toMatchObject({ type: "MisfitError" });
  const called = await deployment.lovage(
    "call",
    large.name,
    '{"letter":"c"}',
    "--ignore-result",
    "--wait",
    "--json",
  );
  expect([called.exitCode, JSON.parse(called.stdout)]).toMatchObject([0, { state: "SUCCESS", result: null }]);
  expect(await storedKeys((JSON.parse(called.stdout) as { id: string }).id)).toEqual([]);
});

test("the retention of a task follows its end, in whichever process it ends: call, then definition, then setting", async () => {
  const well = await app.enqueue(kept, { end: "well" });
  const badly = await app.enqueue(kept, { end: "badly" });
  const running = await app.enqueue(kept, { end: "never" });
  const waiting = await app.enqueue(kept, { end: "well" }, { delay: "1h" });
  const late = await app.enqueue(kept, { end: "well" }, { queue: "nobody", expiresIn: "100ms" });
  const own = await app.enqueue(kept, { end: "badly" }, { resultsExpire: { failure: "5h" } });
  const plain = await app.enqueue(large, { letter: "d" });
  await started(running);
  const mutation =
    "mutation ($ids: [ID!]) { revokeTasks(input: { select: { ids: $ids }, terminate: true }) { affectedCount } }";
  await deployment.ask(mutation, { ids: [running.id, waiting.id] });
  const handles = [well, badly, running, waiting, late, own, plain];
  await Promise.allSettled(handles.map((handle) => handle.result({ timeout })));
  const states = await Promise.all(handles.map((handle) => handle.state()));
  expect(states).toEqual(["SUCCESS", "FAILURE", "REVOKED", "REVOKED", "EXPIRED", "FAILURE", "SUCCESS"]);
  const hours = await Promise.all(handles.map(async ({ id }) => (await keptMs(id)) / HOUR));
  expect(hours).toEqual([1, 2, 3, 3, 40, 5, 10]);
});

test("when its retention is over a task is deleted, together with its keys in Redis", async () => {
  const handle = await app.enqueue(large, { letter: "e" }, { resultsExpire: "1s" });
  const failed = await app.enqueue(kept, { end: "badly" }, { resultsExpire: { failure: "1s" } });
  await Promise.allSettled([handle, failed].map((one) => one.result({ timeout })));
  await vi.waitFor(async () => expect(await storedKeys(handle.id)).toEqual([]), 20_000);
  // The next server begins with what is overdue.
  await deployment.anotherServer();
  const gone = async ({ id, read }: { id: string; read: () => Promise<unknown> }) => {
    expect(await errorOf(read())).toBeInstanceOf(RefusedError);
    expect(await deployment.lovage("result", id)).toMatchObject({ exitCode: 3 });
  };
  await vi.waitFor(() => Promise.all([gone(handle), gone(failed)]), { timeout: 70_000, interval: 500 });
});

test("a wait that is too short is reported, and the task continues; a longer wait gets the result", async () => {
  const gate = "waited.gate";
  const handle = await app.enqueue(large, { letter: "f", gate });
  expect(await errorOf(handle.result({ timeout: "50ms" }))).toMatchObject({
    ...{ constructor: WaitTimeoutError, code: "TIMEOUT", message: expect.stringContaining(handle.id) },
  });
  await started(handle);
  expect(await deployment.lovage("result", handle.id, "--timeout", "100ms")).toMatchObject({
    exitCode: 75,
    stderr: expect.stringContaining(`is STARTED after 100 ms`),
  });
  const waits = [
    handle.result({ timeout }),
    deployment.lovage("result", handle.id, "--timeout", timeout),
  ] as const;
  await openGate(deployment.folder, gate);
  const output = { said: "f".repeat(100_000) };
  expect(await waits[0]).toEqual(output);
  expect(await waits[1]).toMatchObject({ exitCode: 0, stdout: `${JSON.stringify(output)}\n` });
});

test.each([failing, failingInProcess, failingInThread])(
  "$name: the error is known in other processes",
  async (definition) => {
    const handle = await app.enqueue(definition, { card: "4711" });
    const error = await errorOf(handle.result({ timeout }));
    const message = "The card 4711 was refused.";
    expect(error).toMatchObject({
      ...{ constructor: TaskFailedError, code: "TASK_FAILED", taskId: handle.id, state: "FAILURE" },
      ...{ type: "CardRefused", message },
    });
    const own = toError((error as Error).cause);
    expect(own).toMatchObject({
      name: "CardRefused",
      message,
      stack: expect.stringMatching(/chargeCard.*results\.tasks/),
    });
    expect(own.cause).toMatchObject({ name: "TypeError", message: "No number is in 4711." });
    expect(toError(own.cause).stack).toMatch(/chargeCard.*results\.tasks/);
    const { task } = await deployment.ask(
      "query ($id: ID!) { task(id: $id) { error { type message stack causes { type message } } } }",
      { id: handle.id },
    );
    expect(task.error).toMatchObject({
      ...{ type: "CardRefused", message, stack: expect.stringMatching(/chargeCard.*results\.tasks/) },
      causes: [{ type: "TypeError", message: "No number is in 4711." }],
    });
    const told = {
      exitCode: 1,
      stdout: "",
      stderr: expect.stringContaining(`FAILURE: CardRefused: ${message}`),
    };
    expect(await deployment.lovage("result", handle.id)).toMatchObject(told);
  },
);

test("`lovage call --wait` ends as its task did, with its output or its error", async () => {
  const fails = await deployment.lovage("call", failing.name, '{"card":"42"}', "--wait");
  expect(fails).toMatchObject({
    ...{ exitCode: 1, stdout: "" },
    stderr: expect.stringMatching(/FAILURE in .*, attempt 1 of 1: CardRefused: The card 42 was refused/),
  });
  const json = await deployment.lovage("call", failing.name, '{"card":"42"}', "--wait", "--json");
  expect([json.exitCode, JSON.parse(json.stdout)]).toMatchObject([
    1,
    { state: "FAILURE", error: { type: "CardRefused", message: "The card 42 was refused." } },
  ]);
  const succeeds = await deployment.lovage("call", kept.name, '{"end":"well"}', "--wait");
  expect(succeeds).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/SUCCESS.*→ null/) });
  const held = await deployment.lovage(
    ...["call", large.name, '{"letter":"g","gate":"closed"}', "--wait", "--timeout", "1s"],
  );
  expect(held).toMatchObject({
    exitCode: 75,
    stderr: expect.stringMatching(/is (?:QUEUED|STARTED) after 1 s/),
  });
  expect(worker.running).toBe(true);
});
