import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { ConfigError } from "../errors.ts";

/** What `DATABASE_URL` says beyond what the ORM reads of it. */
export interface DatabaseTarget {
  /** `host:port/name`, without user and password: for people. */
  readonly label: string;
  /** How to encrypt the connection; null = not at all. */
  readonly tls: ConnectionOptions | null;
}

const SSL_MODES = ["disable", "require", "verify-ca", "verify-full"] as const;
/** Parameters that name a file for TLS, and what it is to Node. */
const FILES = { sslrootcert: "ca", sslcert: "cert", sslkey: "key" } as const;

/**
 * Reads a `postgres://` URL. Its `sslmode` means what it means to `psql`: the ORM's own reader passes over it, and would connect in the
 * clear where TLS was asked for. Messages never hold the password.
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
  return { label, tls };
}

function readTls(parameters: URLSearchParams, report: (problem: string) => void): ConnectionOptions | null {
  const named = parameters.get("sslmode");
  const mode = SSL_MODES.find((known) => known === named);
  if (named !== null && mode === undefined) {
    report(`has the sslmode ${JSON.stringify(named.slice(0, 40))}. Take one of ${SSL_MODES.join(", ")}.`);
  }
  if (mode === undefined || mode === "disable") return null;
  return {
    ...readFiles(parameters, report),
    rejectUnauthorized: mode !== "require",
    ...(mode === "verify-full" ? {} : { checkServerIdentity: () => undefined }),
  };
}

function readFiles(parameters: URLSearchParams, report: (problem: string) => void): ConnectionOptions {
  const files: Record<string, string> = {};
  for (const [name, option] of Object.entries(FILES)) {
    const path = parameters.get(name);
    if (path === null) continue;
    try {
      files[option] = readFileSync(path, "utf8");
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? "unreadable";
      report(
        `names the ${name} ${JSON.stringify(path)}, which cannot be read (${reason}). Correct the path.`,
      );
    }
  }
  return files;
}

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}
