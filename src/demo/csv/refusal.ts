import { FatalError } from "../../index.ts";

interface Refusal {
  /** As in the input, never resolved: callers must not learn the location of the folder. */
  readonly path: string;
  /** First line of the invalid record, from 1. */
  readonly line?: number;
  /** The problem: `expected <rule>, got <value>`. */
  readonly rule: string;
  /** What to do about it. */
  readonly remedy: string;
  readonly cause?: unknown;
}

/** The error of a file that another attempt cannot read either. */
export function refusal({ path, line, rule, remedy, cause }: Refusal): FatalError {
  const where = line === undefined ? "" : `, line ${line}`;
  return new FatalError(
    `path ${quote(path)}${where}: ${rule}. ${remedy}`,
    cause === undefined ? {} : { cause },
  );
}

/** A value for messages: shortened, on one line, control characters escaped. */
export function quote(text: string): string {
  return JSON.stringify((text.length > 80 ? `${text.slice(0, 79)}…` : text).toWellFormed());
}
