import { open, writeFile } from "node:fs/promises";
import { expect, vi } from "vitest";

export interface HistoryLine {
  readonly what: "begin" | "end";
  readonly id: string;
  readonly attempt: number;
  readonly pid: number;
  /** Milliseconds since 1970, by the clock of this machine. */
  readonly at: number;
}

/** What tasks wrote down: how often each began and ended, when, and by which process. */
export class History {
  readonly #lines: HistoryLine[] = [];
  #read = 0;
  #rest = "";
  #reading: Promise<void> = Promise.resolve();

  constructor(readonly path: string) {}

  async create(): Promise<void> {
    await writeFile(this.path, "");
  }

  /** One read at a time: two at once would both take the same lines in. */
  async lines(): Promise<readonly HistoryLine[]> {
    this.#reading = this.#reading.then(() => this.#readOn());
    await this.#reading;
    return this.#lines;
  }

  async begins(): Promise<HistoryLine[]> {
    return (await this.lines()).filter((line) => line.what === "begin");
  }

  async ends(): Promise<HistoryLine[]> {
    return (await this.lines()).filter((line) => line.what === "end");
  }

  /** Tasks that a process (any, if none is named) has begun and not ended. */
  async open(pid?: number): Promise<HistoryLine[]> {
    const mine = (await this.lines()).filter((line) => pid === undefined || line.pid === pid);
    const ended = new Set(mine.filter((line) => line.what === "end").map(keyOf));
    return mine.filter((line) => line.what === "begin" && !ended.has(keyOf(line)));
  }

  /** How many more times tasks began than there are tasks. */
  async doubled(): Promise<number> {
    const begins = await this.begins();
    return begins.length - new Set(begins.map((line) => line.id)).size;
  }

  /** Resolves when so many ends are written. */
  async waitForEnds(count: number, timeout = 120_000): Promise<void> {
    await vi.waitFor(async () => expect((await this.ends()).length).toBeGreaterThanOrEqual(count), {
      timeout,
      interval: 20,
    });
  }

  /**
   * Milliseconds from a moment to the first begin after it (by a process, if one is named);
   * resolves when there is one.
   */
  async resumedAfter(moment: number, timeout = 120_000, pid?: number): Promise<number> {
    return vi.waitFor(
      async () => {
        const next = (await this.begins()).find(
          (line) => line.at > moment && (pid === undefined || line.pid === pid),
        );
        expect(next, "no task began after the fault").toBeDefined();
        return next!.at - moment;
      },
      { timeout, interval: 20 },
    );
  }

  async #readOn(): Promise<void> {
    await using file = await open(this.path);
    const { size } = await file.stat();
    if (size === this.#read) return;
    const { buffer } = await file.read(Buffer.alloc(size - this.#read), 0, size - this.#read, this.#read);
    this.#read = size;
    const lines = (this.#rest + buffer.toString("latin1")).split("\n");
    this.#rest = lines.pop()!;
    for (const line of lines) this.#lines.push(parse(line));
  }
}

function parse(line: string): HistoryLine {
  const [what, id, attempt, pid, at] = line.split(" ");
  return {
    what: what as HistoryLine["what"],
    id: id!,
    attempt: Number(attempt),
    pid: Number(pid),
    at: Number(at),
  };
}

function keyOf({ id, attempt, pid }: HistoryLine): string {
  return `${id} ${attempt} ${pid}`;
}
