import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * For a task in a process apart, which works in a test's folder: waits until the test opens a gate
 * of this name.
 */
export async function passGate(name: string, signal: AbortSignal): Promise<void> {
  while (!existsSync(name)) await sleep(20, undefined, { signal });
}

export function openGate(folder: string, name: string): Promise<void> {
  return writeFile(join(folder, name), "");
}
