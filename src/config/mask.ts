import { show } from "../lib/quote.ts";
import { showServiceUrl } from "../lib/net/service-url.ts";
import type { Setting } from "./settings.ts";

/**
 * Matches strings that may contain a secret, whatever the setting: a URL with a password, a token.
 */
const SUSPECT = /@|:\/\/|passw|secret|token|api.?key/i;

/**
 * Returns the value of a setting for printing: without secrets, and a URL without its secret parts.
 */
export function maskValue(value: unknown, { secret, url, args }: Setting): unknown {
  if (value === null || value === undefined) return value;
  if (secret) return "***";
  if (args && Array.isArray(value)) return value.map(withoutArgs);
  return url && typeof value === "string" ? (showServiceUrl(value) ?? "***") : value;
}

/**
 * Returns an invalid value for a message: quoted and shortened, or only its type if it may contain
 * a secret.
 */
export function showFound(value: unknown, { secret, url, args }: Setting): string {
  if (secret || args) return typeOf(value);
  if (url) return (typeof value === "string" && showServiceUrl(value.trim())) || typeOf(value);
  return SUSPECT.test(JSON.stringify(value) ?? "") ? typeOf(value) : show(value);
}

function typeOf(value: unknown): string {
  if (typeof value === "string") return `a string of ${value.length} characters`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function withoutArgs(item: unknown): unknown {
  return typeof item === "object" && item !== null && "args" in item ? { ...item, args: "***" } : item;
}
