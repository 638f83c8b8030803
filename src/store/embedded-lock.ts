import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StartError } from "../errors.ts";

interface Holder {
  readonly pid: number;
  readonly startedAt: string;
}

/**
 * Keeps a second process away from the embedded database's folder: two openers would corrupt it. A lock whose process is gone (it was
 * killed) is taken over.
 */
export class EmbeddedLock {
  readonly #file: string;
  #held = false;

  constructor(private readonly folder: string) {
    this.#file = join(folder, "lock");
  }

  /** @throws StartError (75) when another process holds the folder */
  async take(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const mine: Holder = { pid: process.pid, startedAt: new Date().toISOString() };
    for (;;) {
      try {
        await writeFile(this.#file, JSON.stringify(mine), { flag: "wx" });
        this.#held = true;
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const holder = await this.#holder();
      if (holder && isAlive(holder.pid)) throw inUse(this.folder, holder);
      await rm(this.#file, { force: true });
    }
  }

  async release(): Promise<void> {
    if (!this.#held) return;
    this.#held = false;
    await rm(this.#file, { force: true });
  }

  async #holder(): Promise<Holder | null> {
    try {
      return JSON.parse(await readFile(this.#file, "utf8")) as Holder;
    } catch {
      return null; // Half written by a process that died, or released this moment.
    }
  }
}

function inUse(folder: string, holder: Holder): StartError {
  return new StartError(
    `${folder} is in use by process ${holder.pid} since ${holder.startedAt}. The embedded database serves one process; ` +
      "stop the other one, choose another folder with LOVAGE_EMBEDDED_DIR, or set DATABASE_URL and REDIS_URL.",
    75,
  );
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
