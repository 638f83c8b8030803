import type { ConnectionOptions } from "node:tls";

import { ConfigError } from "../errors.ts";
import {
  decodePart,
  ENCODE_REMEDY,
  readParameters,
  type ServiceUrl,
  showHost,
  splitServiceUrl,
} from "../lib/net/service-url.ts";
import { readTlsParameters, TLS_PARAMETERS } from "../lib/net/tls-parameters.ts";

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** Where a Redis is. */
export type RedisEndpoint =
  | { readonly kind: "server"; readonly address: RedisAddress }
  | { readonly kind: "socket"; readonly path: string }
  | {
      readonly kind: "sentinel";
      readonly sentinels: readonly RedisAddress[];
      /** The sentinels' name of the master. */
      readonly master: string;
      /** Credentials of the sentinels themselves. */
      readonly username: string | null;
      readonly password: string | null;
    }
  | { readonly kind: "cluster"; readonly nodes: readonly RedisAddress[] };

/** Where a Redis is, and its credentials. Holds passwords: never log it, log `label`. */
export interface RedisTarget {
  readonly endpoint: RedisEndpoint;
  readonly db: number;
  /** Options of TLS, also for the sentinels; null for connections without TLS. */
  readonly tls: ConnectionOptions | null;
  readonly username: string | null;
  readonly password: string | null;
  /** Where it is, without secrets. */
  readonly label: string;
}

type Kind = RedisEndpoint["kind"];
type Parameters = ReadonlyMap<string, string>;
type Report = (problem: string) => void;

/** For each kind an example for messages, and its parameters besides those of TLS. */
const FORMS: Readonly<Record<Kind, { readonly example: string; readonly parameters: readonly string[] }>> = {
  server: { example: "redis://user:password@host:6379/0", parameters: [] },
  socket: { example: "redis+socket://user:password@/run/redis.sock?db=0", parameters: ["db"] },
  sentinel: {
    example: "redis+sentinel://user:password@host:26379,host:26379/masterName/0",
    parameters: ["sentineluser", "sentinelpassword"],
  },
  cluster: { example: "redis+cluster://user:password@host:6379,host:6379", parameters: [] },
};
const SCHEME = /^redis(s)?(?:\+(sentinel|cluster))?$|^redis\+(socket)$/;
const SCHEMES =
  "redis://, rediss:// (TLS), redis+sentinel://, rediss+sentinel://, redis+cluster://, rediss+cluster:// or redis+socket://";
const REDIS_PORT = 6379;
const SENTINEL_PORT = 26379;

const TLS_REMEDY =
  "Write rediss:// for TLS, with sslmode, sslrootcert, sslcert and sslkey, or remove the parameter.";
/** Parameters of other clients, and what to write instead. */
const FOREIGN: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["tls", "ssl", "ssl_cert_reqs", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname"].map(
      (name) => [name, TLS_REMEDY],
    ),
  ),
  db: "Write the database as the path, such as redis://host:6379/1.",
  username: "Write the user as in redis://user:password@host:6379/0.",
  user: "Write the user as in redis://user:password@host:6379/0.",
  password: "Write the password as in redis://user:password@host:6379/0.",
};

/**
 * Parses a URL of Redis. Error messages never contain its passwords.
 *
 * - `redis://user:password@host:port/database`, `rediss://` for TLS;
 * - `redis+sentinel://user:password@host:port,host:port/masterName/database`: the hosts are
 *   sentinels, user and password those of Redis; `?sentineluser=` and `?sentinelpassword=` are the
 *   credentials of the sentinels;
 * - `redis+cluster://user:password@host:port,host:port`: some nodes, which know the others;
 * - `redis+socket:///path/to/socket?db=0`, as in Celery.
 *
 * TLS (`rediss…`) takes `sslmode`, `sslrootcert`, `sslcert` and `sslkey` as DATABASE_URL does.
 * Without them the server's certificate is checked against the authorities that Node trusts.
 *
 * @param name the setting's name in messages
 * @throws ConfigError that lists every mistake
 */
export function parseRedisUrl(text: string, name = "REDIS_URL"): RedisTarget {
  const url = splitServiceUrl(text);
  const scheme = url && SCHEME.exec(url.scheme);
  if (!url || !scheme) throw new ConfigError([`${name}: ${problemOf(text, url)}`]);
  const kind = (scheme[2] ?? scheme[3] ?? "server") as Kind;
  const problems: string[] = [];
  const report: Report = (problem) => void problems.push(`${name} ${problem}`);
  const target = targetOf({ kind, tls: scheme[1] !== undefined, url }, report);
  if (problems.length > 0) throw new ConfigError(problems);
  return target;
}

/**
 * Returns why a string is not a URL of Redis. Does not quote it: a password may be anywhere in it.
 */
