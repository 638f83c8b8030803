import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { SplitDeployment } from "../../support/split-deployment.ts";
import type { Child } from "../../support/child.ts";
import { openGate } from "../../support/gate.ts";
import { LEDGER, work } from "./uniqueness.tasks.ts";

vi.setConfig({ testTimeout: 90_000 });
const PATIENCE = { timeout: 40_000, interval: 100 };

let deployment: SplitDeployment;
/** Two servers, apart from each other. */
let servers: readonly string[];
let one: Child;
beforeAll(async () => {
  const LOVAGE_TASKS = fileURLToPath(new URL("./uniqueness.tasks.ts", import.meta.url));
  const env = { LOVAGE_TASKS, LOVAGE_WORKER_LOST_AFTER: "6s", LOVAGE_HEARTBEAT: "500ms" };
  deployment = await SplitDeployment.open({ env });
  servers = [deployment.url, await deployment.anotherServer()];
  one = await deployment.worker("one@box");
}, 90_000);
afterAll(() => deployment[Symbol.asyncDispose]());

interface Answer {
  readonly id: string | null;
  readonly deduplicated: boolean;
  readonly errors: readonly { readonly code: string; readonly message: string }[];
}
type Args = { key: string; value: number; gate?: string };

async function call(url: string, args: Args, options: object = {}): Promise<Answer> {
  const query = `mutation ($input: EnqueueTaskInput!) {
    enqueueTask(input: $input) { deduplicated task { id } errors { code message } } }`;
  const { enqueueTask } = await deployment.ask(query, { input: { name: work.name, args, options } }, url);
  return { ...enqueueTask, id: enqueueTask.task?.id ?? null };
}

/** So many calls to each of the servers, all at the same time. */
function callAll(times: number, args: Omit<Args, "value">, options: object = {}): Promise<Answer[]> {
  const values = Array.from({ length: times * servers.length }, (_, index) => index);
  return Promise.all(
    values.map((value) => call(servers[value % servers.length]!, { ...args, value }, options)),
  );
}

interface Entry {
  readonly what: "begin" | "end";
  readonly key: string;
  readonly value: number;
  readonly id: string;
  readonly worker: string;
}
/** What attempts with a key wrote down, in its order. */
async function ledger(key: string): Promise<Entry[]> {
  const text = await readFile(join(deployment.folder, LEDGER), "utf8").catch(() => "");
  const entries = text.split("\n").filter((line) => line !== "");
  return entries.map((line) => JSON.parse(line) as Entry).filter((entry) => entry.key === key);
}
const begun = async (key: string) => (await ledger(key)).filter(({ what }) => what === "begin");
/** Of calls that were all accepted. */
function idsOf(answers: readonly Answer[]): string[] {
  expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
  return [...new Set(answers.map(({ id }) => id!))];
}
const ended = (ids: readonly string[]) =>
  vi.waitFor(async () => {
    const tasks = await deployment.tasks(ids);
    expect(tasks.map(({ state }) => state)).toEqual(ids.map(() => "SUCCESS"));
    return tasks;
  }, PATIENCE);
const begins = (key: string, times: number) =>
  vi.waitFor(async () => {
    const entries = await begun(key);
    expect(entries).toHaveLength(times);
    return entries;
  }, PATIENCE);

test("RETURN: of concurrent calls to two servers one creates the task, and all get it; its end frees the key", async () => {
  const [key, gate] = ["return", "return.gate"];
  const answers = await callAll(25, { key, gate });
  const [id, ...others] = idsOf(answers);
  expect(others).toEqual([]);
  expect(answers.filter(({ deduplicated }) => !deduplicated)).toHaveLength(1);
  await begins(key, 1);
  expect(await call(servers[1]!, { key, value: -1 })).toMatchObject({ id, deduplicated: true });
  await openGate(deployment.folder, gate);
  await ended([id!]);
  const next = await call(servers[1]!, { key, value: -2 });
  expect(next).toMatchObject({ id: expect.not.stringMatching(id!), deduplicated: false });
  expect(await ended([next.id!])).toMatchObject([{ result: -2 }]);
  expect(await begun(key)).toMatchObject([{ id }, { id: next.id, value: -2 }]);
});

test("REJECT: one call gets the key, the others are refused with the holder's id, until that has ended", async () => {
  const [key, gate] = ["reject", "reject.gate"];
  const answers = await callAll(15, { key, gate }, { onConflict: "REJECT" });
  const [accepted, ...more] = answers.filter(({ id }) => id !== null);
  expect(more).toEqual([]);
  const refusal = { code: "CONFLICT", message: expect.stringContaining(accepted!.id!) };
  for (const { id, errors } of answers) expect(errors).toEqual(id === null ? [refusal] : []);
  await openGate(deployment.folder, gate);
  await ended([accepted!.id!]);
  const next = await call(servers[1]!, { key, value: -1 }, { onConflict: "REJECT" });
  expect(next).toMatchObject({ deduplicated: false, errors: [] });
  expect(await ended([next.id!])).toMatchObject([{ result: -1 }]);
});

