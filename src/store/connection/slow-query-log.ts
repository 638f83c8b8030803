import type { LogEvent } from "kysely";
import { MINUTE, SECOND } from "../../lib/clock.ts";
import type { Logger } from "../../lib/log/log.ts";
import { LogLimit } from "../../lib/log/log-limit.ts";

/** Kinds of statements that have their own limit; further kinds share one. */
const MAX_KINDS = 200;
const OTHER = "other";

/**
 * Logs slow statements: one record per kind and minute. A kind is the verb and the table, so that
 * no value of a statement gets into the log.
 *
 * @param slowMs duration from which a statement is slow
 */
export function slowQueryLog(log: Logger, slowMs = SECOND): (event: LogEvent) => void {
  const limits = new Map<string, LogLimit>();
  const limitOf = (kind: string): LogLimit => {
    const key = limits.has(kind) || limits.size < MAX_KINDS ? kind : OTHER;
    const limit = limits.get(key) ?? new LogLimit(MINUTE);
    limits.set(key, limit);
    return limit;
  };
  return ({ queryDurationMillis, query }) => {
    if (queryDurationMillis < slowMs) return;
    const statement = kindOfStatement(query.sql);
    const ms = Math.round(queryDurationMillis);
    limitOf(statement).pass((heldBack) =>
      log.warn("Slow statement", { statement, ms, ...(heldBack > 0 ? { heldBack } : {}) }),
    );
  };
}

const CHANGE =
  /\b(insert\s+into|delete\s+from|(?<!\b(?:for|do|key)\s+)update)\s+("?[a-z_]\w*"?(?:\."?\w+"?)?)/i;
const READ = /\bfrom\s+("?[a-z_]\w*"?(?:\."?\w+"?)?)/i;
const FIRST_WORD = /^\W*(\w{1,20})/;

/**
 * `update lovage.task`: the verb and the table of a statement, also of one that begins with common
 * table expressions.
 */
export function kindOfStatement(sql: string): string {
  const change = CHANGE.exec(sql);
  if (change) return plain(`${change[1]!} ${change[2]!}`);
  const verb = FIRST_WORD.exec(sql)?.[1] ?? OTHER;
  const table = READ.exec(sql)?.[1];
  return plain(table === undefined ? verb : `${verb === "with" ? "select" : verb} ${table}`);
}

function plain(words: string): string {
  return words.replaceAll('"', "").replaceAll(/\s+/g, " ").toLowerCase().slice(0, 80);
}
