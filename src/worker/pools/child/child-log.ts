import { formatWithOptions } from "node:util";
import { Allowance } from "../../../lib/async/allowance.ts";
import type { LogFields, Logger } from "../../../lib/log/log.ts";
import { hideValues } from "../../../task/sensitive/hide-values.ts";
import type { Secrets } from "../../../task/sensitive/sensitive.ts";
import { fieldsText, hideFields, messageText } from "../../logs/log-text.ts";
import type { ChildLogLevel } from "../wire/protocol.ts";
import { type ChildChannel, MAX_PENDING } from "./channel.ts";

const MAX_RECORDS_PER_SECOND = 1_000;
const MAX_TEXT = 64 * 1024;

/** A record is cut only after its sensitive values were hidden. */
const UNCUT = { maxStringLength: null, breakLength: Infinity } as const;
const CONSOLE_LEVELS = {
  trace: "trace",
  debug: "debug",
  log: "info",
  info: "info",
  warn: "warn",
  error: "error",
} as const satisfies Readonly<Record<string, ChildLogLevel>>;

/** The attempt that a record belongs to. */
export interface LoggedAttempt {
  readonly run: number | null;
  /** Fields that name the attempt when it is not the current one. */
  readonly fields: LogFields;
}

const NO_ATTEMPT: LoggedAttempt = { run: null, fields: {} };

/**
 * A child's log. It sends every record to the worker, which writes it; limited in number and size.
 */
export class ChildLog implements Logger {
  readonly #allowance: Allowance;

  constructor(
    private readonly channel: ChildChannel,
    private readonly owner: () => LoggedAttempt = () => NO_ATTEMPT,
    /** Returns the values that no record may show. They are hidden here, before a record is cut. */
    private readonly secrets: () => readonly Secrets[] = () => [],
    private readonly bound: LogFields = {},
    allowance = new Allowance(MAX_RECORDS_PER_SECOND),
  ) {
    this.#allowance = allowance;
  }

  /** Returns the same log for the records of an owner. */
  of(owner: () => LoggedAttempt): ChildLog {
    return new ChildLog(this.channel, owner, this.secrets, this.bound, this.#allowance);
  }

  trace = (message: string, fields?: LogFields): void => this.#write("trace", message, fields);
  debug = (message: string, fields?: LogFields): void => this.#write("debug", message, fields);
  info = (message: string, fields?: LogFields): void => this.#write("info", message, fields);
  warn = (message: string, fields?: LogFields): void => this.#write("warn", message, fields);
  error = (message: string, fields?: LogFields): void => this.#write("error", message, fields);
  fatal = (message: string, fields?: LogFields): void => this.#write("fatal", message, fields);

  child(fields: LogFields): Logger {
    const bound = { ...this.bound, ...fields };
    return new ChildLog(this.channel, this.owner, this.secrets, bound, this.#allowance);
  }

  /** Redirects `console` to this log. */
  captureConsole(): void {
    for (const [method, level] of Object.entries(CONSOLE_LEVELS)) {
      Object.assign(console, {
        [method]: (...parts: unknown[]) => this.#write(level, formatWithOptions(UNCUT, ...parts)),
      });
    }
  }

  #write(level: ChildLogLevel, message: string, fields: LogFields = {}): void {
    if (this.channel.pending >= MAX_PENDING) return this.#allowance.refuse();
    if (!this.#allowance.take()) return;
    const dropped = this.#allowance.takeRefused();
    const { run, fields: ownerFields } = this.owner();
    const all = {
      ...ownerFields,
      ...this.bound,
      ...fields,
      ...(dropped > 0 ? { droppedBefore: dropped } : {}),
    };
    const secrets = this.secrets();
    this.channel.send({
      type: "log",
      run,
      level,
      message: messageText(hideValues(message, ...secrets), MAX_TEXT),
      fields: fieldsText(hideFields(all, ...secrets), MAX_TEXT) ?? "{}",
    });
  }
}
