// Makes dist/embedded-template.tar.zst: a data folder of the embedded database with every migration
// applied. The first start unpacks it instead of running initdb. Runs after tsc, on the build
// itself, and does nothing while its inputs are unchanged.
import crypto from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { constants, zstdCompressSync } from "node:zlib";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const target = join(root, "dist/embedded-template.tar.zst");
const stampFile = join(root, "dist/.embedded-template-stamp");
const migrations = join(root, "dist/store/migrations");

const stamp = fingerprint([
  fileURLToPath(import.meta.url),
  join(dirname(createRequire(import.meta.url).resolve("@electric-sql/pglite")), "pglite.wasm"),
  ...readdirSync(migrations)
    .filter((name) => name.endsWith(".js"))
    .sort()
    .map((name) => join(migrations, name)),
]);
if (existsSync(target) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) process.exit(0);

// An older template must not be what the migrations below are applied to.
rmSync(target, { force: true });
makeReproducible();
const folder = mkdtempSync(join(tmpdir(), "lovage-template-"));
try {
  const tar = await makeTar(folder);
  const params = {
    [constants.ZSTD_c_compressionLevel]: 17,
    [constants.ZSTD_c_checksumFlag]: 1,
  };
  writeFileSync(target, zstdCompressSync(tar, { params }));
  writeFileSync(stampFile, stamp);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

function fingerprint(files) {
  const hash = crypto.createHash("sha256");
  for (const file of files) hash.update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

/**
 * The same sources give the same bytes: the clock stands still, and random bytes are fixed. initdb
 * uses both for the identifier of the system and for the nonce of logins to roles that do not
 * exist: nothing can log in to an embedded database.
 */
function makeReproducible() {
  const at = Date.UTC(2026, 0, 1);
  const RealDate = Date;
  globalThis.Date = class extends RealDate {
    constructor(...values) {
      super(...(values.length === 0 ? [at] : values));
    }
    static now() {
      return at;
    }
  };
  const commonJs = createRequire(import.meta.url)("node:crypto");
  commonJs.randomFillSync = (bytes) => bytes.fill(7);
}

async function makeTar(folder) {
  const { PGlite } = await import("@electric-sql/pglite");
  const { createTar } = await import("nanotar");
  const { PgDatabase } = await import("../dist/store/connection/pg-database.js");
  const dataDir = join(folder, "data");
  // The first segment of the WAL is part of the template: small ones keep it, and every new folder,
  // small.
  await (await PGlite.create({ dataDir, initDbStartParams: ["--wal-segsize=4"] })).close();

  const { silentLogger } = await import("../dist/lib/log/log.js");
  const database = new PgDatabase({ kind: "embedded", folder }, silentLogger);
  await database.connect();
  await database.migrate();
  await database.close();

  // Used segments of the WAL are not kept for use again: they are full of what is not needed any
  // more.
  const startParams = [...PGlite.defaultStartParams, "-c", "wal_recycle=off"];
  const pglite = await PGlite.create({ dataDir, startParams });
  // Two thirds of the files belong to databases that nothing ever connects to.
  await pglite.exec(
    "update pg_database set datistemplate = false where datname in ('template0', 'template1')",
  );
  await pglite.exec("drop database template0");
  await pglite.exec("drop database template1");
  await pglite.exec("vacuum (freeze, analyze)");
  await pglite.exec("select pg_switch_wal()");
  await pglite.exec("checkpoint");
  await pglite.close();

  const files = readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(dataDir.length + 1).replaceAll("\\", "/");
      return entry.isDirectory() ? { name } : { name, data: readFileSync(path) };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return createTar(files, { attrs: { mtime: Date.now(), mode: "600", uid: 0, gid: 0 } });
}
