import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

/** Bytes of memory that processes of this machine hold (resident set), by pid. Those that have ended are left out. */
export async function residentSets(pids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  if (pids.length === 0) return new Map();
  return process.platform === "linux" ? readAll(pids) : askPs(pids);
}

/** `status` and not `statm`: it counts in kB, whatever the size of a page is. It is made in memory, so that nothing waits for a disk. */
function readAll(pids: readonly number[]): ReadonlyMap<number, number> {
  const sets = new Map<number, number>();
  for (const pid of pids) {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readStatus(pid))?.[1];
    if (kilobytes !== undefined) sets.set(pid, Number(kilobytes) * 1024);
  }
  return sets;
}

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}

async function askPs(pids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const args = ["-o", "pid=,rss=", "-p", pids.join(",")];
  const { stdout } = await promisify(execFile)("ps", args).catch(() => ({ stdout: "" }));
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  return new Map(rows.flatMap(([pid, kilobytes]) => (kilobytes ? [[pid!, kilobytes * 1024]] : [])));
}
