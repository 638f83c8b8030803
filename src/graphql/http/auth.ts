import { createHash, timingSafeEqual } from "node:crypto";
import { HttpRefusal } from "./refusal.ts";

/** Who calls. */
export interface Caller {
  /** `"token"`, or null where no token is configured. */
  readonly actor: string | null;
}

/** Checks bearer tokens. Compares digests of fixed length, so that the time tells nothing about the token. */
export class Authenticator {
  readonly #digest: Buffer | null;

  /** @param token what callers must show; null lets everybody in. */
  constructor(token: string | null) {
    this.#digest = token === null ? null : digestOf(token);
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

  /** As {@link identify}, but throws the reply 401. */
  authenticate(authorization: string | undefined): Caller {
    const caller = this.identify(authorization);
    if (caller) return caller;
    throw authorization === undefined
      ? refused("This server needs a token; send it as header Authorization: Bearer <token>.", "")
      : refused("The token in the Authorization header is not valid.", ', error="invalid_token"');
  }
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
