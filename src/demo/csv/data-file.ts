import { constants } from "node:fs";
import { lstat, open, readlink, realpath, type FileHandle } from "node:fs/promises";
import { isAbsolute, join, relative, sep, win32 } from "node:path";
import { FatalError } from "../../index.ts";
import { quote, refusal } from "./refusal.ts";

const USE_ANOTHER = 'Use the path of a file below the data folder, such as "orders/2026.csv".';
const NOT_REGULAR = "expected a regular file, got a device or pipe";
const SET_FOLDER = "Set it to the folder with the CSV files and restart the worker.";

/**
 * Opens a regular file below the data folder for reading. Follows links that stay in the folder.
 *
 * @param folder value of `LOVAGE_DATA_DIR`
 * @param path relative to the folder
 * @throws FatalError when the folder is not set, or the path does not name a readable file in it
 */
export async function openDataFile(
  folder: string | undefined,
  path: string,
): Promise<{ handle: FileHandle; size: number }> {
  const root = await resolveFolder(folder);
  checkPath(path);
  const target = await realpath(join(root, path)).catch((error: unknown) => fail(path, error));
  if (!isInside(root, target)) {
    throw refusal({
      path,
      rule: "expected a file in the data folder, got a link out of it",
      remedy: USE_ANOTHER,
    });
  }
  // Does not follow a link that has just replaced the file, and does not wait for the writer of a
  // pipe.
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
  if (!folder) throw new FatalError(`LOVAGE_DATA_DIR: expected a folder, got none. ${SET_FOLDER}`);
  try {
    return await realpath(folder);
  } catch (error) {
    throw new FatalError(
      `LOVAGE_DATA_DIR: expected a readable folder, got ${quote(folder)} (${codeOf(error)}). ${SET_FOLDER}`,
      {
        cause: error,
      },
    );
  }
}

/** Refuses paths that can never be valid. Links are checked later, by their targets. */
function checkPath(path: string): void {
  const rule = brokenRule(path);
  if (rule !== null) throw refusal({ path, rule, remedy: USE_ANOTHER });
}

function brokenRule(path: string): string | null {
  if (path === "") return "expected the path of a file, got an empty string";
  if (path.includes("\0")) return "expected a file name, got a NUL character";
  // The rules of POSIX and Windows apply on both, so that a path has the same meaning on both.
  if (isAbsolute(path) || win32.isAbsolute(path) || /^[a-z]:/i.test(path)) {
    return "expected a path relative to the data folder, got an absolute one";
  }
  if (path.split(/[\\/]/).includes(".."))
    return 'expected a path without "..", which could leave the data folder';
  return null;
}

function isInside(root: string, target: string): boolean {
  const way = relative(root, target);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Checks the opened file. The path may name another file by now. */
async function checkOpened(handle: FileHandle, root: string, target: string, path: string): Promise<number> {
  const stats = await handle.stat();
  if (stats.isDirectory())
    throw refusal({ path, rule: "expected a file, got a folder", remedy: USE_ANOTHER });
  if (!stats.isFile()) throw refusal({ path, rule: NOT_REGULAR, remedy: USE_ANOTHER });
  if (await isOpenedInside(handle, root, target)) return stats.size;
  throw new Error(
    `path ${quote(path)}: the file was replaced while it was opened. Another attempt may succeed.`,
  );
}

/** Detects a folder of the path that was replaced by a link between the check and the opening. */
async function isOpenedInside(handle: FileHandle, root: string, target: string): Promise<boolean> {
  // Linux reports the location of the opened file, whatever happens to the path.
  const location = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => null);
  if (location !== null) return isInside(root, location);
  // Other systems have no such report: a second check detects one replacement, but not two at the
  // wrong times.
  const [again, opened] = await Promise.all([realpath(target), handle.stat({ bigint: true })]);
  const named = await lstat(again, { bigint: true });
  return again === target && named.dev === opened.dev && named.ino === opened.ino;
}

const RULES: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file in the data folder",
  ENOTDIR: "expected a folder in the path, got a file",
  EISDIR: "expected a file, got a folder",
  ELOOP: "expected a file, got a circle of links",
  ENAMETOOLONG: "expected a shorter path",
  EACCES: "the worker has no right to read it",
  EPERM: "the worker has no right to read it",
  ENXIO: NOT_REGULAR,
};

function fail(path: string, error: unknown): never {
  const code = codeOf(error);
  const rule = RULES[code];
  if (rule !== undefined) throw refusal({ path, rule, remedy: USE_ANOTHER, cause: error });
  throw new Error(`path ${quote(path)}: cannot open the file now (${code}).`, { cause: error });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
