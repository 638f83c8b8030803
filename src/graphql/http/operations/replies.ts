import {
  execute,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLError,
  OperationTypeNode,
} from "graphql";
import { type Release, Semaphore } from "../../../lib/async/semaphore.ts";
import { operationEnded } from "./deadline.ts";
import { stringifyInSlices } from "../../../lib/json/json-slices.ts";
import { ReplyBudget, type ReplyMemory } from "./reply-budget.ts";

/**
 * Queries of at least this cost run one at a time. One of them blocks the event loop for tens of
 * milliseconds at a time.
 */
const DEAR = 1_000;
const DEAR_AT_ONCE = 1;
const DEAR_REST_MS = 500;

/** Replies of at least this many bytes are serialized in slices. */
const LARGE = 256 * 1024;

/** The request of an operation. */
export interface RequestInfo {
  /** UUIDv7; the reply carries it as `x-request-id`, its errors as `extensions.requestId`. */
  readonly requestId: string;
  readonly actor: string | null;
  /** The budget of the reply. On a WebSocket each execution has a separate one. @default none */
  readonly reply?: ReplyBudget;
}

/** The sender of an operation. */
export interface OperationCaller {
  /** The client address by which limits count. */
  readonly network: string;
  /** Aborted when nobody waits for the reply anymore. */
  readonly ended: AbortSignal;
}

/** A result as JSON, with its data already serialized. */
export function withData({ data: _data, ...rest }: FormattedExecutionResult, data: Buffer): Buffer {
  const others = JSON.stringify(rest);
  return Buffer.concat([
    Buffer.from('{"data":'),
    data,
    Buffer.from(others === "{}" ? "}" : `,${others.slice(1)}`),
  ]);
}

/**
 * Builds replies within their budgets, and serializes large ones without blocking the event loop.
 */
export class Replies {
  /** The `data` of large results, as JSON. */
  readonly #texts = new WeakMap<object, Buffer>();
  /** By address. */
  readonly #dear = new Semaphore({
    permits: DEAR_AT_ONCE,
    maxRestMs: DEAR_REST_MS,
    errors: { aborted: operationEnded },
  });
  /**
   * Resolves when no large reply is being serialized. Two at once would double the time of each
   * turn.
   */
  #serializing: Promise<unknown> = Promise.resolve();

  constructor(
    /** Of one reply. */
    readonly maxBytes: number,
    readonly memory: ReplyMemory,
  ) {}

  /**
   * Resolves when an operation of the given cost may run. Costly queries run one at a time, so that
   * others do not wait for all of them. The addresses that send them take turns.
   *
   * @throws GraphQLError if the operation ended before its turn
   */
  async admit(
    { operation, cost }: { readonly operation: OperationTypeNode; readonly cost: number },
    { network, ended }: OperationCaller,
  ): Promise<Release> {
    const isDear = operation === OperationTypeNode.QUERY && cost >= DEAR;
    return isDear ? this.#dear.acquire({ key: network, signal: ended }) : () => undefined;
  }

  /** Opens the budget of one reply. The caller closes it. */
  open(): ReplyBudget {
    return new ReplyBudget(this.maxBytes, this.memory);
  }

  /**
   * Executes like graphql-js's `execute`, with a separate budget. A result that is too large
   * becomes one error.
   */
  execute = async (args: ExecutionArgs): Promise<ExecutionResult> => {
    const reply = this.open();
    try {
      const result = await execute({ ...args, contextValue: { ...(args.contextValue as object), reply } });
      const refusal = await this.prepare(result, reply);
      return refusal ? { errors: [refusal] } : result;
    } finally {
      reply.close();
    }
  };

  /**
   * Serializes the data of a large result, for {@link textOf}. Returns an error if the result must
   * not be sent.
   */
  async prepare(result: Pick<ExecutionResult, "data">, reply: ReplyBudget): Promise<GraphQLError | null> {
    if (reply.refusal) return reply.refusal;
    if (reply.bytes < LARGE || !result.data) return null;
    const text = await this.#serialize(result.data);
    if (text === null) return reply.refuse();
    reply.settle(text.length);
    this.#texts.set(result.data, text);
    return null;
  }

  isLarge(result: ExecutionResult): boolean {
    return this.textOf(result) !== undefined;
  }

  /** Returns the `data` of a large result as JSON, or undefined for a small one. */
  textOf({ data }: Pick<ExecutionResult, "data">): Buffer | undefined {
    return data ? this.#texts.get(data) : undefined;
  }

  async #serialize(data: object): Promise<Buffer | null> {
    const serialized = this.#serializing.then(() => stringifyInSlices(data, this.maxBytes));
    this.#serializing = serialized.catch(() => undefined);
    return serialized;
  }
}
