import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { epochOf } from "../../../../src/store/tasks/rows.ts";
import { DATABASES, type TestDatabase } from "../../../support/databases.ts";

// Every kind of fraction that floating-point seconds can be short of: whole milliseconds and
// microseconds, around now and far away.
const MOMENTS = `
  select timestamptz '2026-11-25' + (i * 7919) * interval '1 millisecond' as at from generate_series(1, 20000) i
  union all select timestamptz '2026-11-25' + (i * 104729) * interval '1 microsecond' from generate_series(1, 20000) i
  union all select timestamptz '2199-12-31' + i * interval '1 microsecond' from generate_series(1, 20000) i
  union all select timestamptz '1969-12-31T23:59:59.999999Z'`;

describe.each(DATABASES)("times on $kind", ({ open }) => {
  let opened: TestDatabase;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  test("are read as the whole milliseconds that they are in, however they are counted", async () => {
    const rows = await opened.database.sql.run<{ at: number; exact: string }>(
      `select ${epochOf("at")}, floor(extract(epoch from t.at) * 1000)::text as exact from (${MOMENTS}) t`,
    );
    expect(rows).toHaveLength(60_001);
    expect(rows.filter(({ at, exact }) => at !== Number(exact))).toEqual([]);
    expect(rows.at(-1)!.at).toBe(-1);
  });
});
