import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { UnavailableError } from "../../../../src/errors.ts";
import { silentLogger } from "../../../../src/lib/log/log.ts";
import { PgDatabase } from "../../../../src/store/connection/pg-database.ts";
import { SessionRenewal } from "../../../../src/store/connection/sessions.ts";
import { freshDatabase } from "../../../support/servers/global-servers.ts";

afterEach(() => void vi.useRealTimers());

/** A clock that stands still but for what the test adds. */
function setUp() {
  vi.useFakeTimers({ toFake: ["performance", "Date"] });
  const warn = vi.fn();
  return {
    renewal: new SessionRenewal({ ...silentLogger, warn }),
    warn,
    later: (ms: number) => vi.advanceTimersByTime(ms),
  };
}

test("one read-only session makes all that started before suspect, and none that starts after", () => {
  const { renewal, warn, later } = setUp();
  const old = performance.now();
  later(1_000);
  expect(renewal.isSuspect(old)).toBe(false);
  expect(renewal.note("25006", old)).toBe(true);
  expect([renewal.isSuspect(old), renewal.isSuspect(performance.now())]).toEqual([true, false]);
  expect(warn).toHaveBeenCalledTimes(1);
});

test("where PostgreSQL stays read-only, sessions are not made again for each statement", () => {
  const { renewal, warn, later } = setUp();
  later(1_000);
  let made = 0;
  let begunAt = 0;
  for (let statement = 0; statement < 1_000; statement += 1) {
    later(10);
    if (!renewal.note("25006", begunAt)) continue;
    begunAt = performance.now();
    made += 1;
  }
  expect(made).toBeLessThanOrEqual(20);
  expect(made).toBeGreaterThan(10);
  expect(warn).toHaveBeenCalledTimes(1);
});

test.each([
  ["08P01", true],
  ["0A000", true],
  ["25P02", true],
  ["26000", true],
  ["42P05", true],
  ["57P01", true],
  ["XX000", true],
  ["57014", false],
  ["23505", false],
  ["40001", false],
  ["42501", false],
  ["53100", false],
])("a session that answered %s ends: %s; the others stay", (code, ends) => {
  const { renewal } = setUp();
  expect(renewal.note(code, 0)).toBe(ends);
  expect(renewal.isSuspect(0)).toBe(false);
});

test("sessions that became read-only are left, all of them, after the first statement that meets it", async () => {
  const fresh = await freshDatabase();
  onTestFinished(() => fresh.drop());
  const database = new PgDatabase({ kind: "postgresql", url: fresh.url, poolSize: 5 }, silentLogger);
  onTestFinished(() => database.close());
  await database.connect();
  await database.migrate();
  // All five at once, each on a connection of its own.
  await Promise.all(
    Array.from({ length: 5 }, () =>
      database.sql.run("select set_config('default_transaction_read_only', 'on', false), pg_sleep(0.6)"),
    ),
  );
  await expect(database.checkWrite()).rejects.toThrow(UnavailableError);
  for (let statement = 0; statement < 10; statement += 1) await database.checkWrite();
});
