import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SplitDeployment } from "../../support/split-deployment.ts";
import type { Child } from "../../support/child.ts";

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const env = {
  LOVAGE_TASKS: here("routing.tasks.ts"),
  ...{ LOVAGE_HEARTBEAT: "500ms", LOVAGE_WORKER_LOST_AFTER: "8s" },
};

describe("routes of the configuration", () => {
  let deployment: SplitDeployment;
  beforeAll(async () => {
    const config = `export { default } from ${JSON.stringify(here("routing.config.ts"))};`;
    deployment = await SplitDeployment.open({ files: { "lovage.config.mjs": config }, env });
    await deployment.worker("mails", ["-Q", "mail,big-at"]);
    await deployment.worker("rest", ["-X", "mail,own"]);
  });
  afterAll(() => deployment[Symbol.asyncDispose]());

  /** Enqueues a task; gives its id. */
  const enqueue = async (name: string, options: object = {}, country = "at"): Promise<string> =>
    (await deployment.enqueue(name, [{ country }], options))[0]!;
  /** Where and by whom a task was run. */
  const ran = async (...ids: string[]): Promise<unknown[]> =>
    (await deployment.ended(ids)).map(({ queue, result }) => {
      expect((result as { readonly queue: string }).queue).toBe(queue);
      return result;
    });
  const states = async (...ids: string[]) =>
    (await deployment.tasks(ids)).map(({ state, queue }) => `${queue} ${state}`);

  test("tasks go to the queues of the server's routes, and only workers of these queues run them", async () => {
    const ids = [
      await enqueue("mail.where"),
      await enqueue("census.where", { tags: ["big"] }),
      await enqueue("census.where"),
      await enqueue("mail.where", { queue: "default" }),
    ];
    expect(await ran(...ids)).toEqual([
      { workerName: "mails", queue: "mail" },
      { workerName: "mails", queue: "big-at" },
      { workerName: "rest", queue: "default" },
      { workerName: "rest", queue: "default" },
    ]);
    const rows = await deployment.sql<{ priority: number }>(
      `select priority from lovage.task where id in ('${ids[0]}', '${ids[2]}') order by id`,
    );
    const [routed, plain] = rows.map(({ priority }) => priority);
    expect(routed).not.toBe(plain);
  });

  test("an excluded queue, or one that only a function names, waits until a worker is ordered to read it", async () => {
    const waiting = [
      await enqueue("own.where"),
      await enqueue("census.where", { tags: ["big"] }, "de"),
      await enqueue("census.where", { delay: "PT0.05S" }),
    ];
    await vi.waitFor(
      async () => expect(await states(...waiting)).toEqual(["own QUEUED", "big-de QUEUED", "later QUEUED"]),
      10_000,
    );
    // What came later has been run: both have looked at all there is for them.
    await ran(await enqueue("mail.where"), await enqueue("census.where"));
    expect(await states(...waiting)).toEqual(["own QUEUED", "big-de QUEUED", "later QUEUED"]);
    await deployment.worker("late", ["-Q", "big-de,later,own"]);
    expect(await ran(...waiting)).toEqual([
      { workerName: "late", queue: "own" },
      { workerName: "late", queue: "big-de" },
      { workerName: "late", queue: "later" },
    ]);
  });
});

describe("tasks for one worker, and for all", () => {
  let deployment: SplitDeployment;
  const workers = new Map<string, Child>();
  const start = async (name: string): Promise<Child> => {
    const child = await deployment.worker(name);
    workers.set(name, child);
    return child;
  };
  beforeAll(async () => {
    deployment = await SplitDeployment.open({ env });
    for (const name of ["a@box", "b@box"]) await start(name);
  });
  afterAll(() => deployment[Symbol.asyncDispose]());

  /** Who ran what notes to a file, in order. */
  const notes = async (file: string): Promise<string[]> =>
    (await readFile(join(deployment.folder, file), "utf8")).trim().split("\n");
  const noteOf = (name: string, { pid }: Child): string => `${name} ${pid}`;
  const enqueue = async (input: object, options: object): Promise<string> =>
    (await deployment.enqueue("noted.run", [input], options))[0]!;

  test.each(["at once", "when the old one was given up"])(
    "a task for one worker runs there only, also when that was killed and a new one of its name came %s",
    async (when) => {
      const old = workers.get("a@box")!;
      const file = `held ${when}`;
      const held = await enqueue({ file, hold: true }, { worker: "a@box" });
      await vi.waitFor(async () => expect(await notes(file)).toEqual([noteOf("a@box", old)]), 10_000);
      old.kill("SIGKILL");
      await old.exited;
      const waiting = await enqueue({ file: `waiting ${when}` }, { worker: "a@box" });
      if (when !== "at once") {
        await vi.waitFor(
          async () =>
            expect(await deployment.tasks([held])).toMatchObject([{ state: "QUEUED", crashCount: 1 }]),
          20_000,
        );
        // The other worker has looked at all there is for it.
        await deployment.ended([
          await enqueue({ file: "after" }, { worker: "b@box" }),
          await enqueue({ file: "any" }, {}),
        ]);
        expect(await deployment.tasks([held, waiting])).toMatchObject([
          { state: "QUEUED" },
          { state: "QUEUED" },
        ]);
      }
      const next = await start("a@box");
      const tasks = await deployment.ended([waiting, held]);
      expect(tasks).toMatchObject([
        { state: "SUCCESS", result: "a@box", crashCount: 0 },
        { state: "SUCCESS", result: "a@box", crashCount: 1 },
      ]);
      expect(await notes(`waiting ${when}`)).toEqual([noteOf("a@box", next)]);
      expect(await notes(file)).toEqual([noteOf("a@box", old), noteOf("a@box", next)]);
    },
    60_000,
  );

  test("a broadcast reaches each live worker process once, and none that has gone", async () => {
    const gone = await start("gone@box");
    await start("c@box");
    const query = `mutation ($file: JSON) { broadcastTask(input: { name: "noted.run", args: $file }) {
      workers: workerNames tasks { id } errors { message } } }`;
    const broadcast = async (file: string): Promise<string[]> => {
      const { broadcastTask } = await deployment.ask(query, { file: { file } });
      expect(broadcastTask.errors).toEqual([]);
      const tasks = await deployment.ended(broadcastTask.tasks.map(({ id }: { id: string }) => id));
      expect(tasks.map(({ result }) => result)).toEqual(broadcastTask.workers);
      return notes(file);
    };
    const expected = () => [...workers].map(([name, child]) => noteOf(name, child)).sort();
    expect((await broadcast("first")).sort()).toEqual(expected());
    gone.kill("SIGTERM");
    await gone.exited;
    workers.delete("gone@box");
    expect((await broadcast("second")).sort()).toEqual(expected());
    const called = await deployment.lovage("call", "noted.run", '{"file":"third"}', "--broadcast", "--json");
    expect(called).toMatchObject({ exitCode: 0, stderr: "" });
    expect((await notes("third")).sort()).toEqual(expected());
  }, 60_000);
});
