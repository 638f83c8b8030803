import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PgTaskReader } from "../../../../src/store/reading/pg-task-reader.ts";
import { PgTaskStore } from "../../../../src/store/tasks/pg-task-store.ts";
import type { PageRequest, TaskOrder } from "../../../../src/store/reading/task-reader.ts";
import { DATABASES, type TestDatabase } from "../../../support/databases.ts";
import { newTask } from "../../../support/store-rows.ts";

const NEWEST_FIRST = { field: "CREATED_AT", direction: "DESC" } as const;

describe.each(DATABASES)("search on $kind", ({ open }) => {
  let opened: TestDatabase;
  const needles: string[] = [];
  beforeAll(async () => {
    opened = await open();
    const store = new PgTaskStore(opened.database.sql);
    // Of 5,000 rows every 500th is looked for, the oldest too.
    const rows = Array.from({ length: 5_000 }, (_, index) =>
      newTask({ input: { text: index % 500 === 0 ? "a Needle" : "hay" } }),
    );
    needles.push(
      ...rows
        .filter((_, index) => index % 500 === 0)
        .map(({ id }) => id)
        .reverse(),
    );
    await store.insert(rows, "each");
    await opened.database.sql.run(
      `update lovage.task set state = 'SUCCESS', queued_at = created_at, started_at = created_at,
              finished_at = created_at + interval '1 second' * mod(('x' || right(id::text, 6))::bit(24)::int, 50)`,
    );
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  /** A reader whose searches stop after their first step. */
  const hasty = (): PgTaskReader => {
    let now = 0;
    return new PgTaskReader(opened.database.orm, { searchMs: 1, monotonic: () => (now += 10) });
  };
  const page = async (reader: PgTaskReader, request: Partial<PageRequest>) =>
    (await reader.pages([{ filter: { search: "NEEDLE" }, order: NEWEST_FIRST, limit: 50, ...request }]))[0]!;

  test("looks at all rows while there is time, and reports it", async () => {
    const found = await page(new PgTaskReader(opened.database.orm), {});
    expect(found.rows.map(({ id }) => id)).toEqual(needles);
    expect(found).toMatchObject({ hasMore: false, searchedUntil: null });
  });

  test("a page that is full continues as any other", async () => {
    const reader = new PgTaskReader(opened.database.orm);
    const first = await page(reader, { limit: 3 });
    expect(first).toMatchObject({ hasMore: true, searchedUntil: null });
    const after = reader.cursorOf(first.rows.at(-1)!, NEWEST_FIRST);
    const second = await page(reader, { limit: 100, after });
    expect([...first.rows, ...second.rows].map(({ id }) => id)).toEqual(needles);
  });

  test.each<[name: string, order: TaskOrder, fromEnd: boolean]>([
    ["newest first", NEWEST_FIRST, false],
    ["oldest first", { field: "CREATED_AT", direction: "ASC" }, false],
    ["from the end", NEWEST_FIRST, true],
    ["by their end", { field: "FINISHED_AT", direction: "DESC" }, false],
    ["by their run time, from the end", { field: "RUN_TIME", direction: "ASC" }, true],
  ])("that reaches its time limit continues where it stopped: %s", async (_name, order, fromEnd) => {
    const reader = hasty();
    const found: string[] = [];
    let [pages, at] = [0, null as string | null];
    do {
      const place = at === null ? {} : { [fromEnd ? "before" : "after"]: at };
      const part = await page(reader, { order, fromEnd, ...place });
      const ids = part.rows.map(({ id }) => id);
      if (fromEnd) found.unshift(...ids);
      else found.push(...ids);
      at = part.searchedUntil;
      expect(part.hasMore).toBe(at !== null);
      pages += 1;
    } while (at !== null && pages < 20);
    const all = await page(new PgTaskReader(opened.database.orm), { order, fromEnd });
    expect(found).toEqual(all.rows.map(({ id }) => id));
    expect(found).toHaveLength(needles.length);
    // 5,000 rows in steps of 2,000, and the look that finds no more.
    expect(pages).toBe(4);
  });

  test("counts and facets cover the searched rows, and bulk actions search all", async () => {
    const filter = { search: "needle" };
    expect(await hasty().counts([filter, { names: ["none"] }], 100)).toEqual([
      { count: 4, isComplete: false },
      { count: 0, isComplete: true },
    ]);
    expect((await hasty().facets([filter], 100))[0]!.states).toEqual([{ value: "SUCCESS", count: 4 }]);
    expect(await hasty().ids(filter, 100)).toEqual(needles);
    expect(await hasty().ids(filter, 100, needles[3])).toEqual(needles.slice(4));
  });

  test("looks at the name, the id, and only the beginning of long values", async () => {
    const store = new PgTaskStore(opened.database.sql);
    const pad = randomBytes(60_000).toString("hex");
    const [near, far] = [newTask({ input: { a: "pin", pad } }), newTask({ input: { a: pad, pin: "pin" } })];
    await store.insert([near, far, newTask({ name: "pin.100%_made" })], "each");
    const reader = new PgTaskReader(opened.database.orm);
    const search = async (text: string) => (await page(reader, { filter: { search: text } })).rows;
    expect((await search("pin")).map(({ name }) => name)).toHaveLength(2);
    expect((await search("pin")).map(({ id }) => id)).not.toContain(far.id);
    expect(await search("100%_M")).toHaveLength(1);
    expect(await search("0%m")).toHaveLength(0);
    expect((await search(far.id)).map(({ id }) => id)).toEqual([far.id]);
  });

  test("a statement looks at few rows where they hold much", async () => {
    const store = new PgTaskStore(opened.database.sql);
    const big = Array.from({ length: 12 }, () =>
      newTask({ name: "test.big", input: { pad: randomBytes(400_000).toString("base64"), needle: 1 } }),
    );
    await store.insert(big, "each");
    const [first] = await hasty().pages([
      { filter: { search: "nowhere", names: ["test.big"] }, order: NEWEST_FIRST, limit: 10 },
    ]);
    // About 530 kB each, and 2 MiB a step.
    expect(JSON.parse(Buffer.from(first!.searchedUntil!, "base64url").toString())[2]).toBe(big.at(-4)!.id);
  });
});
