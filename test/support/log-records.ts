import type { Child } from "./child.ts";

/** What a process has logged so far, oldest first; with the setting `LOVAGE_LOG_FORMAT=json`. */
export function records({ stderrLines }: Child): Readonly<Record<string, unknown>>[] {
  return stderrLines
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}
