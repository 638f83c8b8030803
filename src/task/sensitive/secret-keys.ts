import type { Json } from "../../lib/json/json.ts";
import { keysOfPointer, type Secrets, type SensitivePath, type SplitInput } from "./sensitive.ts";

/** Makes a digest that only holders of a key can make; null where there are no keys. */
export type Digest = (purpose: string, text: string) => string | null;

/** Thrown where a key is made of a sensitive field and cannot be kept from being tried out. */
class NoKeysError extends Error {
  override readonly name = "NoKeysError";

  constructor() {
    super(
      "it is made of a sensitive field, and there are no encryption keys. Set encryptionKeys (LOVAGE_ENCRYPTION_KEYS)",
    );
  }
}

/**
 * Unique keys and keys of limits are stored and shown as they are, or as plain hashes: of a short
 * value anybody could find out what it is. So one that is made of a sensitive field is stored as a
 * keyed digest.
 */
export class SecretKeys {
  constructor(
    private readonly secrets: Secrets,
    private readonly sensitive: readonly SensitivePath[],
    private readonly digest: Digest,
  ) {}

  /**
   * A key that a function makes of an input: as it is, or its digest where the function read a
   * sensitive value.
   * @throws NoKeysError; what the function throws
   */
  ofFunction<Key>(
    purpose: string,
    input: unknown,
    make: (input: unknown) => Key,
    text: (key: Key) => string,
  ): {
    readonly key: Key;
    readonly digest: string | null;
  } {
    let read = false;
    const key = make(watch(input, this.secrets, () => (read = true)));
    const isKey = key !== null && key !== undefined;
    return { key, digest: read && isKey ? this.#digestOf(purpose, text(key)) : null };
  }

  /**
   * The digest of what is at a path of an input; null where that is not sensitive.
   * @throws NoKeysError
   */
  ofPath(purpose: string, path: string, value: Json): string | null {
    const isSensitive = this.sensitive.some((sensitive) => overlap(path.split("."), sensitive));
    return isSensitive ? this.#digestOf(purpose, JSON.stringify(value)) : null;
  }

  #digestOf(purpose: string, text: string): string {
    const digest = this.digest(purpose, text);
    if (digest === null) throw new NoKeysError();
    return digest;
  }
}

/** Returns what makes the keys of an input; null if its definition has no sensitive fields. */
export function secretKeysOf(
  sensitive: readonly SensitivePath[],
  split: SplitInput | null,
  digest: Digest,
): SecretKeys | null {
  return sensitive.length === 0 ? null : new SecretKeys(split?.secrets ?? {}, sensitive, digest);
}

/** Whether one of two paths leads to, into, or around what the other leads to. */
export function overlap(path: readonly string[], sensitive: SensitivePath): boolean {
  return sensitive.every((key, index) => key === "*" || path[index] === undefined || path[index] === key);
}

/**
 * The same value, which reports when a sensitive one in it is read. A schema may have made another
 * value of one, or moved it: as far as that shows at its path, it counts as read.
 */
function watch(value: unknown, secrets: Secrets, onRead: () => void): unknown {
  const root = { value };
  const copies = new Set<unknown>([root]);
  for (const [pointer, secret] of Object.entries(secrets))
    watchOne(root, ["value", ...keysOfPointer(pointer)], { secret, copies, onRead });
  return root.value;
}

type Holder = Record<string, unknown>;

function watchOne(
  root: Holder,
  path: readonly string[],
  {
    secret,
    copies,
    onRead,
  }: { readonly secret: Json; readonly copies: Set<unknown>; readonly onRead: () => void },
): void {
  let holder = root;
  for (const key of path.slice(0, -1)) {
    const inner = holder[key];
    if (inner === null || inner === undefined) return;
    const copy = copies.has(inner) ? (inner as Holder) : copyOf(inner);
    if (copy === null) return onRead();
    copies.add(copy);
    holder[key] = copy;
    holder = copy;
  }
  const last = path.at(-1)!;
  if (!Object.hasOwn(holder, last)) return;
  const found = holder[last];
  if (JSON.stringify(found) !== JSON.stringify(secret)) onRead();
  const get = (): unknown => {
    onRead();
    return found;
  };
  Object.defineProperty(holder, last, { get, enumerable: true, configurable: true });
}

function copyOf(value: unknown): Holder | null {
  if (Array.isArray(value)) return [...(value as unknown[])] as unknown as Holder;
  if (typeof value !== "object" || value === null) return null;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? { ...(value as Holder) } : null;
}
