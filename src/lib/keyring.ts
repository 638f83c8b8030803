import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";

export interface KeyringKey {
  /** Prefix of what this key sealed: 1 to 32 letters, digits, "_" or "-". */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

/** Thrown when none of the keys opens a string. The message does not contain the string. */
export class CannotOpenError extends Error {
  override readonly name = "CannotOpenError";

  constructor(
    readonly keyId: string,
    message: string,
  ) {
    super(message);
  }
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals strings with AES-256-GCM: `keyId.base64url(nonce, ciphertext, tag)`. The first key seals;
 * all keys open.
 */
export class Keyring {
  /** By purpose: there are few. */
  readonly #digestKeys = new Map<string, Buffer>();

  constructor(private readonly keys: readonly [KeyringKey, ...KeyringKey[]]) {}

  /** @param about what the text belongs to: it opens for nothing else */
  seal(text: string, about: string): string {
    return sealWith(this.keys[0], text, about, randomBytes(NONCE_BYTES));
  }

  /**
   * As `seal`, but equal for equal strings with one salt, so that they can be compared without
   * being opened. The nonce is an HMAC of all that goes in, by a separate key: two different inputs
   * do not meet in one nonce, and nobody without the key can try out what a string is.
   */
  sealComparably(text: string, about: string, salt: string): string {
    return sealWith(this.keys[0], text, about, nonceOf(this.keys[0], [about, salt, text]));
  }

  /**
   * HMAC-SHA-256 as base64url, by a key that HKDF derives from the last of the keys: that one stays
   * when a new first key comes, so digests stay equal until it is taken away.
   *
   * @param purpose what the digest is for: those of two purposes have nothing to do with each other
   */
  digest(purpose: string, text: string): string {
    let key = this.#digestKeys.get(purpose);
    if (!key) {
      key = Buffer.from(hkdfSync("sha256", this.keys.at(-1)!.key, "", `lovage.digest ${purpose}`, 32));
      this.#digestKeys.set(purpose, key);
    }
    return createHmac("sha256", key).update(text).digest("base64url");
  }

  /** @throws CannotOpenError naming the key that is missing, or with which it was not sealed */
  open(sealed: string, about: string): string {
    const dot = sealed.indexOf(".");
    const id = sealed.slice(0, Math.max(dot, 0));
    const key = this.keys.find((one) => one.id === id);
    if (!key) throw new CannotOpenError(id, `the key ${JSON.stringify(id)} is not known here`);
    const bytes = Buffer.from(sealed.slice(dot + 1), "base64url");
    try {
      const decipher = createDecipheriv("aes-256-gcm", key.key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(-TAG_BYTES));
      const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString();
    } catch {
      throw new CannotOpenError(id, `they do not open with the key ${JSON.stringify(id)}`);
    }
  }
}

function sealWith({ id, key }: KeyringKey, text: string, about: string, nonce: Buffer): string {
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(about));
  const bytes = Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  return `${id}.${bytes.toString("base64url")}`;
}

function nonceOf({ key }: KeyringKey, parts: readonly string[]): Buffer {
  const own = createHmac("sha256", key).update("nonce").digest();
  return createHmac("sha256", own).update(JSON.stringify(parts)).digest().subarray(0, NONCE_BYTES);
}
