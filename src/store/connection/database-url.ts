import type { ConnectionOptions } from "node:tls";
import { ConfigError } from "../../errors.ts";
import {
  decodePart,
  ENCODE_REMEDY,
  readParameters,
  type ServiceUrl,
  showHost,
  splitServiceUrl,
} from "../../lib/net/service-url.ts";
import { readTlsParameters, TLS_MODES, TLS_PARAMETERS } from "../../lib/net/tls-parameters.ts";
import { checkDatabaseParameters, readConnectTimeout } from "./database-parameters.ts";

/** The contents of `DATABASE_URL`. */
export interface DatabaseTarget {
  /** `host:port/name`, without user and password: for people. */
  readonly label: string;
  /**
   * Options of `pg`; its defaults apply to parts that are not in the URL. Contains the password:
   * not for logs.
   */
  readonly connection: DatabaseConnection;
  /** How to encrypt the connection; null = not at all. */
  readonly tls: ConnectionOptions | null;
  /**
   * Whether to refuse a server that does not prove that it is the other end of this TLS session.
   */
  readonly requiresChannelBinding: boolean;
  /** Timeout of a connection in milliseconds; undefined for Lovage's default. */
  readonly connectMs: number | undefined;
}

interface DatabaseConnection {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
  readonly options?: string;
  readonly application_name?: string;
  readonly sslnegotiation?: "direct";
  readonly enableChannelBinding?: true;
}

type Parameters = ReadonlyMap<string, string>;
type Report = (problem: string) => void;
type Environment = Readonly<Record<string, string | undefined>>;

const MODE_REMEDY =
  "Write sslmode=verify-full, or sslmode=require to trust any server, or sslmode=disable alone for no TLS.";
const EXAMPLE = "postgres://user:password@host:5432/name";

/**
 * Environment variables that libpq reads for parameters that the URL lacks, other than those that
 * `pg` reads itself.
 */
const VARIABLES: Readonly<Record<string, string>> = {
  PGSSLMODE: "sslmode",
  PGSSLROOTCERT: "sslrootcert",
  PGSSLCERT: "sslcert",
  PGSSLKEY: "sslkey",
  PGSSLCRL: "sslcrl",
};

/**
 * Reads a URL of PostgreSQL as libpq does: each parameter has the meaning that it has for `psql`,
 * or is refused by name. The parsers of the ORM and of `pg` differ: they ignore unknown parameters,
 * and connect without TLS although it was requested. Messages never contain the password.
 *
 * @param name its name in messages
 * @throws ConfigError that lists every mistake
 */
export function readDatabaseUrl(
  text: string,
  name = "DATABASE_URL",
  env: Environment = process.env,
): DatabaseTarget {
  const url = splitServiceUrl(text);
  if (!url || !/^postgres(?:ql)?$/.test(url.scheme) || !isName(url.path)) {
    throw new ConfigError([
      `${name}: expected a URL such as ${EXAMPLE}, got a string of ${text.length} characters. ${ENCODE_REMEDY}`,
    ]);
  }
  const problems: string[] = [];
  const report = (problem: string): void => void problems.push(`${name} ${problem}`);
  const parameters = readParameters(url.query, report);
  checkDatabaseParameters(parameters, report);
  const target = readTarget(url, parameters, report);
  const tls = readTls(parameters, env, report);
  if (tls && target.host?.startsWith("/")) {
    report("asks for TLS and names a Unix socket, which has none. Remove sslmode, or name a host.");
  }
  const session = readSession(parameters, tls !== null, report);
  const connectMs = readConnectTimeout(parameters, report);
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    label: labelOf(target, env),
    // The name to check in the certificate: `pg` sets it only if the host is not an address.
    tls: tls && { ...tls, host: hostOf(target, env) },
    connectMs,
    connection: { ...target, ...session },
    requiresChannelBinding: parameters.get("channel_binding") === "require",
  };
}

/**
 * Returns the host. Without one in the URL, `pg` reads it from PGHOST, as libpq does; so it does
 * with the other parts.
 */
function hostOf({ host }: DatabaseConnection, env: Environment): string {
  return host ?? (env["PGHOST"] || "localhost");
}

function labelOf(target: DatabaseConnection, env: Environment): string {
  const port = target.port ?? Number(env["PGPORT"] || 5432);
  return `${showHost(hostOf(target, env), port)}/${target.database}`;
}

/** Returns whether a path of a URL is empty, or a slash and one name. */
function isName(path: string): boolean {
  return /^(?:\/[^/]*)?$/.test(path) && decodePart(path) !== null;
}

/**
 * Returns host, port, user, password and database: from the URL's own parts, else from its
 * parameters.
 */
