import { FatalError } from "../../index.ts";

interface Refusal {
  /** As the caller gave it, never the resolved one: where the folder lies is not the caller's business. */
  readonly path: string;
  /** Line of the file, from 1, on which the offending record begins. */
  readonly line?: number;
  /** What is the case and what must be. */
  readonly rule: string;
  /** What to do about it. */
  readonly remedy: string;
  readonly cause?: unknown;
}

/** The error for a file that no further attempt will read better. */
export function refusal({ path, line, rule, remedy, cause }: Refusal): FatalError {
  const place = line === undefined ? "" : `, line ${line}`;
  return new FatalError(
    `path ${quote(path)}${place}: ${rule}. ${remedy}`,
    cause === undefined ? {} : { cause },
  );
}

/** A value as it appears in messages: short, on one line, control characters escaped. */
export function quote(text: string): string {
  return JSON.stringify((text.length > 80 ? `${text.slice(0, 79)}…` : text).toWellFormed());
}
