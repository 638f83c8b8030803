import { GraphQLError, getNamedType, isLeafType, type GraphQLResolveInfo } from "graphql";
import { MIB } from "../lib/bytes.ts";

/** A reply of fewer bytes costs too little to be counted with those of others. */
const SMALL = 64 * 1024;
/** Name, quotes, colon and comma of a field whose value is a number, a boolean or null: about so many bytes. */
const ABOUT_A_NUMBER = 8;
const DATE_TIME_BYTES = 26;

/** Bytes of all replies of a process that are being made, or wait for their clients to read them. */
export class ReplyMemory {
  #held = 0;

  constructor(
    readonly limit: number,
    /** Called when something did not fit. */
    private readonly onFull: () => void = () => undefined,
  ) {}

  get held(): number {
    return this.#held;
  }

  get isFull(): boolean {
    return this.#held > this.limit;
  }

  /** Takes so many bytes, unless they are over the limit. */
  take(bytes: number): boolean {
    if (this.#held + bytes > this.limit) {
      this.onFull();
      return false;
    }
    this.#held += bytes;
    return true;
  }

  /** Counts bytes that are there already. */
  add(bytes: number): void {
    this.#held += bytes;
    if (this.isFull) this.onFull();
  }

  release(bytes: number): void {
    this.#held -= bytes;
  }
}

/**
 * Counts the bytes of one reply while its fields are resolved, so that one that grows too large ends early: from then on no field
 * is resolved, nothing more is loaded, and nothing is serialized. What it counts is close to the length of the JSON, not equal to it.
 */
export class ReplyBudget {
  #bytes = 0;
  #taken = SMALL;
  #closed = false;
  #refusal: GraphQLError | null = null;
  /** What fields with an alias resolved to, by their object and name: asked for under many names, they resolve once. */
  readonly #aliased = new WeakMap<object, Map<string, unknown>>();
  /** A value that is asked for under several names is measured once. */
  readonly #measured = new WeakMap<object, number>();

  constructor(
    private readonly limit: number,
    private readonly memory: ReplyMemory,
  ) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** Why the reply is not sent; null while nothing is wrong. */
  get refusal(): GraphQLError | null {
    return this.#refusal;
  }

  /** Counts what a field resolved to. False when the reply is refused: for its size, or because all replies together are too large. */
  count(value: unknown, { returnType, path }: Pick<GraphQLResolveInfo, "returnType" | "path">): boolean {
    // The fields of a list are resolved together: many are under way when one of them is the first that is too much.
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

  /** Says how many bytes the reply has in truth, and keeps that much memory for it. */
  settle(bytes: number): void {
    this.#bytes = bytes;
    this.#hold(bytes);
  }

  /** Refuses the reply for its size. */
  refuse(): GraphQLError {
    return (this.#refusal ??= tooLarge(this.limit));
  }

  /** Gives the memory back; a second call does nothing. */
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
