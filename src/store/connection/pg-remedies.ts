/** What to do about an error of PostgreSQL, by its SQLSTATE or the beginning of that; the first that fits. */
const REMEDIES: readonly (readonly [code: string, remedy: string])[] = [
  [
    "25006",
    "Connect to the primary, or make the role writable: ALTER ROLE <name> SET default_transaction_read_only = off;",
  ],
  ["28", "Check the user and password in DATABASE_URL, and pg_hba.conf."],
  ["3D000", "Create the database, or change DATABASE_URL."],
  ["42501", "Grant the role what it lacks; `lovage doctor` lists it."],
  ["3F000", "Run `lovage migrate`, or wait until a restore has ended."],
  ["42", "Run `lovage migrate`, or wait until a restore has ended."],
  ["53100", "Free space on the disk of the server."],
  ["53300", "Raise max_connections there, or end what holds connections."],
  ["57P03", "Wait until it has started."],
  ["08P01", "Check that DATABASE_URL leads to PostgreSQL, and the settings of a pooler in between."],
];

/** What to do about an error of the server with this SQLSTATE. */
export function remedyFor(code: string): string {
  return REMEDIES.find(([start]) => code.startsWith(start))?.[1] ?? "Look into the log of PostgreSQL.";
}
