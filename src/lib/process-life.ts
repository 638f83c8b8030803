import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

/**
 * Tells this life of a process from every other one that has had its pid, or will have it, on this machine; null when nothing runs
 * under that pid (a zombie does not), and an empty text when something does and the system does not say since when.
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

/** Ticks since the boot, and which boot that was. */
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
    return exists(pid) ? "" : null; // It ended in this moment; or it is someone else's, and hidden.
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
