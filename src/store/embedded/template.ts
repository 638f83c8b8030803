import { mkdirSync, writeFileSync } from "node:fs";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { zstdDecompress } from "node:zlib";
import { parseTar } from "nanotar";

/** Made by the build, for the build and for the sources. */
const TEMPLATE = new URL("../../../dist/embedded-template.tar.zst", import.meta.url);

/**
 * Reads a data folder with the migrations of the build applied, as a tar. initdb would take most of
 * a first start's time and memory. So all installations share the random system identifier of
 * initdb, which only replication compares.
 *
 * @returns null in a checkout that was not built
 */
export async function readTemplate(): Promise<Buffer | null> {
  try {
    return await promisify(zstdDecompress)(await readFile(TEMPLATE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/**
 * Makes the data folder from the template, unless a non-empty one exists. The folder gets its name
 * when it is complete: a process that dies before leaves only a draft, which the next start
 * replaces.
 *
 * @returns whether the folder was made; false also without a template: then PGlite runs initdb
 */
export async function unpackTemplate(dataFolder: string): Promise<boolean> {
  const draft = `${dataFolder}.new`;
  await rm(draft, { recursive: true, force: true });
  if (await hasEntries(dataFolder)) return false;
  const template = await readTemplate();
  if (template === null) return false;
  writeFiles(template, draft);
  await rename(draft, dataFolder);
  return true;
}

/**
 * Synchronous: nothing else of this process runs yet, and promises take three times as long for a
 * thousand small files.
 */
function writeFiles(tar: Uint8Array, folder: string): void {
  mkdirSync(folder, { mode: 0o700 });
  for (const { name, type, data } of parseTar(tar)) {
    const path = join(folder, name);
    const isFolder = type === "directory";
    mkdirSync(isFolder ? path : dirname(path), { recursive: true, mode: 0o700 });
    if (!isFolder) writeFileSync(path, data ?? "", { mode: 0o600, flag: "wx" });
  }
}

async function hasEntries(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
