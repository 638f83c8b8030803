import { ConfigError } from "../errors.ts";

/** Where a Redis is and how to get in. Holds the password: never log it; `label` is for people. */
export interface RedisTarget {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly tls: boolean;
  readonly username: string | null;
  readonly password: string | null;
  /** `host:port`, without secrets. */
  readonly label: string;
}

const FORM =
  "Write it as redis://user:password@host:port/database (rediss:// for TLS), e.g. redis://127.0.0.1:6379.";
const DEFAULT_PORT = 6379;

/**
 * Reads a `redis://` or `rediss://` URL. Messages never hold its password.
 *
 * @param name what messages call it
 * @throws ConfigError that lists every mistake
 */
export function parseRedisUrl(text: string, name = "REDIS_URL"): RedisTarget {
  if (!/^rediss?:\/\//.test(text)) {
    throw new ConfigError([`${name} must start with redis:// or rediss://, got "${maskUrl(text)}". ${FORM}`]);
  }
  const url = URL.parse(text);
  if (!url || url.hostname === "") {
    const hint = 'Characters such as "#", "/", "@" and "%" in a password must be percent-encoded.';
    throw new ConfigError([`${name} is no valid URL: "${maskUrl(text)}". ${FORM} ${hint}`]);
  }
  const problems: string[] = [];
  const target = targetOf(url, (problem) => problems.push(`${name} ${problem}`));
  if (problems.length > 0) throw new ConfigError(problems);
  return target;
}

/** A URL as people may see it: without user and password, and not too long. */
export function maskUrl(text: string): string {
  const masked = text.replace(/\/\/.*@/s, "//***@");
  return masked.length > 80 ? `${masked.slice(0, 80)}…` : masked;
}

function targetOf(url: URL, report: (problem: string) => void): RedisTarget {
  if (url.search !== "") report(`takes no parameters, got "${url.search.slice(0, 40)}". Remove them.`);
  if (url.hash !== "") report('holds a "#". Write it as %23.');
  const database = url.pathname.replace(/^\//, "");
  if (!/^\d{0,5}$/.test(database)) {
    report(`names the database "${database.slice(0, 40)}"; it must be a number, e.g. /0. Correct the path.`);
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? DEFAULT_PORT : Number(url.port);
  return {
    host,
    port,
    db: Number(database),
    tls: url.protocol === "rediss:",
    username: decode(url.username, report),
    password: decode(url.password, report),
    label: `${url.hostname}:${port}`,
  };
}

function decode(part: string, report: (problem: string) => void): string | null {
  if (part === "") return null;
  try {
    return decodeURIComponent(part);
  } catch {
    report('holds a "%" that encodes nothing in its user or password. Write it as %25.');
    return null;
  }
}
