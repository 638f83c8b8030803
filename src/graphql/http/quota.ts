/** How many of something may be open at once. */
export interface QuotaLimits {
  readonly total: number;
  /** Of one client: an IPv4 address, or a /64 of IPv6. */
  readonly perAddress: number;
  /** Of all callers that show the same token. */
  readonly perToken: number;
}

type Scope = keyof QuotaLimits;

/** Who wants one more: the scopes that count it, each with the key that it is counted under. */
export type Holder = Readonly<Partial<Record<Scope, string>>>;

/** A limit that is reached. */
export interface Exceeded {
  readonly scope: Scope;
  readonly limit: number;
}

/** Gives back what was taken; a second call does nothing. */
export type Release = () => void;

/** Counts what is open, in total, by address and by token, and takes no more than the limits. */
export class Quota {
  readonly #open = new Map<string, number>();

  constructor(private readonly limits: QuotaLimits) {}

  /** Takes one for all scopes of the holder, or for none. */
  take(holder: Holder): Release | Exceeded {
    const exceeded = this.exceededBy(holder);
    if (exceeded) return exceeded;
    const keys = keysOf(holder);
    for (const key of keys) this.#open.set(key, this.#count(key) + 1);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      for (const key of keys) this.#release(key);
    };
  }

  /** The first limit that stands in the way of one more. */
  exceededBy(holder: Holder): Exceeded | null {
    for (const scope of scopesOf(holder)) {
      const limit = this.limits[scope];
      if (this.#count(keyOf(scope, holder)) >= limit) return { scope, limit };
    }
    return null;
  }

  #count(key: string): number {
    return this.#open.get(key) ?? 0;
  }

  #release(key: string): void {
    const left = this.#count(key) - 1;
    // Addresses that are gone leave nothing behind.
    if (left > 0) this.#open.set(key, left);
    else this.#open.delete(key);
  }
}

const SCOPES = ["perAddress", "perToken", "total"] as const satisfies readonly Scope[];

function scopesOf(holder: Holder): Scope[] {
  return SCOPES.filter((scope) => holder[scope] !== undefined);
}

function keysOf(holder: Holder): string[] {
  return scopesOf(holder).map((scope) => keyOf(scope, holder));
}

function keyOf(scope: Scope, holder: Holder): string {
  return `${scope} ${holder[scope]}`;
}

const WORDS: Readonly<Record<Scope, string>> = {
  total: "in all",
  perAddress: "for each address",
  perToken: "for each token",
};

/** A reached limit for the caller, and for those who run the server. */
export function quotaMessage(what: string, setting: string, { scope, limit }: Exceeded): string {
  return `${limit} ${what} are open, which is the limit ${WORDS[scope]}. Close some, or raise ${setting} (${scope}).`;
}
