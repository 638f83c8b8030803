import { createRequire } from "node:module";
import { pino, stdTimeFunctions, type DestinationStream } from "pino";
import type { PinoPretty } from "pino-pretty";
import { errorRecord } from "./error-record.ts";
import { isError, messageOf } from "../thrown.ts";

export type LogFields = Readonly<Record<string, unknown>>;
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevelName = (typeof LOG_LEVELS)[number];

/** From which level on a logger writes; it may change while everything runs. */
class LogThreshold {
  #rank: number;

  constructor(private current: LogLevelName) {
    this.#rank = LOG_LEVELS.indexOf(current);
  }

  get level(): LogLevelName {
    return this.current;
  }

  set level(level: LogLevelName) {
    this.current = level;
    this.#rank = LOG_LEVELS.indexOf(level);
  }

  /** @param rank index of the record's level in `LOG_LEVELS` */
  passes(rank: number): boolean {
    return rank >= this.#rank;
  }
}

/** Structured log: one record per call, the message first, facts as fields. */
export interface Logger {
  /**
   * What decides which records are written, for this logger and all its children. Loggers of others
   * need not have one.
   */
  readonly threshold?: {
    /** Records below it are dropped. */
    level: LogLevelName;
  };
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  fatal(message: string, fields?: LogFields): void;
  /** A logger whose every record carries these fields too. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  /** Records below this level are dropped. @default "info" */
  readonly level?: LogLevelName;
  /**
   * Lines for people instead of JSON: one for each record, but for the stack of an error.
   * @default true on a terminal
   */
  readonly pretty?: boolean;
  /**
   * IANA name of the zone of times in lines for people; JSON has UTC. @default that of the machine
   */
  readonly timeZone?: string;
  /** Where records go. @default stderr, so that stdout stays free for data */
  readonly destination?: DestinationStream;
}

/**
 * A record that is longer is not written: a task that logs its whole input must not fill the disk,
 * or block the process that logs.
 */
const MAX_RECORD = 256 * 1024;

/**
 * A logger on pino: JSON lines for machines, coloured lines on a terminal. Errors are expected
 * under the field `err`.
 */
export function createLogger(options: LoggerOptions = {}): Logger {
  const threshold = new LogThreshold(options.level ?? "info");
  const destination =
    options.destination ?? logDestination(options.pretty ?? process.stderr.isTTY, options.timeZone);
  const base = pino(
    {
      // The threshold decides: levels of pino are copied to children, and could not be changed for
      // those that there are.
      level: "trace",
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: recordErrors },
      // Done by then; that of pino copies all that hangs on an error.
      serializers: { err: (record: unknown) => record },
      hooks: { streamWrite: shorten },
    },
    destination,
  );
  return wrap(base, threshold);
}

/** A logger that drops every record. */
export const silentLogger: Logger = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  fatal: () => undefined,
  child: () => silentLogger,
};

/** Errors are shown by a list of what is harmless, in whichever field they are. */
function recordErrors(fields: Record<string, unknown>): Record<string, unknown> {
  const errors = Object.entries(fields).filter((entry): entry is [string, Error] => isError(entry[1]));
  if (errors.length === 0) return fields;
  return { ...fields, ...Object.fromEntries(errors.map(([name, error]) => [name, errorRecord(error)])) };
}

function shorten(record: string): string {
  if (record.length <= MAX_RECORD) return record;
  const start = record.slice(0, 1_000).toWellFormed();
  const time = new Date().toISOString();
  const msg = `A log record of ${record.length} characters was dropped; the limit is ${MAX_RECORD}. Log less, or a reference.`;
  return `${JSON.stringify({ level: "warn", time, start, msg })}\n`;
}

function logDestination(pretty: boolean, timeZone: string | undefined): DestinationStream {
  const stderr = pino.destination({ fd: 2, sync: true });
  // A log that cannot be written, as on a full disk, must not end what it is the log of.
  stderr.on("error", () => undefined);
  if (!pretty) return stderr;
  // Loaded when it is needed: servers write JSON, and so do most programs that only enqueue.
  const prettify = createRequire(import.meta.url)("pino-pretty") as typeof PinoPretty;
  // Swedes write times as ISO 8601 does.
  const clock = new Intl.DateTimeFormat("sv-SE", { timeStyle: "medium", ...(timeZone ? { timeZone } : {}) });
  return prettify({
    ...{ destination: stderr, singleLine: true, ignore: "pid,hostname" },
    translateTime: false, // The prettifier gets the time as it was logged.
    customPrettifiers: { time: (time) => `[${clock.format(new Date(time as string))}]` },
  });
}

function wrap(base: pino.Logger, threshold: LogThreshold): Logger {
  const write = (level: Exclude<LogLevelName, "silent">) => {
    const rank = LOG_LEVELS.indexOf(level);
    return (message: string, fields?: LogFields): void => {
      if (!threshold.passes(rank)) return;
      try {
        base[level](fields ?? {}, message);
      } catch (error) {
        // A field may be a getter that throws.
        base[level]({ fieldsProblem: messageOf(error) }, message);
      }
    };
  };
  return {
    threshold,
    trace: write("trace"),
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    fatal: write("fatal"),
    child: (fields) => wrap(base.child({ ...fields }), threshold),
  };
}
