import { show } from "../task/enqueue.ts";

const PASSWORD_IN_URL = /^([a-z][\w+.-]*:\/\/[^:@/?#]*):.*@/i;
const PASSWORD_IN_QUERY = /([?&](?:password|sslpassword|sentinelpassword|pass)=)[^&]*/gi;

/** A URL without its password: `redis://:***@host:6379`. Works on text that is no proper URL too. */
export function maskUrl(url: string): string {
  return url.replace(PASSWORD_IN_URL, "$1:***@").replace(PASSWORD_IN_QUERY, "$1***");
}

/** A value that may be a secret, as it may appear in messages and listings. Secrets keep only their length. */
export function maskValue(value: unknown, secret: boolean): unknown {
  if (value === null || value === undefined) return value;
  if (secret) return "***";
  return typeof value === "string" ? maskUrl(value) : value;
}

/** What was found, for a message: quoted, cut, without secrets. */
export function showFound(value: unknown, secret: boolean): string {
  if (!secret) return show(maskValue(value, false));
  return typeof value === "string" ? `a text of ${value.length} characters` : `a ${typeof value}`;
}
