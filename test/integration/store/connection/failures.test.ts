import { createServer } from "node:net";
import { expect, inject, onTestFinished, test } from "vitest";
import { UnavailableError } from "../../../../src/errors.ts";
import { silentLogger } from "../../../../src/lib/log/log.ts";
import { readDatabaseUrl } from "../../../../src/store/connection/database-url.ts";
import { LoginLimits, SessionRenewal } from "../../../../src/store/connection/sessions.ts";
import { databaseFailure, isAway, isConflict } from "../../../../src/store/connection/failures.ts";
import { LIMITS } from "../../../../src/store/connection/limits.ts";
import { PgPool } from "../../../../src/store/connection/pg-pool.ts";

/** As `pg` gives what the server sent. */
function serverError(code: string): Error {
  return Object.assign(new Error("not now"), { code, severity: "ERROR" });
}

test.each(["22021", "22P02", "23505", "23514", "21000", "44000", "54000", "P0001"])(
  "%s refuses the statement's values: it is thrown unchanged",
  (code) => {
    const error = serverError(code);
    expect(databaseFailure(error)).toBe(error);
    expect(databaseFailure(new Error("wrapped", { cause: error }))).toMatchObject({ message: "wrapped" });
  },
);

test.each([
  ...["08006", "0A000", "25006", "25P02", "26000", "28000", "28P01", "3D000", "42501", "42P01", "53100"],
  ...["53300", "55P03", "57014", "57P01", "57P05", "58030", "F0000", "XX000", "99ZZZ"],
])("%s does not concern the statement: it may be sent again", (code) => {
  const error = serverError(code);
  expect(databaseFailure(error)).toMatchObject({ name: "UnavailableError", answered: true, cause: error });
});

test("conflicts are distinguished: their transaction may be sent again at once", () => {
  for (const code of ["40001", "40P01"]) {
    expect([isConflict(serverError(code)), isAway(serverError(code))]).toEqual([true, false]);
  }
});

test("errors of anything but the database stay as they are", () => {
  for (const error of [new TypeError("bug"), new RangeError("Invalid string length"), "text", null]) {
    expect(databaseFailure(error)).toBe(error);
  }
});

/** Takes connections and says something that is not PostgreSQL. */
async function babbler(): Promise<number> {
  const server = createServer((socket) => socket.on("error", () => undefined).end("HTTP/1.1 400\r\n\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

function urlWith(change: (url: URL) => void): string {
  const url = new URL(inject("postgresUrl"));
  change(url);
  return url.href;
}

test.each([
  { what: "a role that does not exist", url: () => urlWith((url) => (url.username = "nobody_knows")) },
  { what: "a database that does not exist", url: () => urlWith((url) => (url.pathname = "/nowhere")) },
  { what: "TLS that the server lacks", url: () => urlWith((url) => (url.search = "?sslmode=require")) },
  { what: "a port that nobody listens on", url: () => urlWith((url) => (url.port = "1")) },
  { what: "a name that is not known", url: () => urlWith((url) => (url.hostname = "db.invalid")) },
  {
    what: "something else that listens",
    url: async () => {
      const port = await babbler();
      return urlWith((url) => (url.port = String(port)));
    },
  },
])("$what: no connection is an outage, whatever the reason", async ({ url }) => {
  const limits = { ...LIMITS, connectMs: 2_000 };
  const pool = new PgPool(
    readDatabaseUrl(await url()),
    { purpose: "for writes", max: 1 },
    limits,
    { renewal: new SessionRenewal(silentLogger), login: new LoginLimits(silentLogger) },
    silentLogger,
  );
  onTestFinished(() => pool.end());
  const error = await pool.connect().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ name: "ConnectionError", message: expect.stringMatching(/\w/) });
  expect(databaseFailure(error)).toBeInstanceOf(UnavailableError);
  expect(databaseFailure(error)).toMatchObject({ answered: false });
  // As the ORM copies it into errors of its own.
  expect(isAway(Object.assign(new Error("copy"), { ...(error as object) }))).toBe(true);
});
