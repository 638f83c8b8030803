import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { StartError } from "../errors.ts";

interface Holder {
  readonly pid: number;
  /** Where the pid means something: each container has its own pids. */
  readonly host: string;
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
    const mine: Holder = { pid: process.pid, host: hostname(), startedAt: new Date().toISOString() };
    for (;;) {
      try {
        await writeFile(this.#file, JSON.stringify(mine), { flag: "wx" });
        this.#held = true;
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const holder = await this.#holder();
      if (holder && isAlive(holder)) throw inUse(this.folder, holder);
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
      "stop the other one, choose another folder with LOVAGE_EMBEDDED_DIR, or set DATABASE_URL and REDIS_URL. " +
      `If that process ran on another host or container and is gone, delete ${join(folder, "lock")}.`,
    75,
  );
}

function isAlive({ pid, host, startedAt }: Holder): boolean {
  if (pid === process.pid) {
    // After a restart of its container a process often has the pid of the one that was killed.
    const before = Date.parse(startedAt) < Date.now() - process.uptime() * 1_000;
    return !(before && host === hostname());
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
