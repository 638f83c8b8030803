import { show } from "../lib/quote.ts";

/** A token, or a function that returns the current one before each request and connection. */
export type TokenSource =
  | string
  | null
  | (() => string | null | undefined | Promise<string | null | undefined>);

/** The parts of WebSocket that the client needs: that of a browser, of Node, or of the package ws. */
export type WebSocketClass = new (url: string, protocol: string) => object;

export interface GraphqlClientOptions {
  /** Base URL of the server, e.g. `http://127.0.0.1:4000`. `/graphql` at its end may be left out. */
  readonly url: string | URL;
  /**
   * Sent as a bearer token by HTTP, and in `connection_init` by WebSocket: visible ASCII characters.
   * @default null
   */
  readonly token?: TokenSource | undefined;
  /**
   * How often in a row a subscription tries to connect before it fails.
   * @default 20, which takes about two and a half minutes
   */
  readonly connectAttempts?: number;
  /** @default the WebSocket of the browser or of Node */
  readonly webSocket?: WebSocketClass;
}

/**
 * Checks the options of a client, so that a mistake does not appear only at the first call.
 *
 * @throws TypeError
 */
export function checkClientOptions(options: GraphqlClientOptions): void {
  const { url, token, connectAttempts } = (options ?? {}) as Partial<GraphqlClientOptions>;
  const problem =
    findUrlProblem(url) ??
    (typeof token === "function" ? null : findTokenProblem(token)) ??
    findAttemptsProblem(connectAttempts);
  if (problem !== null) throw new TypeError(`createClient: ${problem}`);
}

/**
 * Returns what is wrong with a token; null if nothing. Does not show it: it is a secret, and errors
 * are logged.
 */
export function findTokenProblem(token: unknown): string | null {
  if (token === undefined || token === null) return null;
  const rule = "token: expected visible ASCII characters without spaces, or null, got";
  if (typeof token !== "string") return `${rule} a value of type ${typeof token}.`;
  if (token === "") return `${rule} an empty string.`;
  return /^[!-~]+$/.test(token)
    ? null
    : `${rule} a string with other characters. Remove line breaks and spaces.`;
}

function findUrlProblem(url: unknown): string | null {
  const rule = 'url: expected an http or https URL such as "http://127.0.0.1:4000", got';
  const isUrl = (url instanceof URL || typeof url === "string") && URL.canParse(String(url));
  const parsed = isUrl ? new URL(url) : null;
  // It may hold a password.
  const shown = String(url).includes("@") ? "another URL" : show(url);
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return `${rule} ${shown}.`;
  return parsed.username === "" && parsed.password === ""
    ? null
    : `${rule} a URL with a user or a password. Send a token by the option token.`;
}

function findAttemptsProblem(attempts: unknown): string | null {
  return attempts === undefined || (Number.isInteger(attempts) && Number(attempts) >= 1)
    ? null
    : `connectAttempts: expected an integer from 1, got ${show(attempts)}.`;
}
