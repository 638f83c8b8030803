import { readFile } from "node:fs/promises";

export interface Figure {
  readonly what: string;
  readonly value: string;
  readonly target: string;
}

/** Figures as a table in Markdown. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, value, target }) => `| ${what} | ${value} | ${target} |`);
  return ["| what | measured | target |", "|---|---|---|", ...rows].join("\n");
}

export function perSecond(count: number, milliseconds: number): string {
  return `${Math.round((count / milliseconds) * 1_000).toLocaleString("en")}/s`;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/** The largest resident set that a process has had, in MB (Linux). */
export function peakRssMb(pid: number): Promise<number> {
  return statusMb(pid, "VmHWM");
}

/** The resident set that a process has now, in MB (Linux). */
export function rssMb(pid: number): Promise<number> {
  return statusMb(pid, "VmRSS");
}

async function statusMb(pid: number, field: string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) / 1024);
}

/** CPU time that a process has used, in seconds (Linux, which counts it in hundredths). */
export async function cpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name, in brackets, may hold anything; utime and stime are the 14th and 15th of all.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
