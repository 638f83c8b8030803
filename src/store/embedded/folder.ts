import { chmod, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Logger } from "../../lib/log/log.ts";

/** Lovage's own entries in the folder of the embedded database. */
const OURS: ReadonlySet<string> = new Set(["data", "data.new", "lock", "lock.guard", ".gitignore"]);
const PRIVATE = 0o700;

/**
 * Makes the folder of the embedded database, for this user alone: it contains inputs and outputs of
 * tasks. An existing folder is closed to other users. A folder with other files, such as a project,
 * keeps its mode and gets no `.gitignore`: only its data folder is closed.
 */
export async function prepareFolder(folder: string, log: Logger): Promise<void> {
  await makeFolders(folder);
  const names = await readdir(folder);
  if (names.includes("data")) await close(join(folder, "data"), log);
  if (names.some((name) => !OURS.has(name))) return;
  await close(folder, log);
  // Written before anything else: inputs of tasks do not belong in the history of a project.
  if (!names.includes(".gitignore")) await writeNew(join(folder, ".gitignore"), "*\n");
}

/**
 * Not `mkdir` with `recursive`: Node 24 repeats it forever if the parent exists and still returns
 * ENOENT, as `/proc` does.
 */
async function makeFolders(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: PRIVATE });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const parent = dirname(folder);
    // An existing folder, or a link to one, is fine. Any other file fails when it is read.
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || parent === folder || (await exists(parent))) throw error;
    await makeFolders(parent);
    await mkdir(folder, { mode: PRIVATE });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function close(folder: string, log: Logger): Promise<void> {
  // Windows has no mode bits: there, a folder inherits the access rules of its parent.
  if (process.platform === "win32") return;
  const { mode } = await stat(folder);
  if ((mode & 0o077) === 0) return;
  try {
    await chmod(folder, PRIVATE);
    log.info("Other users could look into the folder of the embedded database; it is closed to them now", {
      folder,
    });
  } catch (error) {
    log.warn(
      "Other users can look into the folder of the embedded database, and its mode cannot be changed",
      {
        folder,
        err: error,
      },
    );
  }
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
