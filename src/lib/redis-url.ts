import type { ConnectionOptions } from "node:tls";

import { ConfigError } from "../errors.ts";
import { readTlsParameters, TLS_PARAMETERS } from "./tls-parameters.ts";

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** Where a Redis is to be found. */
export type RedisPlace =
  | { readonly kind: "server"; readonly address: RedisAddress }
  | { readonly kind: "socket"; readonly path: string }
  | {
      readonly kind: "sentinel";
      readonly sentinels: readonly RedisAddress[];
      /** The name that the sentinels know the master by. */
      readonly master: string;
      /** How to get in at the sentinels themselves. */
      readonly username: string | null;
      readonly password: string | null;
    }
  | { readonly kind: "cluster"; readonly nodes: readonly RedisAddress[] };

/** Where a Redis is and how to get in. Holds passwords: never log it; `label` is for people. */
export interface RedisTarget {
  readonly place: RedisPlace;
  readonly db: number;
  /** How to encrypt, also towards sentinels; null = not at all. */
  readonly tls: ConnectionOptions | null;
  readonly username: string | null;
  readonly password: string | null;
  /** Where it is, without secrets. */
  readonly label: string;
}

type Kind = RedisPlace["kind"];
type Report = (problem: string) => void;

/** Each form, as messages show it, and the parameters that it takes besides those of TLS. */
const FORMS: Readonly<Record<Kind, { readonly example: string; readonly parameters: readonly string[] }>> = {
  server: { example: "redis://user:password@host:6379/0", parameters: [] },
  socket: { example: "redis+socket://user:password@/run/redis.sock?db=0", parameters: ["db"] },
  sentinel: {
    example: "redis+sentinel://user:password@host:26379,host:26379/masterName/0",
    parameters: ["sentineluser", "sentinelpassword"],
  },
  cluster: { example: "redis+cluster://user:password@host:6379,host:6379", parameters: [] },
};
const SCHEME = /^(?:redis(s)?(?:\+(sentinel|cluster))?|redis\+(socket)):\/\//;
const SCHEMES =
  "redis://, rediss:// (TLS), redis+sentinel://, rediss+sentinel://, redis+cluster://, rediss+cluster:// or redis+socket://";
const ENCODE = 'Characters such as "#", "/", "@" and "%" in a password must be percent-encoded.';
const REDIS_PORT = 6379;
const SENTINEL_PORT = 26379;

/**
 * Reads a URL of Redis. Messages never hold its passwords.
 *
 * - `redis://user:password@host:port/database`, `rediss://` for TLS;
 * - `redis+sentinel://user:password@host:port,host:port/masterName/database`: the hosts are sentinels, user and password those of Redis;
 *   `?sentineluser=` and `?sentinelpassword=` are those of the sentinels, where they want any;
 * - `redis+cluster://user:password@host:port,host:port`: some nodes, which know the others;
 * - `redis+socket:///path/to/socket?db=0`, as Celery writes it.
 *
 * TLS (`rediss…`) takes `sslmode`, `sslrootcert`, `sslcert` and `sslkey` as DATABASE_URL does; without them, the server's certificate is
 * checked against the authorities that Node knows.
 *
 * @param name what messages call it
 * @throws ConfigError that lists every mistake
 */
