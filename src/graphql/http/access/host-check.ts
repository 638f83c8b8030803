import { shorten } from "../../../lib/quote.ts";
import { isIP } from "node:net";
import type { IncomingHttpHeaders } from "node:http";
import { HttpRefusal } from "../errors/refusal.ts";

export interface HostPolicyOptions {
  /** The address on which the server listens. */
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

/**
 * Checks the server's names, and the origins of pages that call it. A page of any site can make a
 * browser send requests to this machine. Its `Origin`, or its `Host` after DNS rebinding, reveals
 * it.
 */
export class HostPolicy {
  readonly #names: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #anyAddress: boolean;

  constructor(options: HostPolicyOptions) {
    const own = isIP(options.host) === 6 ? `[${options.host}]` : options.host;
    this.#names = new Set(["localhost", "127.0.0.1", "[::1]", own, ...options.allowedHosts].map(lowerCase));
    this.#origins = new Set(options.allowedOrigins.map((origin) => origin.toLowerCase().replace(/\/$/, "")));
    // A server that is bound to every address cannot list its own. Rebinding needs a name, so
    // addresses are safe.
    this.#anyAddress = options.host === "0.0.0.0" || options.host === "::";
  }

  /** Throws the reply 400 or 403 if the request is not for this server. */
  checkHost(headers: IncomingHttpHeaders): void {
    const { host } = headers;
    if (host === undefined || host === "") {
      throw new HttpRefusal(400, "BAD_REQUEST", "The Host header is missing.");
    }
    if (this.#isOurs(host.toLowerCase())) return;
    const message = `Host "${shorten(host)}" is not allowed; add it to LOVAGE_ALLOWED_HOSTS if this server is reached by that name.`;
    throw new HttpRefusal(403, "FORBIDDEN", message);
  }

  /**
   * Throws the reply 403 if a page of another site made the request. Programs send no `Origin`.
   * Browsers omit it where a page cannot read the reply (links, forms that GET, images), and send
   * `Sec-Fetch-Site`.
   */
  checkOrigin(headers: IncomingHttpHeaders): void {
    const { origin, host = "" } = headers;
    if (origin === undefined) return checkSite(headers);
    if (this.isAllowedOrigin(origin) || isSameHost(origin, host)) return;
    const message = `Origin "${shorten(origin)}" is not allowed; add it to LOVAGE_ALLOWED_ORIGINS if its pages may use this API.`;
    throw new HttpRefusal(403, "FORBIDDEN", message);
  }

  /** Whether an origin is listed. */
  isAllowedOrigin(origin: string): boolean {
    return this.#origins.has(origin.toLowerCase());
  }

  #isOurs(host: string): boolean {
    if (this.#names.has(host)) return true;
    const parts = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/.exec(host);
    if (!parts) return false;
    const name = parts[1]!;
    return this.#names.has(name) || (this.#anyAddress && isIP(name.replace(/^\[|\]$/g, "")) !== 0);
  }
}

// Of the browser's address bar, and of pages of this server.
const OWN_SITES: readonly unknown[] = [undefined, "none", "same-origin"];

function checkSite({ "sec-fetch-site": site }: IncomingHttpHeaders): void {
  if (OWN_SITES.includes(site)) return;
  const message = `Sec-Fetch-Site "${shorten(String(site))}": expected same-origin or none. A page of another origin must use fetch, and be listed in LOVAGE_ALLOWED_ORIGINS.`;
  throw new HttpRefusal(403, "FORBIDDEN", message);
}

/**
 * Whether a page's origin is the host (name and port) of its request. The scheme may be a proxy's.
 */
function isSameHost(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  if (page.protocol !== "http:" && page.protocol !== "https:") return false;
  const target = `${page.protocol}//${host}`;
  return URL.canParse(target) && new URL(target).host === page.host;
}

function lowerCase(text: string): string {
  return text.toLowerCase();
}
