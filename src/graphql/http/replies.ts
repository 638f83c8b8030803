import {
  execute,
  type ExecutionArgs,
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLError,
  OperationTypeNode,
} from "graphql";
import { type Release, Semaphore } from "../../lib/semaphore.ts";
import { operationEnded } from "./deadline.ts";
import { stringifyInSlices } from "../../lib/json-slices.ts";
import { ReplyBudget, type ReplyMemory } from "../reply-budget.ts";

/** Queries that cost at least so much wait for each other. One such keeps the event loop for some tens of milliseconds at a time. */
const DEAR = 1_000;
const DEAR_AT_ONCE = 1;
const DEAR_REST_MS = 500;

/** Replies of at least so many bytes are serialized in slices. */
const LARGE = 256 * 1024;

/** Who sent an operation. */
export interface OperationCaller {
  /** Where it comes from, as limits count it. */
  readonly network: string;
  /** Aborted when nobody waits for the reply any more. */
  readonly ended: AbortSignal;
}

/** A result as JSON, with its data as text already. */
export function withData({ data: _data, ...rest }: FormattedExecutionResult, data: Buffer): Buffer {
  const others = JSON.stringify(rest);
  return Buffer.concat([
    Buffer.from('{"data":'),
    data,
    Buffer.from(others === "{}" ? "}" : `,${others.slice(1)}`),
  ]);
}

/** Makes replies within their budgets, and serializes large ones without keeping the event loop. */
export class Replies {
  /** The `data` of large results, as JSON. */
  readonly #texts = new WeakMap<object, Buffer>();
  /** By address. */
  readonly #dear = new Semaphore({
    permits: DEAR_AT_ONCE,
    maxRestMs: DEAR_REST_MS,
    errors: { aborted: operationEnded },
  });
  /** Resolves when no large reply is being serialized: two at once would take twice as much of each turn. */
  #serializing: Promise<unknown> = Promise.resolve();

  constructor(
    /** Of one reply. */
    readonly maxBytes: number,
    readonly memory: ReplyMemory,
  ) {}

  /**
   * Resolves when an operation of such a cost may run. Costly queries run one at a time, so that nothing else
   * waits for all of them, and the addresses that send them take turns.
   *
   * @throws GraphQLError when the operation has ended before its turn
   */
  async admit(
    { operation, cost }: { readonly operation: OperationTypeNode; readonly cost: number },
    { network, ended }: OperationCaller,
  ): Promise<Release> {
    const isDear = operation === OperationTypeNode.QUERY && cost >= DEAR;
    return isDear ? this.#dear.acquire({ key: network, signal: ended }) : () => undefined;
  }

  /** A budget for one reply. Whoever opens it closes it. */
  open(): ReplyBudget {
    return new ReplyBudget(this.maxBytes, this.memory);
  }

  /** As graphql-js's `execute`, under a budget of its own. A result that is too large becomes one error. */
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

  /** Serializes the data of a large result, for {@link textOf}. Returns why the result is not to be sent, if so. */
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

  /** The `data` of a large result as JSON; undefined for a small one. */
  textOf({ data }: Pick<ExecutionResult, "data">): Buffer | undefined {
    return data ? this.#texts.get(data) : undefined;
  }

  async #serialize(data: object): Promise<Buffer | null> {
    const serialized = this.#serializing.then(() => stringifyInSlices(data, this.maxBytes));
    this.#serializing = serialized.catch(() => undefined);
    return serialized;
  }
}
