import { createHash, timingSafeEqual } from "node:crypto";
import { SECOND } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/log/log.ts";
import { LogLimit } from "../../../lib/log/log-limit.ts";
import { HttpRefusal } from "../errors/refusal.ts";

/** The identity of a caller. */
export interface Caller {
  /** `"token"`, or null if no token is configured. */
  readonly actor: string | null;
}

/** The origin of a login, for the log. */
export interface LoginOrigin {
  readonly transport: "HTTP" | "WebSocket";
  readonly address: string;
  readonly requestId: string;
}

/** The log must show attempts to guess tokens, and must not fill the disk. */
const REFUSED_LOG_MS = 10 * SECOND;

/**
 * Checks bearer tokens. It compares digests of fixed length, so that the time reveals nothing about
 * the token.
 */
export class Authenticator {
  readonly #digest: Buffer | null;
  readonly #log: Logger;
  // There are two limits, so that callers without a token do not hide callers that guess one.
  readonly #missingLog = new LogLimit(REFUSED_LOG_MS);
  readonly #wrongLog = new LogLimit(REFUSED_LOG_MS);

  /** @param token the token that callers must send. Null admits every caller. */
  constructor(token: string | null, log: Logger) {
    this.#digest = token === null ? null : digestOf(token);
    this.#log = log;
  }

  /** Whether callers must send a token. */
  get required(): boolean {
    return this.#digest !== null;
  }

  /** Returns the caller of an `Authorization` header, or null if the token is wrong. */
  identify(authorization: unknown): Caller | null {
    if (this.#digest === null) return { actor: null };
    const token = bearerToken(authorization);
    if (token === null || !timingSafeEqual(digestOf(token), this.#digest)) return null;
    return { actor: "token" };
  }

  /**
   * Like {@link identify}, but logs refusals: one record of each kind in ten seconds, with the
   * number of suppressed ones.
   */
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

  /** Like {@link login}, but throws the reply 401. */
  authenticate(authorization: string | undefined, origin: LoginOrigin): Caller {
    const caller = this.login(authorization, origin);
    if (caller) return caller;
    throw authorization === undefined
      ? refused("This server needs a token; send it as header Authorization: Bearer <token>.", "")
      : refused("The token in the Authorization header is not valid.", ', error="invalid_token"');
  }
}

/**
 * Returns the credentials of a WebSocket: `authorization` in any case from its connection_init,
 * else the header of the upgrade request, which browsers cannot set.
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