export function parseRedisUrl(text: string, name = "REDIS_URL"): RedisTarget {
  const scheme = SCHEME.exec(text);
  if (!scheme) {
    const instead = /^(?:redis\+)?unix:|^redis-socket:/.test(text)
      ? "redis+socket:///path"
      : FORMS.server.example;
    throw new ConfigError([
      `${name} must start with ${SCHEMES}, got "${maskUrl(text)}". Write it as e.g. ${instead}.`,
    ]);
  }
  const kind = (scheme[2] ?? scheme[3] ?? "server") as Kind;
  const parts = /^([^/?#]*)([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(text.slice(scheme[0].length))!;
  const [, authority = "", path = "", query = "", fragment] = parts;
  const problems: string[] = [];
  const report: Report = (problem) => void problems.push(`${name} ${problem}`);
  const found = { kind, tls: scheme[1] !== undefined, authority, path, fragment };
  // In a query of ours a "+" is a "+": it is no form of a web page.
  const target = targetOf(found, new URLSearchParams(query.replaceAll("+", "%2B")), report, () =>
    report(`is no valid URL: "${maskUrl(text)}". Write it as ${FORMS[kind].example}. ${ENCODE}`),
  );
  if (problems.length > 0) throw new ConfigError(problems);
  return target;
}

/** A URL as people may see it: without users and passwords, and not too long. */
export function maskUrl(text: string): string {
  const masked = text
    .replace(/\/\/.*@/s, "//***@")
    .replace(/([?&](?:sentinel)?(?:user|password)=)[^&#]*/gi, "$1***");
  return masked.length > 80 ? `${masked.slice(0, 80)}…` : masked;
}

export function showAddress({ host, port }: RedisAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

interface Parts {
  readonly kind: Kind;
  readonly tls: boolean;
  readonly authority: string;
  readonly path: string;
  readonly fragment: string | undefined;
}

function targetOf(
  parts: Parts,
  parameters: URLSearchParams,
  report: Report,
  onNoUrl: () => void,
): RedisTarget {
  const { kind, authority } = parts;
  if (parts.fragment !== undefined) report('holds a "#". Write it as %23.');
  checkParameters(parts, parameters, report);
  const at = authority.lastIndexOf("@");
  const [username, password] = readUser(authority.slice(0, Math.max(0, at)), report);
  const hosts = kind === "socket" ? [] : readHosts(kind, authority.slice(at + 1));
  if (!hosts || (kind === "socket" && authority.slice(at + 1) !== "")) onNoUrl();
  const { place, database } = placeOf(parts, hosts ?? [], parameters, report);
  return {
    place,
    db: readDatabase(kind, database, report),
    tls: parts.tls ? readTlsParameters(parameters, report) : null,
    username,
    password,
    label: labelOf(place),
  };
}

function checkParameters({ kind, tls }: Parts, parameters: URLSearchParams, report: Report): void {
  const known = [...FORMS[kind].parameters, ...(tls ? TLS_PARAMETERS : [])];
  for (const parameter of new Set(parameters.keys())) {
    if (known.includes(parameter)) continue;
    const shown = JSON.stringify(parameter.slice(0, 40));
    if ((TLS_PARAMETERS as readonly string[]).includes(parameter)) {
      report(`has the parameter ${shown} and no TLS. Begin it with rediss, or remove the parameter.`);
    } else {
      const remedy = known.length > 0 ? `It takes ${known.join(", ")}.` : "It takes none.";
      report(`has the parameter ${shown}, which means nothing here. ${remedy} Remove it.`);
    }
  }
}

function readUser(text: string, report: Report): [username: string | null, password: string | null] {
  const colon = text.indexOf(":");
  const parts = colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
  const decoded = parts.map(decode);
  if (decoded.includes(undefined)) {
    report('holds a "%" that encodes nothing in its user or password. Write it as %25.');
  }
  return [decoded[0] || null, decoded[1] || null];
}

/** The addresses of a list; null when one is none. */
function readHosts(kind: Kind, text: string): RedisAddress[] | null {
  const texts = text.split(",");
  const hosts = texts.map((one) => readAddress(one, kind === "sentinel" ? SENTINEL_PORT : REDIS_PORT));
  if (kind === "server" && hosts.length > 1) return null;
  return hosts.includes(null) ? null : (hosts as RedisAddress[]);
}

function readAddress(text: string, defaultPort: number): RedisAddress | null {
  const match = /^(?:\[([\da-f:.%]+)\]|([^\s:@[\]]+))(?::(\d{1,5}))?$/i.exec(text);
  if (!match) return null;
  const port = Number(match[3] ?? defaultPort);
  return port >= 1 && port <= 65_535 ? { host: (match[1] ?? match[2])!, port } : null;
}

interface Found {
  readonly place: RedisPlace;
  readonly database: string;
}

function placeOf(
  { kind, path }: Parts,
  hosts: readonly RedisAddress[],
  parameters: URLSearchParams,
  report: Report,
): Found {
  const rest = path.replace(/^\//, "");
  if (kind === "socket") return socketOf(path, parameters, report);
  if (kind === "sentinel") return sentinelsOf(rest, hosts, parameters, report);
  if (kind === "cluster") return { place: { kind, nodes: hosts }, database: rest };
  return { place: { kind, address: hosts[0] ?? { host: "", port: 0 } }, database: rest };
}

function socketOf(path: string, parameters: URLSearchParams, report: Report): Found {
  if (path.replace(/^\//, "") === "") report(`names no socket. Write it as ${FORMS.socket.example}.`);
  return { place: { kind: "socket", path: decode(path) ?? path }, database: parameters.get("db") ?? "" };
}

function sentinelsOf(
  path: string,
  sentinels: readonly RedisAddress[],
  parameters: URLSearchParams,
  report: Report,
): Found {
  const [name = "", ...database] = path.split("/");
  if (name === "") report(`does not say which master. Write it as ${FORMS.sentinel.example}.`);
  const username = parameters.get("sentineluser") || null;
  const password = parameters.get("sentinelpassword") || null;
  return {
    place: { kind: "sentinel", sentinels, master: decode(name) ?? name, username, password },
    database: database.join("/"),
  };
}

function readDatabase(kind: Kind, text: string, report: Report): number {
  if (!/^\d{0,5}$/.test(text)) {
    report(
      `names the database ${JSON.stringify(text.slice(0, 40))}; it must be a number, e.g. 0. Correct it.`,
    );
  } else if (kind === "cluster" && Number(text) !== 0) {
    report(`names the database ${text}; a cluster has only 0. Remove it.`);
  }
  return Number(text);
}

function labelOf(place: RedisPlace): string {
  if (place.kind === "server") return showAddress(place.address);
  if (place.kind === "socket") return place.path;
  if (place.kind === "cluster") return place.nodes.map(showAddress).join(",");
  return `${place.master} (sentinels ${place.sentinels.map(showAddress).join(",")})`;
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
