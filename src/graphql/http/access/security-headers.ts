const EVERYWHERE = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-resource-policy": "same-origin",
} as const;

/**
 * Headers of every reply that is not a page: its content must not run, and caches must not store
 * it.
 */
export const API_HEADERS: Readonly<Record<string, string>> = {
  ...EVERYWHERE,
  "content-security-policy":
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
};

/**
 * Returns the headers of the GraphiQL page, which loads nothing from other sites.
 * @param host the request's checked `Host`: older browsers don't count WebSockets as `'self'`.
 */
export function pageHeaders(host: string): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    // The editor sets styles from its script.
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self' data:",
    "img-src 'self' data:",
    "worker-src 'self'",
    `connect-src 'self' ws://${host} wss://${host}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    ...EVERYWHERE,
    "content-security-policy": policy.join("; "),
    "cross-origin-opener-policy": "same-origin",
  };
}
