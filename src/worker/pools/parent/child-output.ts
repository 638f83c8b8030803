import type { Readable } from "node:stream";
import type { LogFields, Logger } from "../../../lib/log.ts";
import type { Secrets } from "../../../task/sensitive/sensitive.ts";
import { Allowance } from "./allowance.ts";
import { StreamHider } from "./stream-hider.ts";

const MAX_LINES_PER_SECOND = 100;
const MAX_LINE = 2_000;
const MAX_TAIL = 8 * 1024;
/** A line that does not end is written in parts, after so many characters or so many milliseconds of silence. */
const MAX_OPEN_LINE = 64 * 1024;
const SILENCE_MS = 250;

/** How long the last words of a dead child are waited for: what it started may hold its output open. */
export const LAST_WORDS_MS = 200;

/** What a child prints past its log: into the worker's log, bounded; and the end of it is kept, since a process that dies says why there. */
export class ChildOutput {
  #tail = "";
  readonly #allowance = new Allowance(MAX_LINES_PER_SECOND);
  readonly #stderr: StreamHider;

  constructor(
    private readonly message: string,
    /** Whose it is. */
    private readonly fields: LogFields,
    private readonly log: Logger,
    /** Values that must not be shown. */
    private readonly secrets: () => readonly Secrets[],
  ) {
    this.#stderr = new StreamHider(secrets);
  }

  /** The last it printed on its standard error, as the cause of its death. */
  get lastWords(): ErrorOptions {
    const text = (this.#tail + this.#stderr.peek()).trim();
    if (text === "") return {};
    const cause = new Error(headlineOf(text));
    cause.stack = `its standard error, the last of it:\n${text}`;
    return { cause };
  }

  read(stream: Readable, name: "stdout" | "stderr"): void {
    const hider = name === "stderr" ? this.#stderr : new StreamHider(this.secrets);
    let line = "";
    let silence: NodeJS.Timeout | undefined;
    const writeOpen = (): void => {
      this.#write(line, name);
      line = "";
    };
    // Hidden before the text is split into lines and before anything is cut: a value may have several lines.
    const take = (text: string): void => {
      clearTimeout(silence);
      if (name === "stderr") this.#tail = (this.#tail + text).slice(-MAX_TAIL);
      const lines = (line + text).split("\n");
      line = lines.pop()!;
      for (const one of lines.slice(0, MAX_LINES_PER_SECOND)) this.#write(one, name);
      if (line.length > MAX_OPEN_LINE) writeOpen();
      else if (line !== "") silence = setTimeout(writeOpen, SILENCE_MS).unref();
    };
    stream.setEncoding("utf8");
    stream.on("error", () => undefined); // It ends with the process, in whatever way.
    stream.on("data", (chunk: string) => take(hider.push(chunk)));
    stream.once("close", () => {
      take(hider.end());
      clearTimeout(silence);
      writeOpen();
    });
  }

  #write(line: string, stream: "stdout" | "stderr"): void {
    const text = line.trimEnd();
    if (text === "" || !this.#allowance.take()) return;
    const dropped = this.#allowance.takeRefused();
    const fields = { ...this.fields, stream, line: text.slice(0, MAX_LINE) };
    this.log.info(this.message, dropped > 0 ? { ...fields, droppedBefore: dropped } : fields);
  }
}

/** Under the line of code that threw, with a caret where; then comes the error. */
const CARETS = /^\s*\^+\s*$/;

/** What of its last words says best why a process died: the error that nothing caught, else what V8 gave up for, else their first line. */
function headlineOf(text: string): string {
  const lines = text.split("\n");
  const thrown = lines.slice(lines.findLastIndex((line) => CARETS.test(line)) + 1);
  const isThrown = thrown.length < lines.length;
  const first = (isThrown ? thrown : lines).find((line) => line.trim() !== "") ?? "";
  return (isThrown ? undefined : lines.find((line) => line.startsWith("FATAL ERROR: "))) ?? first;
}
