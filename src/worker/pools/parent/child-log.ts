import { formatWithOptions } from "node:util";
import type { LogFields, Logger } from "../../../lib/log.ts";
import { hideValues } from "../../../task/sensitive/hide-values.ts";
import type { Secrets } from "../../../task/sensitive/sensitive.ts";
import { fieldsText, hideFields, messageText } from "../../logs/log-text.ts";
import { Allowance } from "./allowance.ts";
import { type ChildChannel, MAX_PENDING } from "./child-channel.ts";
import type { ChildLogLevel } from "../wire/protocol.ts";

const MAX_RECORDS_PER_SECOND = 1_000;
const MAX_TEXT = 64 * 1024;

/** The record is cut when it is known what of it must be hidden. */
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
export interface LogOwner {
  readonly run: number | null;
  /** What the record must say by itself where it belongs to no attempt under way. */
  readonly fields: LogFields;
}

const NO_OWNER: LogOwner = { run: null, fields: {} };

/** A child's log: every record goes to the worker, which writes it. Bounded in number and size. */
export class ChildLog implements Logger {
  readonly #allowance: Allowance;

  constructor(
    private readonly channel: ChildChannel,
    private readonly owner: () => LogOwner = () => NO_OWNER,
    /** Values that no record may show. They are taken out here, before a record is cut. */
    private readonly secrets: () => readonly Secrets[] = () => [],
    private readonly bound: LogFields = {},
    allowance = new Allowance(MAX_RECORDS_PER_SECOND),
  ) {
    this.#allowance = allowance;
  }

  /** The same log, for records that belong to somebody. */
  of(owner: () => LogOwner): ChildLog {
    return new ChildLog(this.channel, owner, this.secrets, this.bound, this.#allowance);
  }

  trace = (message: string, fields?: LogFields): void => this.#write("trace", message, fields);
  debug = (message: string, fields?: LogFields): void => this.#write("debug", message, fields);
  info = (message: string, fields?: LogFields): void => this.#write("info", message, fields);
  warn = (message: string, fields?: LogFields): void => this.#write("warn", message, fields);
  error = (message: string, fields?: LogFields): void => this.#write("error", message, fields);
  fatal = (message: string, fields?: LogFields): void => this.#write("fatal", message, fields);

  child(fields: LogFields): Logger {
    return new ChildLog(
      this.channel,
      this.owner,
      this.secrets,
      { ...this.bound, ...fields },
      this.#allowance,
    );
  }

  /** Makes `console` write here. */
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
    const { run, fields: about } = this.owner();
    const all = { ...about, ...this.bound, ...fields, ...(dropped > 0 ? { droppedBefore: dropped } : {}) };
    const secrets = this.secrets();
    this.channel.send({
      ...{ type: "log", run, level },
      message: messageText(hideValues(message, ...secrets), MAX_TEXT),
      fields: fieldsText(hideFields(all, ...secrets), MAX_TEXT) ?? "{}",
    });
  }
}
