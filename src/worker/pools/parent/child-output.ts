import type { Readable } from "node:stream";
import { Allowance } from "../../../lib/async/allowance.ts";
import type { LogFields, Logger } from "../../../lib/log/log.ts";
import { hiddenStrings, hiderOf, overlapOf, SHORTEST_HIDDEN } from "../../../task/sensitive/hide-values.ts";
import { REDACTED, type Secrets } from "../../../task/sensitive/sensitive.ts";

const MAX_LINES_PER_SECOND = 100;
const MAX_LINE = 2_000;
const MAX_TAIL = 8 * 1024;
/**
 * A line without an end is written in parts: after this many characters, or after `SILENCE_MS`
 * without output.
 */
const MAX_OPEN_LINE = 64 * 1024;
const SILENCE_MS = 250;

/**
 * How long to wait for the last output of a dead child. Processes that it started may keep its
 * output open.
 */
export const LAST_OUTPUT_MS = 200;

/**
 * The output that a child prints without its log: written to the worker's log, limited in number
 * and size. The end of it is kept, since a process that dies prints why.
 */
export class ChildOutput {
  #tail = "";
  readonly #allowance = new Allowance(MAX_LINES_PER_SECOND);
  readonly #stderr: StreamHider;

  constructor(
    private readonly message: string,
    /** Fields that name the child. */
    private readonly fields: LogFields,
    private readonly log: Logger,
    /** Returns the values that must not be shown. */
    private readonly secrets: () => readonly Secrets[],
  ) {
    this.#stderr = new StreamHider(secrets);
  }

  /** The end of its standard error, as the cause of its death. */
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
    // Values are hidden before the output is split into lines or cut: a value may have several
    // lines.
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
    stream.on("error", () => undefined); // It ends with the child.
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

/** The line below the code that threw, with a caret below the position. The error follows it. */
const CARETS = /^\s*\^+\s*$/;

/**
 * Returns the line that best explains why a process died: the uncaught error, else V8's fatal
 * error, else the first line.
 */
function headlineOf(text: string): string {
  const lines = text.split("\n");
  const thrown = lines.slice(lines.findLastIndex((line) => CARETS.test(line)) + 1);
  const isThrown = thrown.length < lines.length;
  const first = (isThrown ? thrown : lines).find((line) => line.trim() !== "") ?? "";
  return (isThrown ? undefined : lines.find((line) => line.startsWith("FATAL ERROR: "))) ?? first;
}

/**
 * Hides values in a stream. A chunk may end within a value, so a possible start of one waits for
 * the next chunk.
 */
export class StreamHider {
  #waiting = "";

  constructor(private readonly secrets: () => readonly Secrets[]) {}

  /** Returns the part of the stream that can be shown now and was not returned before. */
  push(chunk: string): string {
    const text = this.#waiting + chunk;
    const secrets = this.secrets();
    const until = safeUntil(text, hiddenStrings(secrets));
    this.#waiting = text.slice(until);
    return hiderOf(...secrets)(text.slice(0, until));
  }

  /**
   * Returns the rest of the stream. The start of a value that was never completed is hidden too.
   */
  end(): string {
    const rest = this.#waiting;
    this.#waiting = "";
    return this.#shown(rest);
  }

  /** Returns what `end` would, without ending the stream. */
  peek(): string {
    return this.#shown(this.#waiting);
  }

  /** The rest is a start of values. A few characters reveal too little to be hidden. */
  #shown(rest: string): string {
    return rest.length < SHORTEST_HIDDEN ? rest : REDACTED;
  }
}

/**
 * Returns the length of the start that can be shown whatever follows: it ends neither within a
 * value nor within a start of one.
 */
function safeUntil(text: string, values: readonly string[]): number {
  let until = text.length - Math.max(0, ...values.map((value) => overlapOf(text, value)));
  for (let before = -1; before !== until;) {
    before = until;
    for (const value of values) {
      const at = text.indexOf(value, Math.max(0, until - value.length + 1));
      if (at !== -1 && at < until && at + value.length > until) until = at;
    }
  }
  return until;
}
