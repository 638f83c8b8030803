import { show } from "../lib/quote.ts";
import { showServiceUrl } from "../lib/service-url.ts";
import type { Setting } from "./settings.ts";

/** Text that may hold a secret, in whatever setting it was put by mistake. */
const SUSPECT = /@|:\/\/|passw|secret|token|api.?key/i;

/** A setting's value as it may be printed: secrets are hidden, and of a URL only parts without secrets are left. */
export function maskValue(value: unknown, { secret, url, args }: Setting): unknown {
  if (value === null || value === undefined) return value;
  if (secret) return "***";
  if (args && Array.isArray(value)) return value.map(withoutArgs);
  return url && typeof value === "string" ? (showServiceUrl(value) ?? "***") : value;
}

/** What was found where something else was expected: quoted and cut, or only its type where it may hold a secret. */
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
