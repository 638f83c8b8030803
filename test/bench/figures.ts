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
export async function peakRssMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024);
}
