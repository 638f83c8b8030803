import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  getOperationAST,
  GraphQLError,
  type GraphQLFormattedError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import { toError } from "../../../lib/thrown.ts";
import type { CostLimiter, CostReport } from "../../cost/cost-limiter.ts";
import { Quota, type QuotaLimits, quotaMessage } from "../access/quota.ts";
import type { Documents } from "../documents/documents.ts";
import { checkVariables } from "../documents/graphql-params.ts";
import type { DocumentRequest, TrustedDocuments } from "../documents/trusted-documents.ts";
import { checkLargeVariables } from "../documents/large-variables.ts";
import { type ErrorFormatter, limitErrors } from "../errors/format-error.ts";
import { HttpRefusal } from "../errors/refusal.ts";
import type { Replies, RequestInfo } from "./replies.ts";
import { type ResponseStream, SharedExecutions } from "./shared-executions.ts";

export interface OperationParts {
  readonly schema: GraphQLSchema;
  readonly documents: Documents;
  /** Null if any document may be executed. */
  readonly trusted: TrustedDocuments | null;
  readonly costs: CostLimiter;
  readonly formatError: ErrorFormatter;
  readonly subscriptionLimits: QuotaLimits;
  readonly replies: Replies;
  readonly createContext: (request: RequestInfo) => RequestInfo;
}

/** The caller of a subscription. */
export interface Subscriber {
  readonly actor: string | null;
  /** The client address by which limits count. */
  readonly network: string;
}

interface Payload extends DocumentRequest {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * Operations outside of Apollo: those of WebSockets, and subscriptions over HTTP. Both have the same
 * checks and count towards the same limits.
 */
export class Operations {
  readonly #shared: SharedExecutions;
  readonly #quota: Quota;
  /** By the operation's context. */
  readonly #costs = new WeakMap<object, CostReport>();

  constructor(private readonly parts: OperationParts) {
    this.#shared = new SharedExecutions(parts.replies);
    this.#quota = new Quota(parts.subscriptionLimits);
  }

  /**
   * Returns what to execute, or the errors of validation.
   * @throws GraphQLError or HttpRefusal for another reason not to execute
   */
  prepare(payload: Payload, info: RequestInfo): ExecutionArgs | readonly GraphQLError[] {
    const { parts } = this;
    checkVariables(payload.variables);
    const document = readDocument(parts.documents, parts.trusted?.textOf(payload) ?? payload.query);
    const invalid = parts.documents.validate(document);
    if (invalid.length > 0) return invalid.map((error) => withCode(error, "GRAPHQL_VALIDATION_FAILED"));
    const operation = findOperation(document, payload.operationName);
    const contextValue = parts.createContext(info);
    this.#costs.set(contextValue, parts.costs.check(document, operation, payload.variables));
    checkLargeVariables(parts.schema, operation, payload.variables);
    return {
      schema: parts.schema,
      document,
      operationName: payload.operationName ?? null,
      variableValues: payload.variables ?? null,
      contextValue,
    };
  }

  /** Returns the cost of a prepared operation. */
  costOf({ contextValue }: ExecutionArgs): CostReport | undefined {
    return this.#costs.get(contextValue as object);
  }

  /**
   * Subscribes within the limits.
   * @param source what opens the source, if other arguments than those of the payloads do
   */
  subscribe(
    args: ExecutionArgs,
    { actor, network }: Subscriber,
    source = args,
  ): Promise<ResponseStream | ExecutionResult> | ExecutionResult {
    const token = actor === null ? {} : { perToken: actor };
    const taken = this.#quota.take({ total: "", perAddress: network, ...token });
    if (typeof taken === "function") return this.#shared.subscribe(args, actor, taken, source);
    const message = quotaMessage("subscriptions", "LOVAGE_SUBSCRIPTION_LIMITS", taken);
    return { errors: [new GraphQLError(message, { extensions: { code: "SUBSCRIPTION_LIMIT" } })] };
  }

  formatErrors(errors: readonly GraphQLError[], requestId: string): readonly GraphQLFormattedError[] {
    return limitErrors(errors.map((error) => this.parts.formatError(error, requestId)));
  }
}

function readDocument(documents: Documents, query: string): DocumentNode {
  let read: ReturnType<Documents["read"]>;
  try {
    read = documents.read(query);
  } catch (error) {
    throw withCode(asGraphQLError(error), "GRAPHQL_PARSE_FAILED");
  }
  if ("code" in read) throw new HttpRefusal(400, read.code, read.message);
  return read;
}

function findOperation(document: DocumentNode, name: string | null | undefined): OperationDefinitionNode {
  const operation = getOperationAST(document, name);
  if (operation) return operation;
  const message = name ? `Unknown operation named "${name}".` : "Must provide operation name.";
  throw new GraphQLError(message, { extensions: { code: "OPERATION_RESOLUTION_FAILURE" } });
}

export function asGraphQLError(thrown: unknown): GraphQLError {
  if (thrown instanceof GraphQLError) return thrown;
  if (thrown instanceof HttpRefusal) {
    return new GraphQLError(thrown.message, { extensions: { code: thrown.code } });
  }
  const originalError = toError(thrown);
  return new GraphQLError(originalError.message, { originalError });
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  const { message, nodes, source, positions, originalError, extensions } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    originalError: originalError ?? null,
    extensions: { ...extensions, code },
  });
}
