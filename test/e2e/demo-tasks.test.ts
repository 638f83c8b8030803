import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { writeBigCsv } from "../support/big-csv.ts";
import { startSmtp } from "../support/servers/smtp.ts";
import { tempDir } from "../support/temp-dir.ts";
import { ApiClient } from "./api-client.ts";
import { DEPLOYMENTS, type Running } from "./deployments.ts";

const WATCH = `subscription ($id: ID!) {
  task(id: $id) {
    ... on TaskUpdate { type task { state result workerName progress { current total percent } error { message } } }
  }
}`;

interface Update {
  readonly type: string;
  readonly task: {
    readonly state: string;
    readonly result: unknown;
    readonly progress: { readonly percent: number } | null;
  };
}

describe.each(DEPLOYMENTS)("demo tasks through GraphQL: $kind", ({ kind, start }) => {
  // In each of them enough for several reports of progress.
  const megabytes = kind === "up, embedded" ? 100 : 50;
  const scope = new AsyncDisposableStack();
  let api: ApiClient;
  let smtp: Awaited<ReturnType<typeof startSmtp>>;
  let big: Awaited<ReturnType<typeof writeBigCsv>>;
  let lovage: Running;

  beforeAll(async () => {
    const folder = scope.use(await tempDir("lovage-csv-"));
    smtp = scope.use(await startSmtp());
    big = await writeBigCsv(join(folder.path, "big.csv"), megabytes * 1_000_000);
    lovage = scope.use(
      await start({ SMTP_URL: smtp.url, LOVAGE_DATA_DIR: folder.path, LOVAGE_LOG_LEVEL: "warn" }),
    );
    api = scope.use(new ApiClient(lovage.url));
  });
  afterAll(() => scope.disposeAsync());

  /** Enqueues by a generated mutation and watches to the end. */
  async function runTask(field: string, input: string): Promise<Update[]> {
    const enqueued = await api.run<Record<string, { task: { id: string } | null; errors: unknown[] }>>(
      `mutation { ${field}(input: ${input}) { task { id } errors { message } } }`,
    );
    expect(enqueued[field]!.errors).toEqual([]);
    const updates: Update[] = [];
    for await (const { task } of api.subscribe<{ task: Update }>(WATCH, { id: enqueued[field]!.task!.id })) {
      if (task.type) updates.push(task);
    }
    return updates;
  }

  test("demo.add adds", async () => {
    const updates = await runTask("enqueueDemoAdd", "{ x: 2, y: 3 }");
    expect(updates.at(-1)).toMatchObject({ type: "SUCCEEDED", task: { state: "SUCCESS", result: 5 } });
  });

  test("demo.myTask reports its start, its progress and its end", async () => {
    const updates = await runTask("enqueueDemoMyTask", "{ seconds: 1.5 }");
    expect(updates.map((update) => update.type)).toEqual(expect.arrayContaining(["PROGRESS", "SUCCEEDED"]));
    const states = updates.map((update) => update.task.state);
    expect(states.filter((state, index) => state !== states[index - 1]).at(-2)).toBe("STARTED");
  });

  test("a schedule made by a mutation runs at its slots, and its task receives its name; schedules of the code run as well", async () => {
    const { createSchedule } = await api.run<{
      createSchedule: { schedule: { id: string } | null; errors: unknown[] };
    }>(
      `mutation { createSchedule(input: { name: "each second", taskName: "demo.debug", args: { note: "{{name}}" },
         timing: { interval: { every: "1s" } } }) { schedule { id } errors { message } } }`,
    );
    expect(createSchedule.errors).toEqual([]);
    const { id } = createSchedule.schedule!;
    const updates = api.subscribe<{ tasks: Update }>(
      `subscription ($id: ID!) { tasks(filter: { scheduleId: $id, states: [SUCCESS] }) { ... on TaskUpdate {
         type task { state result progress { percent } } } } }`,
      { id },
    );
    for await (const { tasks: update } of updates) {
      if (!update.type) continue;
      const slot = expect.stringMatching(/^20\d\d-.*Z$/);
      expect(update.task.result).toMatchObject({
        input: { note: "each second" },
        schedule: { id, name: "each second", slot },
      });
      break;
    }
    const { deleteSchedules } = await api.run<{ deleteSchedules: object }>(
      `mutation ($id: ID!) { deleteSchedules(input: { select: { ids: [$id] } }) { deletedCount } }`,
      { id },
    );
    expect(deleteSchedules).toEqual({ deletedCount: 1 });
    interface Listed {
      readonly schedules: { readonly nodes: readonly { name: string; lastRun: { state: string } | null }[] };
    }
    await vi.waitFor(
      async () => {
        const listed = await api.run<Listed>(`{ schedules { nodes { name lastRun { state } } } }`);
        expect(listed.schedules.nodes).toContainEqual({
          name: "every 5 seconds",
          lastRun: { state: "SUCCESS" },
        });
      },
      { timeout: 15_000, interval: 500 },
    );
  });

  test("mail.send delivers to a real SMTP server", async () => {
    const delivered = smtp.next();
    const updates = await runTask(
      "enqueueMailSend",
      `{ to: "ada@example.org", subject: "Grüße", body: "Hello" }`,
    );
    expect(updates.at(-1)).toMatchObject({
      type: "SUCCEEDED",
      task: { result: { messageId: expect.stringContaining("lovage.") } },
    });
    expect((await delivered).to).toEqual(["ada@example.org"]);
  });

  test(`csv.summarize reads a file of ${megabytes} MB, with progress`, { timeout: 180_000 }, async () => {
    const updates = await runTask("enqueueCsvSummarize", `{ path: "big.csv" }`);
    expect(updates.at(-1)).toMatchObject({
      type: "SUCCEEDED",
      task: { result: { rows: big.rows, bytes: big.bytes } },
    });
    const percents = updates.flatMap((update) => update.task.progress?.percent ?? []);
    expect(percents.length).toBeGreaterThan(2);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
  });

  test("a path that leaves the folder is refused by the task", async () => {
    const updates = await runTask("enqueueCsvSummarize", `{ path: "../../etc/passwd" }`);
    expect(updates.at(-1)).toMatchObject({
      type: "FAILED",
      task: { error: { message: expect.stringContaining("passwd") } },
    });
  });
});
