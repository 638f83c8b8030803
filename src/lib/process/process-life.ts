import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/**
 * Returns a string that distinguishes a running process from every other one with the same pid on
 * this machine. Returns null if no process has the pid (a zombie does not count), and an empty
 * string if one has it but the system does not report its start.
 */
export async function processLife(pid: number): Promise<string | null> {
  if (!exists(pid)) return null;
  if (process.platform === "linux") return linuxLife(pid);
  if (process.platform === "win32") return "";
  return posixLife(pid);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Returns the id of the boot and the start time in ticks since then. */
async function linuxLife(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The second field, the name, may hold anything, also spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, startedAt] = [fields[0], fields[19]];
    if (state === "Z" || state === "X") return null;
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
    return `${boot.trim()} ${startedAt}`;
  } catch {
    return exists(pid) ? "" : null; // It has just ended, or belongs to another user and is hidden.
  }
}

async function posixLife(pid: number): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-o", "stat=,lstart=", "-p", String(pid)], {
      env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
    });
    const [state = "", ...startedAt] = stdout.trim().split(/\s+/);
    return state === "" || state.startsWith("Z") ? null : startedAt.join(" ");
  } catch {
    return exists(pid) ? "" : null;
  }
}
