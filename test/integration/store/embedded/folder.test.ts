import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { silentLogger } from "../../../../src/lib/log/log.ts";
import { EmbeddedLock } from "../../../../src/store/embedded/lock.ts";
import { prepareFolder } from "../../../../src/store/embedded/folder.ts";
import { PgDatabase } from "../../../../src/store/connection/pg-database.ts";
import { tempDir } from "../../../support/temp-dir.ts";

async function place(): Promise<string> {
  const folder = await tempDir("lovage-folder-");
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return folder.path;
}

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

async function openOnce(folder: string): Promise<string> {
  const database = new PgDatabase({ kind: "embedded", folder }, silentLogger);
  await database.connect();
  try {
    await database.migrate();
    const [row] = await database.sql.run<{ id: string; migrations: number }>(
      "select system_identifier::text as id, (select count(*)::int from lovage.migration) as migrations from pg_control_system()",
    );
    return `${row!.id} ${row!.migrations}`;
  } finally {
    await database.close();
  }
}

test.skipIf(process.platform === "win32")(
  "a new folder and all that is in it are for this user only, and no history of a project takes it in",
  async () => {
    const folder = join(await place(), "deep", ".lovage");
    await openOnce(folder);
    expect(await modeOf(folder)).toBe("700");
    expect(await modeOf(join(folder, "data"))).toBe("700");
    expect(await modeOf(join(folder, "data/PG_VERSION"))).toBe("600");
    expect(await readFile(join(folder, ".gitignore"), "utf8")).toBe("*\n");
  },
);

test.skipIf(process.platform === "win32")("a lock is for this user only", async () => {
  const folder = await place();
  const lock = new EmbeddedLock(folder);
  await lock.take();
  expect(await modeOf(join(folder, "lock"))).toBe("600");
  await lock.release();
});

test.skipIf(process.platform === "win32")(
  "a folder that others can look into is closed to them",
  async () => {
    const folder = await place();
    await mkdir(join(folder, "data"));
    await chmod(folder, 0o755);
    await chmod(join(folder, "data"), 0o755);
    await prepareFolder(folder, silentLogger);
    expect([await modeOf(folder), await modeOf(join(folder, "data"))]).toEqual(["700", "700"]);
  },
);

test.skipIf(process.platform === "win32")(
  "a folder that holds other things keeps its mode and gets no .gitignore; the data are closed",
  async () => {
    const folder = await place();
    await writeFile(join(folder, "package.json"), "{}");
    await mkdir(join(folder, "data"), { mode: 0o755 });
    await chmod(folder, 0o755);
    await prepareFolder(folder, silentLogger);
    expect([await modeOf(folder), await modeOf(join(folder, "data"))]).toEqual(["755", "700"]);
    expect(await readdir(folder)).toEqual(["data", "package.json"]);
  },
);

test("a .gitignore of the user's stays", async () => {
  const folder = await place();
  await writeFile(join(folder, ".gitignore"), "lock\n");
  await prepareFolder(folder, silentLogger);
  expect(await readFile(join(folder, ".gitignore"), "utf8")).toBe("lock\n");
});

test.skipIf(process.platform === "win32")(
  "a .gitignore that is a link has nothing written through it",
  async () => {
    const folder = await place();
    const target = join(await place(), "precious");
    await symlink(target, join(folder, ".gitignore"));
    await prepareFolder(folder, silentLogger);
    await expect(stat(target)).rejects.toThrow("ENOENT");
  },
);

test("a start that died while it unpacked leaves nothing half done, and an empty data folder is none", async () => {
  const folder = await place();
  await mkdir(join(folder, "data.new", "base"), { recursive: true });
  await writeFile(join(folder, "data.new", "PG_VERSION"), "1");
  await mkdir(join(folder, "data"));
  const first = await openOnce(folder);
  expect(await readdir(folder)).toEqual([".gitignore", "data"]);
  expect(await openOnce(folder)).toBe(first);
});

test("data that are there are opened and never replaced, also beside a draft of another start", async () => {
  const folder = await place();
  await openOnce(folder);
  await mkdir(join(folder, "data.new"));
  await writeFile(join(folder, "data", "mark"), "");
  await openOnce(folder);
  expect(await readdir(join(folder, "data"))).toContain("mark");
  await rm(join(folder, "data"), { recursive: true });
  await openOnce(folder);
  expect(await readdir(join(folder, "data"))).not.toContain("mark");
});
