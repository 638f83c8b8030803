import type { ConnectionOptions } from "node:tls";
import { ConfigError } from "../errors.ts";
import { readTlsFiles } from "../lib/tls-parameters.ts";

/** What `DATABASE_URL` says. */
export interface DatabaseTarget {
  /** `host:port/name`, without user and password: for people. */
  readonly label: string;
  /** As `pg` takes it; what is not in the URL is left to its own defaults. Holds the password: not for logs. */
  readonly connection: DatabaseConnection;
  /** How to encrypt the connection; null = not at all. */
  readonly tls: ConnectionOptions | null;
}

interface DatabaseConnection {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
}

const SSL_MODES = ["disable", "require", "verify-ca", "verify-full"] as const;

/**
 * Reads a `postgres://` URL. Its `sslmode` means what it means to `psql`: the readers of the ORM and of `pg` differ from that, and the
 * first would connect in the clear where TLS was asked for. Messages never hold the password.
 *
 * @throws ConfigError that lists every mistake
 */
export function readDatabaseUrl(text: string): DatabaseTarget {
  const url = URL.parse(text);
  if (!url)
    throw new ConfigError([
      "DATABASE_URL is no valid URL. Write it as postgres://user:password@host:5432/name.",
    ]);
  const problems: string[] = [];
  const report = (problem: string): void => void problems.push(`DATABASE_URL ${problem}`);
  const label = `${url.hostname}:${url.port || "5432"}${url.pathname}`;
  if (![url.username, url.password, url.hostname, url.pathname].every(isDecodable)) {
    report('holds a "%" that encodes nothing. Write it as %25.');
  }
  if (url.pathname.replace("/", "") === "") {
    report(`names no database. Add its name, such as postgres://user:password@host:5432/lovage.`);
  }
  const tls = readTls(url.searchParams, report);
  if (problems.length > 0) throw new ConfigError(problems);
  return { label, connection: readConnection(url), tls };
}

function readConnection(url: URL): DatabaseConnection {
  const given = {
    // An IPv6 address stands in brackets only within a URL.
    host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, "$1"),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname).replace(/^\//, ""),
  };
  const port = url.port === "" ? {} : { port: Number(url.port) };
  return { ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== "")), ...port };
}

function readTls(parameters: URLSearchParams, report: (problem: string) => void): ConnectionOptions | null {
  const named = parameters.get("sslmode");
  const mode = SSL_MODES.find((known) => known === named);
  if (named !== null && mode === undefined) {
    report(`has the sslmode ${JSON.stringify(named.slice(0, 40))}. Take one of ${SSL_MODES.join(", ")}.`);
  }
  if (mode === undefined || mode === "disable") return null;
  return {
    ...readTlsFiles(parameters, report),
    rejectUnauthorized: mode !== "require",
    ...(mode === "verify-full" ? {} : { checkServerIdentity: () => undefined }),
  };
}

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}
