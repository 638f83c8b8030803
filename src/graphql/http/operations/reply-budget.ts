import { GraphQLError, getNamedType, isLeafType, type GraphQLResolveInfo } from "graphql";
import { MIB } from "../../../lib/bytes.ts";

/** Smaller replies are not counted against the memory of all replies. */
const SMALL = 64 * 1024;
/** Approximate bytes of a number, a boolean or null. */
const ABOUT_A_NUMBER = 8;
const DATE_TIME_BYTES = 26;

/**
 * Counts the bytes of all replies of a process that are being built, or wait until their clients
 * read them.
 */
export class ReplyMemory {
  #held = 0;

  constructor(
    readonly limit: number,
    /** Called if bytes did not fit. */
    private readonly onFull: () => void = () => undefined,
  ) {}

  get held(): number {
    return this.#held;
  }

  get isFull(): boolean {
    return this.#held > this.limit;
  }

  /** Reserves bytes unless they are over the limit. Returns whether it did. */
  take(bytes: number): boolean {
    if (this.#held + bytes > this.limit) {
      this.onFull();
      return false;
    }
    this.#held += bytes;
    return true;
  }

  /** Counts bytes that are in memory already. */
  add(bytes: number): void {
    this.#held += bytes;
    if (this.isFull) this.onFull();
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }
}

/**
 * Counts the bytes of one reply while its fields are resolved, so that a reply that grows too large
 * ends early: from then on no field is resolved, nothing is loaded, and nothing is serialized. The
 * count is close to the length of the JSON, not equal.
 */
export class ReplyBudget {
  #bytes = 0;
  #taken = SMALL;
  #closed = false;
  #refusal: GraphQLError | null = null;
  /**
   * What fields with an alias resolved to, by their object and name: asked for under many names,
   * they resolve once.
   */
  readonly #aliased = new WeakMap<object, Map<string, unknown>>();
  /** A value that is selected under several names is measured once. */
  readonly #measured = new WeakMap<object, number>();

  constructor(
    private readonly limit: number,
    private readonly memory: ReplyMemory,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** The error that is sent instead of the reply. Null while the reply is within its limits. */
  get refusal(): GraphQLError | null {
    return this.#refusal;
  }

  /**
   * Counts the value of a field. Returns false if the reply is refused: it is too large, or all
   * replies together are.
   */
  count(value: unknown, { returnType, path }: Pick<GraphQLResolveInfo, "returnType" | "path">): boolean {
    // The fields of a list are resolved together: many are in progress when the first one exceeds
    // the limit.
    if (this.#refusal) return false;
    const name = String(path.key).length + 4;
    this.#add(name + (isLeafType(getNamedType(returnType)) ? this.#sizeOf(value) : 2));
    return this.#refusal === null;
  }

  /** What a field of an object resolves to under any alias. */
  once(source: object, field: string, resolve: () => unknown): unknown {
    let fields = this.#aliased.get(source);
    if (!fields) this.#aliased.set(source, (fields = new Map()));
    if (!fields.has(field)) fields.set(field, resolve());
    return fields.get(field);
  }

  /** Sets the actual size of the reply, and reserves memory for it. */
  settle(bytes: number): void {
    this.#bytes = bytes;
    this.#hold(bytes);
  }

  /** Refuses the reply for its size. */
  refuse(): GraphQLError {
    return (this.#refusal ??= tooLarge(this.limit));
  }

  /** Releases the memory. A second call does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#hold(0);
    this.#closed = true;
  }

  #add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.limit) this.refuse();
    else if (this.#bytes > this.#taken && !this.#closed) this.#takeMore();
  }

  #takeMore(): void {
    const step = Math.max(SMALL, this.#bytes - this.#taken);
    if (this.memory.take(step)) this.#taken += step;
    else this.#refusal ??= memoryFull(this.memory.limit);
  }

  #hold(bytes: number): void {
    if (this.#closed) return;
    const taken = Math.max(SMALL, bytes);
    if (taken > this.#taken) this.memory.add(taken - this.#taken);
    else this.memory.release(this.#taken - taken);
    this.#taken = taken;
  }

  #sizeOf(value: unknown): number {
    if (typeof value === "string") return 2 + (value.length < 64 ? value.length : Buffer.byteLength(value));
    if (typeof value !== "object" || value === null) return ABOUT_A_NUMBER;
    if (value instanceof Date) return DATE_TIME_BYTES;
    const known = this.#measured.get(value);
    if (known !== undefined) return known;
    const size = Buffer.byteLength(JSON.stringify(value) ?? "");
    this.#measured.set(value, size);
    return size;
  }
}

function tooLarge(limit: number): GraphQLError {
  const message =
    `The reply is over ${inMebibytes(limit)} (maxReplySize) and was not sent. ` +
    `Request fewer rows, or fewer large fields such as result. The changes of a mutation are kept.`;
  return new GraphQLError(message, {
    extensions: { code: "REPLY_TOO_LARGE", limit, http: { status: 400 } },
  });
}

function memoryFull(limit: number): GraphQLError {
  const message = `Replies of ${inMebibytes(limit)} are being built or sent, which is the limit of this server. Try again in a second, or request less data.`;
  const http = { status: 503, headers: new Map([["retry-after", "1"]]) };
  return new GraphQLError(message, { extensions: { code: "SERVICE_UNAVAILABLE", retryAfter: 1, http } });
}

function inMebibytes(bytes: number): string {
  return bytes < MIB ? `${bytes} bytes` : `${Math.round((bytes / MIB) * 10) / 10} MiB`;
}
