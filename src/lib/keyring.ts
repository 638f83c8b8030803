import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

export interface KeyringKey {
  /** Stands in front of what it sealed: 1 to 32 letters, digits, "_" or "-". */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

/** Thrown for a text that none of the keys opens. Says nothing of what it holds. */
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

/** Seals texts with AES-256-GCM: `keyId.base64url(nonce, ciphertext, tag)`. The first key seals, all of them open. */
export class Keyring {
  constructor(private readonly keys: readonly [KeyringKey, ...KeyringKey[]]) {}

  /** @param about what the text belongs to: it opens for nothing else */
  seal(text: string, about: string): string {
    return sealWith(this.keys[0], text, about, randomBytes(NONCE_BYTES));
  }

  /**
   * What each of the keys makes of a text, the first one's first: equal for equal texts, so that they can be compared without being opened. The
   * nonce is an HMAC of all that goes in, by a key of its own: so two different inputs do not meet in one nonce, and who has no key can not
   * try out what the text may be. Unlike `seal` it tells that two texts with one salt are equal.
   */
  sealComparably(text: string, about: string, salt: string): readonly string[] {
    return this.keys.map((key) => sealWith(key, text, about, nonceOf(key, [about, salt, text])));
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
