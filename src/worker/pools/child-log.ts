import { format } from "node:util";
import type { LogFields, Logger } from "../../lib/log.ts";
import { Allowance } from "./allowance.ts";
import type { ChildChannel } from "./child-channel.ts";
import type { ChildLogLevel } from "./protocol.ts";

const MAX_RECORDS_PER_SECOND = 1_000;
/** A loop that never waits lets nothing leave this process: records beyond these are dropped, or they would fill its memory. */
const MAX_PENDING = 1_000;
const MAX_TEXT = 64 * 1024;

const CONSOLE_LEVELS = {
  trace: "trace",
  debug: "debug",
  log: "info",
  info: "info",
  warn: "warn",
  error: "error",
} as const satisfies Readonly<Record<string, ChildLogLevel>>;

/** A child's log: every record goes to the worker, which writes it. Bounded in number and size. */
export class ChildLog implements Logger {
  readonly #allowance: Allowance;

  constructor(
    private readonly channel: ChildChannel,
    private readonly bound: LogFields = {},
    allowance = new Allowance(MAX_RECORDS_PER_SECOND),
  ) {
    this.#allowance = allowance;
  }

  trace = (message: string, fields?: LogFields): void => this.#write("trace", message, fields);
  debug = (message: string, fields?: LogFields): void => this.#write("debug", message, fields);
  info = (message: string, fields?: LogFields): void => this.#write("info", message, fields);
  warn = (message: string, fields?: LogFields): void => this.#write("warn", message, fields);
  error = (message: string, fields?: LogFields): void => this.#write("error", message, fields);
  fatal = (message: string, fields?: LogFields): void => this.#write("fatal", message, fields);

  child(fields: LogFields): Logger {
    return new ChildLog(this.channel, { ...this.bound, ...fields }, this.#allowance);
  }

  /** Makes `console` write here. @param current fields that tell what runs now */
  captureConsole(current: () => LogFields): void {
    for (const [method, level] of Object.entries(CONSOLE_LEVELS)) {
      Object.assign(console, {
        [method]: (...parts: unknown[]) => this.#write(level, format(...parts), current()),
      });
    }
  }

  #write(level: ChildLogLevel, message: string, fields: LogFields = {}): void {
    if (this.channel.pending >= MAX_PENDING) return this.#allowance.refuse();
    if (!this.#allowance.take()) return;
    const dropped = this.#allowance.takeRefused();
    const all = { ...this.bound, ...fields, ...(dropped > 0 ? { droppedBefore: dropped } : {}) };
    this.channel.send({ type: "log", level, message: cut(message), fields: encode(all) });
  }
}

/** Plain JavaScript may pass anything as a message. */
function cut(message: unknown): string {
  const text = typeof message === "string" ? message : format(message);
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}

/** Fields as JSON. What JSON cannot hold must not end a task that only wanted to log it. */
function encode(fields: LogFields): string {
  try {
    const text = JSON.stringify(fields, (_key, value: unknown) =>
      value instanceof Error ? { type: value.name, message: value.message, stack: value.stack } : value,
    );
    return text.length <= MAX_TEXT
      ? text
      : JSON.stringify({ fieldsStart: text.slice(0, 1_000).toWellFormed() });
  } catch (error) {
    return JSON.stringify({ fieldsProblem: String(error) });
  }
}
