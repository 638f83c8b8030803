import { constants } from "node:fs";
import { lstat, open, readlink, realpath, type FileHandle } from "node:fs/promises";
import { isAbsolute, join, relative, sep, win32 } from "node:path";
import { FatalError } from "../../index.ts";
import { quote, refusal } from "./refusal.ts";

const GIVE_ANOTHER = 'Give the path of a file below the data folder, such as "orders/2026.csv".';
const NO_REGULAR_FILE = "it is a device or pipe and must be a regular file";
const SET_FOLDER = "Set it to the folder that holds the CSV files and restart the worker.";

/**
 * Opens a regular file below the data folder for reading. Links are followed as long as they stay in the folder.
 *
 * @param folder value of `LOVAGE_DATA_DIR`
 * @param path relative to the folder
 * @throws FatalError when the folder is not set, or the path is not that of a readable file in it
 */
export async function openDataFile(
  folder: string | undefined,
  path: string,
): Promise<{ handle: FileHandle; size: number }> {
  const root = await resolveFolder(folder);
  checkPath(path);
  const target = await realpath(join(root, path)).catch((error: unknown) => fail(path, error));
  if (!isInside(root, target)) {
    throw refusal({ path, rule: "it is a link that leads out of the data folder", remedy: GIVE_ANOTHER });
  }
  // No following of a link that took the file's place just now, and no waiting for the writer of a pipe.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(target, flags).catch((error: unknown) => fail(path, error));
  try {
    return { handle, size: await checkOpened(handle, root, target, path) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function resolveFolder(folder: string | undefined): Promise<string> {
  if (!folder)
    throw new FatalError(`LOVAGE_DATA_DIR is not set, so there is no folder to read from. ${SET_FOLDER}`);
  try {
    return await realpath(folder);
  } catch (error) {
    throw new FatalError(
      `LOVAGE_DATA_DIR is ${quote(folder)}, which cannot be opened (${codeOf(error)}). ${SET_FOLDER}`,
      {
        cause: error,
      },
    );
  }
}

/** Refuses by the text alone what could never be right; links are judged later, by where they lead. */
function checkPath(path: string): void {
  const rule = brokenRule(path);
  if (rule !== null) throw refusal({ path, rule, remedy: GIVE_ANOTHER });
}

function brokenRule(path: string): string | null {
  if (path === "") return "it is empty and must name a file";
  if (path.includes("\0")) return "it holds a NUL character, which no file name can";
  // Both systems' rules on both: a path that means another place elsewhere is a mistake here too.
  if (isAbsolute(path) || win32.isAbsolute(path) || /^[a-z]:/i.test(path)) {
    return "it is absolute and must be relative to the data folder";
  }
  if (path.split(/[\\/]/).includes("..")) return 'it has a ".." part, which could leave the data folder';
  return null;
}

function isInside(root: string, target: string): boolean {
  const way = relative(root, target);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Judges the opened file, not the path, which may mean another file by now. */
async function checkOpened(handle: FileHandle, root: string, target: string, path: string): Promise<number> {
  const stats = await handle.stat();
  if (stats.isDirectory())
    throw refusal({ path, rule: "it is a folder and must be a file", remedy: GIVE_ANOTHER });
  if (!stats.isFile()) throw refusal({ path, rule: NO_REGULAR_FILE, remedy: GIVE_ANOTHER });
  if (await isOpenedInside(handle, root, target)) return stats.size;
  throw new Error(
    `path ${quote(path)}: the file was replaced while it was opened. Another attempt may find it at rest.`,
  );
}

/** Finds out a folder on the way that was swapped for a link between the check of the path and the opening. */
async function isOpenedInside(handle: FileHandle, root: string, target: string): Promise<boolean> {
  // Linux knows where the opened file lies, whatever happens to the path.
  const place = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => null);
  if (place !== null) return isInside(root, place);
  // Executor a second look has to do: it finds out one swap, and not two at just the wrong moments.
  const [again, opened] = await Promise.all([realpath(target), handle.stat({ bigint: true })]);
  const named = await lstat(again, { bigint: true });
  return again === target && named.dev === opened.dev && named.ino === opened.ino;
}

const RULES: Readonly<Record<string, string>> = {
  ENOENT: "no such file in the data folder",
  ENOTDIR: "a part of it before the last is a file and must be a folder",
  EISDIR: "it is a folder and must be a file",
  ELOOP: "it runs in a circle of links",
  ENAMETOOLONG: "it is longer than a path can be",
  EACCES: "the worker may not read it",
  EPERM: "the worker may not read it",
  ENXIO: NO_REGULAR_FILE,
};

function fail(path: string, error: unknown): never {
  const code = codeOf(error);
  const rule = RULES[code];
  if (rule !== undefined) throw refusal({ path, rule, remedy: GIVE_ANOTHER, cause: error });
  throw new Error(`path ${quote(path)}: the file cannot be opened now (${code}).`, { cause: error });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
