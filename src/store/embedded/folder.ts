import { chmod, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Logger } from "../../lib/log.ts";

/** What Lovage keeps in the folder of the embedded database. */
const OURS: ReadonlySet<string> = new Set(["data", "data.new", "lock", "lock.guard", ".gitignore"]);
const PRIVATE = 0o700;

/**
 * Makes the folder of the embedded database, for this user alone: inputs and outputs of tasks are in it. One that exists and lets others in
 * is closed to them. A folder that also holds what is not Lovage's, such as a project's, keeps its mode, and gets no `.gitignore`: there,
 * only the data are closed.
 */
export async function prepareFolder(folder: string, log: Logger): Promise<void> {
  await makeFolders(folder);
  const names = await readdir(folder);
  if (names.includes("data")) await close(join(folder, "data"), log);
  if (names.some((name) => !OURS.has(name))) return;
  await close(folder, log);
  // Closed before anything is written: inputs of tasks do not belong into the history of a project.
  if (!names.includes(".gitignore")) await writeNew(join(folder, ".gitignore"), "*\n");
}

/** Not `mkdir` with `recursive`: Node 24 repeats it forever if the parent exists and still returns ENOENT, as `/proc` does. */
async function makeFolders(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: PRIVATE });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const parent = dirname(folder);
    // A folder that exists, or a link to one, is fine. What else is there fails when it is read.
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
  // Windows has no such bits: there, a folder has the access rules of its parent.
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
