import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { MIB } from "../../../../src/lib/bytes.ts";
import { silentLogger } from "../../../../src/lib/log/log.ts";
import { PgDatabase } from "../../../../src/store/connection/pg-database.ts";
import { tempDir } from "../../../support/temp-dir.ts";

test(
  "the embedded database drops WAL that it needs no more while it runs",
  { timeout: 120_000 },
  async () => {
    await using folder = await tempDir("lovage-wal-");
    const database = new PgDatabase({ kind: "embedded", folder: folder.path }, silentLogger);
    await database.connect();
    try {
      const { sql } = database;
      const segments = async () => (await readdir(join(folder.path, "data/pg_wal"))).length;
      const fill = async () => {
        for (let round = 0; round < 6; round += 1)
          await sql.run("insert into bulk select repeat(md5(g::text), 40) from generate_series(1, 10000) g");
      };
      // What a start after a crash would have to read, and all that was ever written.
      const wal = async () => {
        const [row] = await sql.run<{ needed: number; written: number }>(
          "select (pg_current_wal_lsn() - redo_lsn)::float8 as needed, (pg_current_wal_lsn() - '0/0')::float8 as written from pg_control_checkpoint()",
        );
        return row!;
      };
      await sql.run("create table bulk (text text)");
      const begun = await wal();
      for (let round = 0; round < 3; round += 1) {
        await fill();
        await vi.waitFor(async () => expect((await wal()).needed).toBeLessThan(64 * MIB), {
          timeout: 60_000,
          interval: 200,
        });
      }
      expect((await wal()).written - begun.written).toBeGreaterThan(200 * MIB);
      // Of 4 MiB each.
      expect(await segments()).toBeLessThan(45);
    } finally {
      await database.close();
    }
  },
);
