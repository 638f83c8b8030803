/**
 * A URL of a service, taken apart. User and password are decoded; the path is as it was written.
 */
export interface ServiceUrl {
  /** In lower case, without `://`. */
  readonly scheme: string;
  readonly username: string | null;
  readonly password: string | null;
  /** Empty when the URL names no host. */
  readonly hosts: readonly ServiceHost[];
  readonly path: string;
  /** What follows `?`, as it was written. */
  readonly query: string;
}

interface ServiceHost {
  /** Decoded, an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number | null;
}

type Report = (problem: string) => void;

/**
 * The remedy for every URL that is not understood. What is wrong in it is most often the password,
 * so it is not quoted.
 */
export const ENCODE_REMEDY =
  "Percent-encode / ? # @ : %, quotes, spaces and line breaks in its user and password, such as %2F for / and %40 for @.";

const SHOWN_SCHEMES = /^(?:postgres|postgresql|https?|rediss?(?:\+(?:sentinel|cluster))?|redis\+socket)$/;
const SHOWN_PATH = /^[\w.~%/-]*$/;
const PARAMETER_NAME = /^[A-Za-z][\w.-]{0,39}$/;

/**
 * Takes a URL apart, or returns null. Stricter than `URL.parse`, which reads
 * `postgres://app:/secret@host/name` as the host "app" with a path that holds the password: every
 * `@` must stand before the first `/`, `?` or `#`, and nothing may be whitespace, nor `%00`, at
 * which a server would end the value. So no part of a password is ever taken for a host, a database
 * or a parameter, and these may be shown.
 */
export function splitServiceUrl(text: string): ServiceUrl | null {
  const match = /^([a-z][a-z\d+.-]*):\/\/([^/?#]*)([^?#@]*)(?:\?([^#@]*))?$/i.exec(text);
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (!match || /[\s\u0000-\u001f\u007f]|%00/.test(text)) return null;
  const [, scheme = "", authority = "", path = "", query = ""] = match;
  const at = authority.lastIndexOf("@");
  const user = splitUser(authority.slice(0, Math.max(0, at)));
  const hosts = splitHosts(authority.slice(at + 1));
  return user && hosts ? { scheme: scheme.toLowerCase(), ...user, hosts, path, query } : null;
}

/**
 * A URL without user, password and parameters; null when it is not understood, and might hold a
 * secret anywhere.
 */
export function showServiceUrl(text: string): string | null {
  const url = splitServiceUrl(text);
  if (!url || !SHOWN_SCHEMES.test(url.scheme) || !SHOWN_PATH.test(url.path)) return null;
  const user = url.username === null && url.password === null ? "" : "***@";
  const hosts = url.hosts.map(({ host, port }) => showHost(host, port)).join(",");
  return `${url.scheme}://${user}${hosts}${url.path}${url.query === "" ? "" : "?…"}`;
}

export function showHost(host: string, port: number | null): string {
  const shown = host.includes(":") ? `[${host}]` : host;
  return port === null ? shown : `${shown}:${port}`;
}

/**
 * The parameters of a URL by name. A "+" is a "+", as in libpq: a URL of a service is not a form of
 * a web page. Of a parameter that is given twice only one value could count, so that is a mistake.
 *
 * @param report gets each mistake as the end of a sentence that begins with the URL's name
 */
export function readParameters(query: string, report: Report): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split("&").filter((text) => text !== "")) {
    const equals = pair.indexOf("=");
    const name = decodePart(pair.slice(0, equals));
    const value = decodePart(pair.slice(equals + 1));
    if (equals < 0 || name === null || !PARAMETER_NAME.test(name)) {
      report("has a parameter that is not name=value. Correct it, or remove it.");
    } else if (value === null) {
      report(`has the parameter ${name} with a "%" that encodes nothing. Write it as %25.`);
    } else if (parameters.has(name)) {
      report(`has the parameter ${name} twice. Remove one of them.`);
    } else {
      parameters.set(name, value);
    }
  }
  return parameters;
}

/** Percent-decodes; null when a "%" encodes nothing. */
export function decodePart(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function splitUser(text: string): Pick<ServiceUrl, "username" | "password"> | null {
  const colon = text.indexOf(":");
  const username = decodePart(colon < 0 ? text : text.slice(0, colon));
  const password = decodePart(colon < 0 ? "" : text.slice(colon + 1));
  if (username === null || password === null) return null;
  return { username: username || null, password: password || null };
}

function splitHosts(text: string): readonly ServiceHost[] | null {
  if (text === "") return [];
  const hosts = text.split(",").map(splitHost);
  return hosts.includes(null) ? null : (hosts as ServiceHost[]);
}

function splitHost(text: string): ServiceHost | null {
  const match = /^(?:\[([\da-f:.%]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(text);
  const host = match && decodePart((match[1] ?? match[2])!);
  if (!match || host === null) return null;
  const port = match[3] === undefined ? null : Number(match[3]);
  return port === null || (port >= 1 && port <= 65_535) ? { host, port } : null;
}
