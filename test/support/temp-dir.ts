import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cleanUpAfterDeath } from "./child.ts";

export interface TempDir extends AsyncDisposable {
  /** Absolute path without symbolic links. */
  readonly path: string;
}

/**
 * A new empty folder that only this user can read. Disposing removes it with everything in it; so
 * does the end of this process, even by SIGKILL.
 * @param prefix Begins the folder's name. Default `lovage-`.
 * @param parent Where it is made. Default: the system's temporary folder.
 */
export async function tempDir(prefix = "lovage-", parent = tmpdir()): Promise<TempDir> {
  const path = await realpath(await mkdtemp(join(parent, prefix)));
  const cleanUp = cleanUpAfterDeath({ dir: path });
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
      cleanUp.cancel();
    },
  };
}
