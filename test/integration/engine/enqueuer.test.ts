import { afterAll, beforeAll, expect, test } from "vitest";
import { Enqueuer } from "../../../src/engine/enqueue/enqueuer.ts";
import type { HintSender } from "../../../src/engine/enqueue/hint-sender.ts";
import { UnavailableError } from "../../../src/errors.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import type { InsertMode, NewTask } from "../../../src/store/tasks/task-store.ts";
import { defineTask } from "../../../src/task/definition/define-task.ts";
import { Registry } from "../../../src/task/definition/registry.ts";
import { type EngineParts, openEngineParts } from "../../support/engine-parts.ts";

let parts: EngineParts;
beforeAll(async () => {
  parts = await openEngineParts();
});
afterAll(() => parts[Symbol.asyncDispose]());

const definition = defineTask({ name: "test.task", run: () => null });

/** `fail` may throw in place of an insert. */
function enqueuer(
  fail: (rows: readonly NewTask[], mode: InsertMode) => void,
  hints: HintSender = parts.hints,
): Enqueuer {
  return new Enqueuer({
    registry: new Registry([{ definition, file: null }]),
    store: {
      insert: async (rows, mode) => {
        fail(rows, mode);
        return parts.stores.tasks.insert(rows, mode);
      },
    },
    hints,
    publisher: parts.publisher,
    onDelayed: () => undefined,
    clock: systemClock,
  });
}
const request = (x: number, idempotencyKey?: string) => ({
  name: "test.task",
  args: { x },
  ...(idempotencyKey === undefined ? {} : { options: { idempotencyKey } }),
});

test.each([new Error("refused"), new UnavailableError("database")])(
  "the caller of an inserted task succeeds, though another caller of the same batch meets: %s",
  async (error) => {
    const { enqueueMany } = bind(
      enqueuer((_rows, mode) => {
        if (mode === "all") throw error;
      }),
    );
    const [plain, keyed, several] = await Promise.allSettled([
      enqueueMany([request(1)]),
      enqueueMany([request(2, `one ${error.name}`)]),
      enqueueMany([request(3), request(4, `several ${error.name}`)]),
    ]);
    expect(several).toMatchObject({ status: "rejected" });
    expect(several).toHaveProperty("reason.name", error.name);
    expect(several).toHaveProperty("reason.message", expect.stringContaining(error.message));
    expect(plain).toMatchObject({ status: "fulfilled", value: [{ deduplicated: false }] });
    expect(keyed).toMatchObject({ status: "fulfilled", value: [{ deduplicated: false }] });
    expect((await parts.takeHints()).length).toBe(2);
  },
);

test("a row that the database refuses fails its own caller only, and leaves nothing of it behind", async () => {
  const { enqueueMany } = bind(
    enqueuer((rows) => {
      if (rows.some((row) => row.tags.includes("bad"))) throw new Error("refused");
    }),
  );
  const bad = [request(5), { ...request(6), options: { tags: ["bad"] } }];
  const settled = await Promise.allSettled([
    enqueueMany([request(7)]),
    enqueueMany(bad),
    enqueueMany([request(8), request(9)]),
  ]);
  expect(settled.map((one) => one.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  const [{ count }] = (await parts.sql.run<{ count: string }>(
    "select count(*) from lovage.task where input->>'x' in ('5','6')",
  )) as [{ count: string }];
  expect(Number(count)).toBe(0);
});

test("callers that use one key at once get one task; other input is a conflict and takes its whole call with it", async () => {
  const { enqueueMany } = bind(enqueuer(() => undefined));
  const [first, second, other] = await Promise.allSettled([
    enqueueMany([request(1, "shared")]),
    enqueueMany([request(1, "shared")]),
    enqueueMany([request(10), request(11, "shared")]),
  ]);
  if (first?.status !== "fulfilled" || second?.status !== "fulfilled") throw new Error("refused");
  expect(second.value[0]!.taskId).toBe(first.value[0]!.taskId);
  expect(new Set([first, second].map((one) => one.value[0]!.deduplicated))).toEqual(new Set([false, true]));
  expect(other).toMatchObject({
    status: "rejected",
    reason: { issues: [{ code: "CONFLICT", path: ["1", "options", "idempotencyKey"] }] },
  });
  const rows = await parts.sql.run("select 1 from lovage.task where input->>'x' = '10'");
  expect(rows).toEqual([]);
});

function bind(one: Enqueuer) {
  return { enqueueMany: (requests: Parameters<Enqueuer["enqueueMany"]>[0]) => one.enqueueMany(requests) };
}

test("very many tasks are announced in parts", async () => {
  const sent: number[] = [];
  const hints = {
    send: async (some: readonly unknown[]) => {
      sent.push(some.length);
    },
  } as unknown as HintSender;
  const { enqueueMany } = bind(enqueuer(() => undefined, hints));
  const enqueued = await enqueueMany(Array.from({ length: 2_500 }, (_, x) => request(x)));
  expect(enqueued).toHaveLength(2_500);
  expect(sent).toEqual([1_000, 1_000, 500]);
});

test("where it is unknown whether a task exists, the error explains how to enqueue it again", async () => {
  const failing = (error: Error): Promise<unknown> =>
    enqueuer(() => {
      throw error;
    }).enqueueMany([request(1)]);
  await expect(failing(new UnavailableError("database"))).rejects.toThrow(
    "The database does not answer: nothing is confirmed. Try again soon. An enqueue with the same idempotencyKey makes no second task.",
  );
  const notSent = new UnavailableError("database", { reason: "POOL_FULL", message: "Not sent." });
  await expect(failing(notSent)).rejects.toThrow(/^Not sent\.$/);
  const refused = new UnavailableError("database", { reason: "SERVER_ERROR", message: "No space is left." });
  await expect(failing(refused)).rejects.toThrow(/^No space is left\.$/);
});

test("an enqueue whose outcome is unknown fails with the server's hint for operators", async () => {
  const lost = new UnavailableError("database", { reason: "CONNECTION_LOST", hint: "Look into the log." });
  const { enqueueMany } = bind(
    enqueuer(() => {
      throw lost;
    }),
  );
  await expect(enqueueMany([request(1)])).rejects.toMatchObject({
    reason: "CONNECTION_LOST",
    hint: "Look into the log.",
  });
});