function readTarget(
  url: ServiceUrl,
  parameters: Parameters,
  report: Report,
): Pick<DatabaseConnection, "host" | "port" | "user" | "password" | "database"> {
  const [first] = url.hosts;
  const parts = {
    host: first?.host ?? null,
    port: first?.port?.toString() ?? null,
    user: url.username,
    password: url.password,
    dbname: decodePart(url.path.slice(1)) || null,
  };
  const given = (name: keyof typeof parts): string | undefined => {
    if (parts[name] !== null && parameters.has(name))
      report(`names the ${name} twice: before the "?" and as a parameter. Remove one of them.`);
    return (parts[name] ?? parameters.get(name)) || undefined;
  };
  const host = given("host");
  const port = readPort(given("port"), report);
  const name = given("dbname");
  if (url.hosts.length > 1 || host?.includes(",")) {
    report("names several hosts. Name one that always is the primary, such as a proxy.");
  }
  if (name === undefined) report(`names no database. Add its name, such as ${EXAMPLE}.`);
  return withoutUndefined({ host, port, user: given("user"), password: given("password"), database: name });
}

function readPort(text: string | undefined, report: Report): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) report("has a port that is not an integer from 1 to 65535. Correct it.");
  return port;
}

function readSession(
  parameters: Parameters,
  isEncrypted: boolean,
  report: Report,
): Pick<DatabaseConnection, "options" | "application_name" | "sslnegotiation" | "enableChannelBinding"> {
  const negotiation = oneOf("sslnegotiation", ["postgres", "direct"], parameters, report);
  const binding = oneOf("channel_binding", ["disable", "prefer", "require"], parameters, report);
  if (!isEncrypted && (negotiation === "direct" || binding === "require")) {
    const name = negotiation === "direct" ? "sslnegotiation=direct" : "channel_binding=require";
    report(`has ${name} and no TLS. Add sslmode=verify-full, or remove it.`);
  }
  const name = parameters.get("application_name") || parameters.get("fallback_application_name");
  const options = parameters.get("options");
  return {
    ...(name ? { application_name: name } : {}),
    ...(options ? { options } : {}),
    ...(negotiation === "direct" ? { sslnegotiation: "direct" } : {}),
    ...(isEncrypted && binding !== undefined && binding !== "disable" ? { enableChannelBinding: true } : {}),
  };
}

/**
 * A request for TLS is satisfied or stops the start: nothing is sent unencrypted against the
 * configuration.
 */
function readTls(own: Parameters, env: Environment, report: Report): ConnectionOptions | null {
  const ssl = own.get("ssl");
  if (ssl !== undefined && ssl !== "true") report(`has an ssl that is not true. ${MODE_REMEDY}`);
  const parameters = new Map([...fromVariables(env), ...impliedMode(own), ...own]);
  const mode = parameters.get("sslmode") ?? "disable";
  const origin = own.has("sslmode") || impliedMode(own).length > 0 ? "" : " (of PGSSLMODE)";
  if (mode === "disable") {
    const asking = askingForTls(own);
    if (asking.length > 0) report(`has ${asking.join(", ")} and no TLS. ${MODE_REMEDY}`);
  } else if (mode === "prefer" || mode === "allow") {
    report(`has the sslmode ${mode}${origin}, which goes on in the clear where TLS fails. ${MODE_REMEDY}`);
  } else if (TLS_MODES.some((known) => known === mode)) {
    return readTlsParameters(parameters, report);
  } else {
    report(`has an sslmode${origin} that is not one of disable, ${TLS_MODES.join(", ")}. Correct it.`);
  }
  return null;
}

/**
 * Returns the names of parameters that only apply with TLS. None with an ssl that is not true: that
 * is reported separately.
 */
function askingForTls(own: Parameters): readonly string[] {
  if ((own.get("ssl") ?? "true") !== "true") return [];
  return [...own.keys()].filter(
    (name) => name === "ssl" || (name !== "sslmode" && TLS_PARAMETERS.includes(name)),
  );
}

/** The `sslmode` that other parameters imply if it is not given, as in libpq. */
function impliedMode(own: Parameters): readonly [name: string, mode: string][] {
  if (own.get("sslrootcert") === "system") return [["sslmode", "verify-full"]];
  return own.get("ssl") === "true" ? [["sslmode", "require"]] : [];
}

function fromVariables(env: Environment): readonly [name: string, value: string][] {
  return Object.entries(VARIABLES).flatMap(([variable, name]) =>
    env[variable] ? [[name, env[variable]]] : [],
  );
}

function oneOf<const T extends string>(
  name: string,
  values: readonly T[],
  parameters: Parameters,
  report: Report,
): T | undefined {
  const given = parameters.get(name);
  const found = values.find((value) => value === given);
  if (given !== undefined && found === undefined)
    report(`has a ${name} that is not one of ${values.join(", ")}. Correct it.`);
  return found;
}

/** Removes undefined values, as `exactOptionalPropertyTypes` requires. */
function withoutUndefined<T extends object>(parts: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as never;
}