function problemOf(text: string, url: ServiceUrl | null): string {
  const got = `got a string of ${text.length} characters`;
  const other = /^(?:redis\+)?unix:|^redis-socket:/.test(text)
    ? "redis+socket:///path"
    : FORMS.server.example;
  if (url) return `expected a URL that starts with ${SCHEMES}, ${got}. Write it as ${other}.`;
  return `expected a URL such as ${other}, ${got}. ${ENCODE_REMEDY}`;
}

export function showAddress({ host, port }: RedisAddress): string {
  return showHost(host, port);
}

interface Parts {
  readonly kind: Kind;
  readonly tls: boolean;
  readonly url: ServiceUrl;
}

function targetOf(parts: Parts, report: Report): RedisTarget {
  const { kind, url } = parts;
  const parameters = readParameters(url.query, report);
  checkParameters(parts, parameters, report);
  const { endpoint, database } = endpointOf(parts, readHosts(kind, url, report), parameters, report);
  return {
    endpoint,
    db: readDatabase(kind, database, report),
    tls: parts.tls ? readTlsParameters(parameters, report) : null,
    username: url.username,
    password: url.password,
    label: labelOf(endpoint),
  };
}

function checkParameters({ kind, tls }: Parts, parameters: Parameters, report: Report): void {
  const known = [...FORMS[kind].parameters, ...(tls ? TLS_PARAMETERS : [])];
  for (const name of parameters.keys()) {
    if (known.includes(name)) continue;
    const foreign = FOREIGN[name.toLowerCase()];
    if (TLS_PARAMETERS.includes(name.toLowerCase()) && !tls) {
      report(`has the parameter ${name} and no TLS. Begin it with rediss, or remove the parameter.`);
    } else if (foreign !== undefined) {
      report(`has the parameter ${name}, which Lovage does not read. ${foreign}`);
    } else {
      const remedy = known.length > 0 ? `It takes ${known.join(", ")}.` : "It takes none.";
      report(`has the parameter ${name}, which means nothing here. ${remedy} Remove it.`);
    }
  }
}

function readHosts(kind: Kind, { hosts }: ServiceUrl, report: Report): readonly RedisAddress[] {
  const example = `Write it as ${FORMS[kind].example}.`;
  if (kind === "socket" && hosts.length > 0) report(`names a host and a socket. ${example}`);
  if (kind !== "socket" && hosts.length === 0) report(`names no host. ${example}`);
  if (kind === "server" && hosts.length > 1)
    report("names several hosts. Write redis+sentinel:// for sentinels, or redis+cluster:// for a cluster.");
  const standard = kind === "sentinel" ? SENTINEL_PORT : REDIS_PORT;
  return hosts.map(({ host, port }) => ({ host, port: port ?? standard }));
}

interface Found {
  readonly endpoint: RedisEndpoint;
  readonly database: string;
}

function endpointOf(
  { kind, url: { path } }: Parts,
  hosts: readonly RedisAddress[],
  parameters: Parameters,
  report: Report,
): Found {
  const rest = path.replace(/^\//, "");
  if (kind === "socket") return socketOf(path, parameters, report);
  if (kind === "sentinel") return sentinelsOf(rest, hosts, parameters, report);
  if (kind === "cluster") return { endpoint: { kind, nodes: hosts }, database: rest };
  return { endpoint: { kind, address: hosts[0] ?? { host: "", port: 0 } }, database: rest };
}

function socketOf(path: string, parameters: Parameters, report: Report): Found {
  if (path.replace(/^\//, "") === "") report(`names no socket. Write it as ${FORMS.socket.example}.`);
  return {
    endpoint: { kind: "socket", path: decodePart(path) ?? path },
    database: parameters.get("db") ?? "",
  };
}

function sentinelsOf(
  path: string,
  sentinels: readonly RedisAddress[],
  parameters: Parameters,
  report: Report,
): Found {
  const [name = "", ...database] = path.split("/");
  if (name === "") report(`names no master. Write it as ${FORMS.sentinel.example}.`);
  const username = parameters.get("sentineluser") || null;
  const password = parameters.get("sentinelpassword") || null;
  return {
    endpoint: { kind: "sentinel", sentinels, master: decodePart(name) ?? name, username, password },
    database: database.join("/"),
  };
}

function readDatabase(kind: Kind, text: string, report: Report): number {
  if (!/^\d{0,5}$/.test(text)) {
    report("names a database that is not a number. Write it as a number, such as 0.");
  } else if (kind === "cluster" && Number(text) !== 0) {
    report(`names the database ${text}; a cluster has only 0. Remove it.`);
  }
  return Number(text);
}

function labelOf(endpoint: RedisEndpoint): string {
  if (endpoint.kind === "server") return showAddress(endpoint.address);
  if (endpoint.kind === "socket") return endpoint.path;
  if (endpoint.kind === "cluster") return endpoint.nodes.map(showAddress).join(",");
  return `${endpoint.master} (sentinels ${endpoint.sentinels.map(showAddress).join(",")})`;
}