test("REPLACE: the task that waits takes each new input, and a worker runs it once, with the last of them", async () => {
  const key = "replace";
  const replace = { onConflict: "REPLACE", delay: "1h" };
  const answers = await callAll(25, { key }, replace);
  const [id, ...others] = idsOf(answers);
  expect(others).toEqual([]);
  expect(answers.filter(({ deduplicated }) => !deduplicated)).toHaveLength(1);
  const last = await call(servers[1]!, { key, value: 999 }, { onConflict: "REPLACE" });
  expect(last).toMatchObject({ id, deduplicated: true });
  expect(await ended([id!])).toMatchObject([{ result: 999, attempt: 1 }]);
  expect(await ledger(key)).toMatchObject([
    { what: "begin", id, value: 999 },
    { what: "end", id, value: 999 },
  ]);
});

test("REPLACE while it runs: it continues with its input, and a new task gets the new input", async () => {
  const [key, gate] = ["replace running", "running.gate"];
  const first = await call(servers[0]!, { key, value: 1, gate });
  await begins(key, 1);
  const answers = await callAll(10, { key, gate }, { onConflict: "REPLACE", delay: "1h" });
  const [id, ...others] = idsOf(answers);
  expect(others).toEqual([]);
  expect(id).not.toBe(first.id);
  await call(servers[1]!, { key, value: 2 }, { onConflict: "REPLACE" });
  expect(await ended([id!])).toMatchObject([{ result: 2 }]);
  expect(await deployment.tasks([first.id!])).toMatchObject([{ state: "STARTED" }]);
  await openGate(deployment.folder, gate);
  expect(await ended([first.id!])).toMatchObject([{ result: 1, attempt: 1 }]);
});

test("debounce: calls to two servers delay the start; the last input runs once", async () => {
  const key = "debounce";
  const answers = await callAll(20, { key }, { debounce: "1h" });
  const [id, ...others] = idsOf(answers);
  expect(others).toEqual([]);
  expect(await deployment.tasks([id!])).toMatchObject([{ state: "SCHEDULED" }]);
  await call(servers[1]!, { key, value: 999 }, { debounce: "200ms" });
  expect(await ended([id!])).toMatchObject([{ result: 999 }]);
  expect(await begun(key)).toHaveLength(1);
});

test("maxWait: a stream of calls from two servers does not delay the start forever", async () => {
  const key = "stream";
  const options = { debounce: "2s", maxWait: "3s" };
  const { id: first } = await call(servers[0]!, { key, value: 0 }, options);
  let ids: string[];
  do ids = idsOf(await callAll(1, { key }, options));
  while (ids.every((id) => id === first));
  const [done] = await ended([first!]);
  const [entry] = await begun(key);
  expect(entry).toMatchObject({ id: first, value: done!.result });
  expect(done).toMatchObject({ attempt: 1 });
  await ended(ids);
});

test("with two workers that take tasks all the while, no two attempts with one key run side by side", async () => {
  await using _two = await deployment.worker("two@box");
  const key = "busy";
  const ids = new Set<string>();
  for (let round = 0; round < 12 || (await workersOf(key)).size < 2; round += 1)
    for (const id of idsOf(await callAll(4, { key }))) ids.add(id);
  await ended([...ids]);
  const entries = await ledger(key);
  expect(entries.map(({ what }) => what)).toEqual(entries.map((_, index) => (index % 2 ? "end" : "begin")));
  expect(new Set(entries.map(({ id }) => id))).toEqual(ids);
  expect(entries).toHaveLength(2 * ids.size);
});
const workersOf = async (key: string) => new Set((await begun(key)).map(({ worker }) => worker));

test("a task whose worker is killed holds its key until it has run again, in another process", async () => {
  const [key, gate] = ["killed", "killed.gate"];
  const { id } = await call(servers[0]!, { key, value: 1, gate });
  await begins(key, 1);
  await using _two = await deployment.worker("two@box");
  one.kill("SIGKILL");
  await one.exited;
  const answers: Answer[] = [];
  while ((await begun(key)).length < 2) answers.push(...(await callAll(1, { key })));
  answers.push(...(await callAll(5, { key })));
  expect(idsOf(answers)).toEqual([id]);
  await openGate(deployment.folder, gate);
  expect(await ended([id!])).toMatchObject([{ result: 1, crashCount: 1, workerName: "two@box" }]);
  expect((await begun(key)).map(({ worker }) => worker)).toEqual(["one@box", "two@box"]);
  const next = await call(servers[1]!, { key, value: 2 });
  expect(next.deduplicated).toBe(false);
  expect(await ended([next.id!])).toMatchObject([{ result: 2 }]);
});
