import { readFile } from "node:fs/promises";
import { expect, vi } from "vitest";

/** What tasks wrote down: how often each began and ended, and by which process. */
export class Ledger {
  constructor(readonly path: string) {}

  async ends(): Promise<{ readonly id: string; readonly pid: number }[]> {
    return (await this.#lines())
      .filter((line) => line[0] === "end")
      .map(([, id, pid]) => ({ id: id!, pid: Number(pid) }));
  }

  async begins(): Promise<{ readonly id: string; readonly pid: number }[]> {
    return (await this.#lines())
      .filter((line) => line[0] === "begin")
      .map(([, id, pid]) => ({ id: id!, pid: Number(pid) }));
  }

  /** Resolves when so many ends are written. */
  async waitForEnds(count: number): Promise<void> {
    await vi.waitFor(async () => expect((await this.ends()).length).toBeGreaterThanOrEqual(count), {
      timeout: 60_000,
      interval: 10,
    });
  }

  async #lines(): Promise<string[][]> {
    const text = await readFile(this.path, "utf8").catch(() => "");
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split(" "));
  }
}
