import type { LogFields, Logger } from "../../lib/log/log.ts";
import { messageOf } from "../../lib/thrown.ts";
import type { TaskLogLevel } from "../../task/records/log-line.ts";
import { hideValues } from "../../task/sensitive/hide-values.ts";
import type { Secrets } from "../../task/sensitive/sensitive.ts";
import { hideFields, plainText } from "./log-text.ts";

/** Receives a record of a task's own log. */
export type KeepRecord = (level: TaskLogLevel, message: unknown, fields: LogFields | undefined) => void;

type Method = "trace" | "debug" | "info" | "warn" | "error" | "fatal";

/**
 * `ctx.log`: writes each record to the process's log and to the task's stored log. Never throws,
 * whatever is logged.
 */
export class RunLog implements Logger {
  constructor(
    private readonly base: Logger,
    private readonly keep: KeepRecord,
    /** Returns the values that no record may show. */
    private readonly secrets: () => Secrets,
    private readonly bound: LogFields | null = null,
  ) {}

  trace = (message: string, fields?: LogFields): void => this.#write("trace", "TRACE", message, fields);
  debug = (message: string, fields?: LogFields): void => this.#write("debug", "DEBUG", message, fields);
  info = (message: string, fields?: LogFields): void => this.#write("info", "INFO", message, fields);
  warn = (message: string, fields?: LogFields): void => this.#write("warn", "WARN", message, fields);
  error = (message: string, fields?: LogFields): void => this.#write("error", "ERROR", message, fields);
  fatal = (message: string, fields?: LogFields): void => this.#write("fatal", "FATAL", message, fields);

  child(fields: LogFields): Logger {
    const shown = this.#hides ? (hideFields(fields, this.secrets()) ?? {}) : fields;
    return new RunLog(this.base.child(shown), this.keep, this.secrets, { ...this.bound, ...shown });
  }

  get #hides(): boolean {
    return Object.keys(this.secrets()).length > 0;
  }

  #write(method: Method, level: TaskLogLevel, message: string, fields: LogFields | undefined): void {
    if (!this.#hides) return this.#put(method, level, message, fields);
    const secrets = this.secrets();
    this.#put(method, level, hideValues(plainText(message), secrets), hideFields(fields, secrets));
  }

  #put(method: Method, level: TaskLogLevel, message: string, fields: LogFields | undefined): void {
    try {
      this.base[method](message, fields);
    } catch (error) {
      // A field may be a getter that throws.
      this.base[method](message, { fieldsProblem: messageOf(error) });
    }
    this.keep(level, message, this.bound === null ? fields : { ...this.bound, ...fields });
  }
}
