import { readFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import type { Child } from "../../support/child.ts";

/** Linux counts CPU time in hundredths of a second, whatever the kernel's own clock. */
const TICK_MS = 10;
const MINUTE_MS = 60_000;

/**
 * How busy processes are, from now on: `percent` resolves with the share of one core that each had,
 * in the processes' order.
 */
export async function watchCpu(pids: readonly number[]): Promise<{ percent(): Promise<number[]> }> {
  const [startedAt, before] = [performance.now(), await Promise.all(pids.map(cpuMs))];
  return {
    percent: async () => {
      const after = await Promise.all(pids.map(cpuMs));
      const elapsed = performance.now() - startedAt;
      return after.map((ms, index) => (100 * (ms - before[index]!)) / elapsed);
    },
  };
}

/**
 * What a worker logs of each task that ends, up to 100 lines a second: they grow with the tasks,
 * not with the fault.
 */
const ENDS: ReadonlySet<string> = new Set(["Task ended", "More tasks ended in the same second"]);

/**
 * The most records that a process has logged within one minute besides the ends of tasks, by the
 * times in the records.
 */
export function busiestMinute(child: Child): number {
  const times = child.stderrLines.flatMap((line) => timeOf(line) ?? []);
  return Math.max(
    0,
    ...times.map((from) => times.filter((at) => at >= from && at < from + MINUTE_MS).length),
  );
}

async function cpuMs(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name, in brackets, may hold anything; utime and stime are the 14th and 15th of all.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function timeOf(line: string): number | null {
  if (!line.startsWith("{")) return null;
  const { time, msg } = JSON.parse(line) as { time: string; msg: string };
  if (ENDS.has(msg)) return null;
  const at = Date.parse(time);
  return Number.isNaN(at) ? null : at;
}
