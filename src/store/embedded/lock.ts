import { constants } from "node:fs";
import { lstat, open, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { StartError } from "../../errors.ts";
import { processLife } from "../../lib/process/process-life.ts";

interface Holder {
  readonly pid: number;
  /**
   * Distinguishes the process from others that had or will have its pid; empty if the system does
   * not report it.
   */
  readonly life: string;
  /** The host of the pid: each container has its own pids. */
  readonly host: string;
  readonly startedAt: string;
}

/** A process that has created a lock has also written it after this time. */
const WRITTEN_MS = 100;
/**
 * The guard of a replaced lock exists for milliseconds. An older one was left by a process that died
 * meanwhile.
 */
const GUARD_MS = 10_000;
const GUARD_LOOK_MS = 20;

/** Maximum size of a lock in bytes. */
const MAX_BYTES = 4_096;
/** Pids that name one process: to `kill`, 0 is the own group, and -1 is every process. */
const MAX_PID = 2 ** 31 - 1;

/**
 * Keeps a second process out of the embedded database's folder: two openers would corrupt it. The
 * lock of a dead process is replaced. That process may be unreaped, or another program may have its
 * pid by now.
 */
export class EmbeddedLock {
  readonly #file: string;
  #held = false;

  constructor(private readonly folder: string) {
    this.#file = join(folder, "lock");
  }

  /**
   * Needs the folder.
   *
   * @throws StartError (75) when another process holds it
   */
  async take(): Promise<void> {
    const [life, startedAt] = [(await processLife(process.pid)) ?? "", new Date().toISOString()];
    const mine: Holder = { pid: process.pid, life, host: hostname(), startedAt };
    while (!(await this.#tryTake(mine)));
    this.#held = true;
  }

  async release(): Promise<void> {
    if (!this.#held) return;
    this.#held = false;
    await rm(this.#file, { force: true });
  }

  async #tryTake(mine: Holder): Promise<boolean> {
    const text = JSON.stringify(mine);
    if (await create(this.#file, text)) return true;
    const found = await read(this.#file);
    if (found === null) return false; // Released since.
    const holder = parse(found);
    if (holder && (await isAlive(holder, mine))) throw inUse(this.folder, holder);
    if (!holder) await pause(WRITTEN_MS);
    return this.#replace(found, text);
  }

  /**
   * Replaces a dead lock with ours. Returns false when another process was first, or is doing it:
   * the caller tries again.
   */
  async #replace(dead: string, mine: string): Promise<boolean> {
    const guard = `${this.#file}.guard`;
    if (!(await create(guard, mine))) {
      const { mtimeMs } = await lstat(guard).catch(() => ({ mtimeMs: Date.now() }));
      if (Date.now() - mtimeMs > GUARD_MS) await rm(guard, { force: true });
      else await pause(GUARD_LOOK_MS);
      return false;
    }
    try {
      if ((await read(this.#file)) !== dead) return false;
      // Not written into the existing file: if that is a link, its target would be overwritten.
      await rename(guard, this.#file);
      return true;
    } finally {
      await rm(guard, { force: true });
    }
  }
}

/** Returns false when the file exists. */
async function create(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Returns null when the file is missing. Does not follow a link and does not wait for a pipe:
 * neither is a lock of ours.
 */
async function read(file: string): Promise<string | null> {
  try {
    await using handle = await open(file, NO_FOLLOW);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, null);
    return buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    if (code === "ELOOP" || code === "ENXIO") return "";
    throw error;
  }
}

/** Windows has neither flag. */
const NO_FOLLOW = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Returns null for a lock that a process left half written, and for a file that is not a lock. */
function parse(text: string): Holder | null {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    return isHolder(holder) ? holder : null;
  } catch {
    return null;
  }
}

function isHolder(value: Partial<Holder> | null): value is Holder {
  const { pid, host, startedAt } = value ?? {};
  if (!Number.isSafeInteger(pid) || pid! < 1 || pid! > MAX_PID) return false;
  return typeof host === "string" && typeof startedAt === "string" && !Number.isNaN(Date.parse(startedAt));
}

function inUse(folder: string, holder: Holder): StartError {
  return new StartError(
    `${folder} is in use by process ${holder.pid} since ${holder.startedAt}. The embedded database serves one process; ` +
      "stop the other one, choose another folder with LOVAGE_EMBEDDED_DIR, or set DATABASE_URL and REDIS_URL. " +
      `If that process ran on another host or container and is gone, delete ${join(folder, "lock")}.`,
    75,
  );
}

async function isAlive(holder: Holder, mine: Holder): Promise<boolean> {
  const isHere = holder.host === mine.host;
  // Two containers that share the folder may both have this pid.
  if (holder.pid === mine.pid && !isHere) return true;
  const life = await processLife(holder.pid);
  if (life === null) return false;
  if (isHere && holder.life && life) return life === holder.life;
  // After a restart of its container a process often has the pid of the one that was killed.
  return holder.pid !== mine.pid || Date.parse(holder.startedAt) >= Date.now() - process.uptime() * 1_000;
}
