import { createHash, timingSafeEqual } from "node:crypto";
import { SECOND } from "../../lib/clock.ts";
import type { Logger } from "../../lib/log.ts";
import { LogLimit } from "../../lib/log-limit.ts";
import { HttpRefusal } from "./refusal.ts";

/** Who calls. */
export interface Caller {
  /** `"token"`, or null where no token is configured. */
  readonly actor: string | null;
}

/** Where a login comes from, for the log. */
export interface LoginOrigin {
  readonly transport: "HTTP" | "WebSocket";
  readonly address: string;
  readonly requestId: string;
}

/** Somebody who guesses tokens must be seen, and must not fill the disk. */
const REFUSED_LOG_MS = 10 * SECOND;

/** Checks bearer tokens. Compares digests of fixed length, so that the time tells nothing about the token. */
export class Authenticator {
  readonly #digest: Buffer | null;
  readonly #log: Logger;
  // Two limits: callers that forgot their token must not hide those that guess one.
  readonly #missingLog = new LogLimit(REFUSED_LOG_MS);
  readonly #wrongLog = new LogLimit(REFUSED_LOG_MS);

  /** @param token what callers must show; null lets everybody in. */
  constructor(token: string | null, log: Logger) {
    this.#digest = token === null ? null : digestOf(token);
    this.#log = log;
  }

  /** Whether callers must show a token at all. */
  get required(): boolean {
    return this.#digest !== null;
  }

  /** The caller by the value of an `Authorization` header, or null when it is not the right one. */
  identify(authorization: unknown): Caller | null {
    if (this.#digest === null) return { actor: null };
    const token = bearerToken(authorization);
    if (token === null || !timingSafeEqual(digestOf(token), this.#digest)) return null;
    return { actor: "token" };
  }

  /** As {@link identify}, and logs a refusal: one record of each kind in ten seconds, with how many were held back. */
  login(authorization: unknown, { transport, address, requestId }: LoginOrigin): Caller | null {
    const caller = this.identify(authorization);
    if (caller) return caller;
    const missing = authorization === undefined;
    const [limit, message] = missing
      ? [this.#missingLog, "A login without a token was refused."]
      : [this.#wrongLog, "A login with a wrong token was refused."];
    limit.pass((heldBack) => this.#log.warn(message, { transport, address, requestId, heldBack }));
    return null;
  }

  /** As {@link login}, but throws the reply 401. */
  authenticate(authorization: string | undefined, origin: LoginOrigin): Caller {
    const caller = this.login(authorization, origin);
    if (caller) return caller;
    throw authorization === undefined
      ? refused("This server needs a token; send it as header Authorization: Bearer <token>.", "")
      : refused("The token in the Authorization header is not valid.", ', error="invalid_token"');
  }
}

/**
 * The credentials of a WebSocket: `authorization` of its connection_init, in any case, as clients write the header; else the header
 * of the upgrade, which browsers can't set.
 */
export function socketAuthorization(
  payload: Readonly<Record<string, unknown>> | undefined,
  upgradeHeader: string | undefined,
): unknown {
  const key = Object.keys(payload ?? {}).find((name) => name.toLowerCase() === "authorization");
  return key === undefined ? upgradeHeader : payload![key];
}

function bearerToken(authorization: unknown): string | null {
  if (typeof authorization !== "string") return null;
  return /^bearer +(\S+) *$/i.exec(authorization)?.[1] ?? null;
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function refused(message: string, detail: string): HttpRefusal {
  return new HttpRefusal(401, "UNAUTHENTICATED", message, {
    "www-authenticate": `Bearer realm="lovage"${detail}`,
  });
}
