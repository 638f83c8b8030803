/** Limits of the number of open connections, sockets or subscriptions. */
export interface QuotaLimits {
  readonly total: number;
  /** Maximum of one client: an IPv4 address, or a /64 of IPv6. */
  readonly perAddress: number;
  /** Maximum of all callers with the same token. */
  readonly perToken: number;
}

type Scope = keyof QuotaLimits;

/** The holder of one: the scopes that count it, each with its key. */
export type Holder = Readonly<Partial<Record<Scope, string>>>;

/** A limit that was reached. */
export interface Exceeded {
  readonly scope: Scope;
  readonly limit: number;
}

/** Releases one. A second call does nothing. */
export type Release = () => void;

/** Counts open ones in total, by address and by token, within the limits. */
export class Quota {
  readonly #open = new Map<string, number>();

  constructor(private readonly limits: QuotaLimits) {}

  /** Takes one in all scopes of the holder, or in none. */
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

  /** Returns the first limit that does not allow one more. */
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
    // Keys without open ones are removed.
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

/** Returns the message of a reached limit, for the caller and the operator. */
export function quotaMessage(what: string, setting: string, { scope, limit }: Exceeded): string {
  return `${limit} ${what} are open, which is the limit ${WORDS[scope]}. Close some, or raise ${setting} (${scope}).`;
}
